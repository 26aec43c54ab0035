"""Which changed property is what: one table, whose first fitting row decides."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tools.review.findings import Kind
from tools.review.leaves import ABSENT, Change
from tools.review.schedules import rarer

Judge = Callable[[Any, Any], bool]

_OFF: tuple[Any, ...] = (False, "false", "False", "Disabled", "DISABLED", "Suspended", "", [], {})


def lost(before: Any, after: Any) -> bool:
    """What was there or on is so no more."""
    return _is_on(before) and not _is_on(after)


def gained(before: Any, after: Any) -> bool:
    """What was not there, or off, is there."""
    return lost(after, before)


def _is_on(value: Any) -> bool:
    # To Python, 0 is False; to a template it is a number.
    return value is not ABSENT and not any(value == off and type(value) is type(off) for off in _OFF)


def lowered(before: Any, after: Any) -> bool:
    """A number is smaller, or there for the first time: before, there was no end to it."""
    old, new = _number(before), _number(after)
    return new is not None and (before is ABSENT or (old is not None and old > new))


def fewer(before: Any, after: Any) -> bool:
    """A number is smaller, or something of a list is missing."""
    if isinstance(before, list) and isinstance(after, list):
        return any(item not in after for item in before)
    return lost(before, after) or (_number(before) is not None and lowered(before, after))


def raised(before: Any, after: Any) -> bool:
    """A number is greater, or gone."""
    old, new = _number(before), _number(after)
    return old is not None and (after is ABSENT or (new is not None and new > old))


def changed(before: Any, after: Any) -> bool:
    """Whatever it was, it is something else."""
    return bool(before != after)


def left(value: str) -> Judge:
    """It had this value, or one that begins so, and has it no more."""
    return lambda before, after: str(before).startswith(value) and not str(after).startswith(value)


def switched_off(before: Any, after: Any) -> bool:
    """It is off now. What a template does not say of it is on."""
    return after is not ABSENT and not _is_on(after) and (before is ABSENT or _is_on(before))


def another(before: Any, after: Any) -> bool:
    """What was there is something else, or gone."""
    return _is_on(before) and bool(before != after)


def more(before: Any, after: Any) -> bool:
    """A list has something more."""
    return isinstance(after, list) and any(item not in (before or []) for item in after)


def more_by_name(before: Any, after: Any) -> bool:
    """A list has something more that no template holds; what one holds is compared by its statements."""
    return isinstance(after, list) and any(
        "${" not in str(item) for item in after if item not in (before or [])
    )


def sooner(before: Any, after: Any) -> bool:
    """What ends or moves something: new, or another one, and not a greater number."""
    return not raised(before, after) and not lost(before, after)


def quieter(before: Any, after: Any) -> bool:
    """Of an alarm without data, by what it does then."""
    old, new = (_SILENCE.get(str(each or "missing"), 0) for each in (before, after))
    return new < old


def unlocked(before: Any, after: Any) -> bool:
    """A key of KMS encrypted it, and does no more."""
    return "kms" in str(before).lower() and "kms" not in str(after).lower()


def approved(before: Any, after: Any) -> bool:
    """Nobody has to decide any more."""
    return bool(before != "Approved" and after == "Approved")


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
_SILENCE = {"breaching": 3, "missing": 2, "ignore": 1, "notBreaching": 0}


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


class Rule(NamedTuple):
    """Properties of some types, whose change in one direction is of a kind."""

    kind: Kind
    types: str
    path: str
    judge: Judge

    def fits(self, type_name: str, change: Change) -> bool:
        return (
            re.search(self.types, type_name) is not None
            and re.search(self.path, change.path) is not None
            and self.judge(change.before, change.after)
        )


_ANY, _ALARM, _BUDGET = "", r"^AWS::CloudWatch::(Composite)?Alarm$", r"^AWS::Budgets::Budget$"
_SERVED = r"^AWS::(SageMaker|ApplicationAutoScaling)::"
_RULE, _MACHINE = r"^AWS::Events::Rule$", r"^AWS::StepFunctions::StateMachine$"
_WITH_CODE = r"^AWS::(CodeBuild|Lambda|SSM::Document|Glue::Job|SageMaker::\w+LifecycleConfig)"
_JOBS = r"^AWS::(SageMaker::(Pipeline|Monitoring|\w+Job)|StepFunctions::|DataBrew::Job|Glue::)"

_WATCHED = (
    r"^(MetricName|Namespace|Dimensions|Metrics|(Extended)?Statistic|ComparisonOperator|AlarmRule|Unit)\b"
    r"(?!.*\.Label$)"
)
_AT_ONCE = r"(CanarySize|LinearStepSize|MaximumBatchSize)(\.(Value|Type))?$"

RULES = (
    Rule(Kind.PERMISSIONS, r"^AWS::(?!IAM::)", r"(^|\.)\w*Role(Arn|ARN)?$", changed),
    Rule(
        Kind.PERMISSIONS,
        _ANY,
        r"(^|\.)(GuardrailPolicies|ClientIdList|ThumbprintList|Principals|VpcOnlyTrustedAccounts)$",
        more,
    ),
    Rule(
        Kind.PERMISSIONS, _ANY, r"(^|\.)(AccessControl|PrivilegedMode|RootAccess|EnableDockerAccess)$", gained
    ),
    Rule(Kind.PERMISSIONS, r"Policy$", r"^(Roles|Users|Groups)$", more_by_name),
    Rule(Kind.PERMISSIONS, r"Policy$", r"^(Queues|Topics)$", changed),
    Rule(Kind.PERMISSIONS, r"^AWS::IAM::Role$", r"^MaxSessionDuration$", raised),
    Rule(
        Kind.NETWORK, _ANY, r"(EnableNetworkIsolation|NetworkConfig|VpcConfig|PrivateDnsEnabled)(\.|$)", lost
    ),
    Rule(Kind.NETWORK, _ANY, r"(VpcConfig\.(SecurityGroupIds|Subnets)|(^|\.)SecurityGroups)$", changed),
    Rule(Kind.NETWORK, _ANY, r"AppNetworkAccessType$", left("VpcOnly")),
    Rule(Kind.NETWORK, _ANY, r"DirectInternetAccess$", left("Disabled")),
    Rule(Kind.NETWORK, _ANY, r"(MapPublicIpOnLaunch|AssociatePublicIpAddress|PubliclyAccessible)$", gained),
    Rule(Kind.NETWORK, r"^AWS::EC2::VPCEndpoint$", r"^SecurityGroupIds$", changed),
    Rule(Kind.PROTECTION, _ANY, r"(Logging|LogsConfig|AccessLog|Tracing)\w*(\.|$)", lost),
    Rule(Kind.PROTECTION, r"^AWS::StepFunctions::", r"^LoggingConfiguration\.Level$", left("ALL")),
    Rule(Kind.PROTECTION, _ANY, r"(?i)(kms|encrypt|sse(algorithm|specification))", lost),
    Rule(Kind.PROTECTION, _ANY, r"(?i)(kms\w*(key|id)\w*|encryptionkey|targetkeyid)$", another),
    Rule(Kind.PROTECTION, _ANY, r"(SSEAlgorithm|Encryption(Option|Mode|Type))$", unlocked),
    Rule(Kind.PROTECTION, r"^AWS::SQS::Queue$", r"^SqsManagedSseEnabled$", switched_off),
    Rule(Kind.PROTECTION, r"^AWS::KMS::Key$", r"^Enabled$", switched_off),
    Rule(Kind.PROTECTION, _ANY, r"EnableKeyRotation$", lost),
    Rule(
        Kind.PROTECTION, _ANY, r"PublicAccessBlock|ObjectLock|OwnershipControls|RequireTLS|EnforceSSL", lost
    ),
    Rule(Kind.PROTECTION, _ANY, r"VersioningConfiguration|NotificationConfiguration", lost),
    Rule(Kind.PROTECTION, _ANY, r"^(Deletion|UpdateReplace)Policy$", left("Retain")),
    Rule(Kind.PROTECTION, _ANY, r"^(Deletion|UpdateReplace)Policy$", left("Snapshot")),
    Rule(Kind.PROTECTION, _ANY, r"(DeletionProtection|TerminationProtection)", lost),
    Rule(
        Kind.PROTECTION, _ANY, r"(PointInTimeRecovery|Backup|DeadLetterConfig|RedrivePolicy|ScanOnPush)", lost
    ),
    Rule(Kind.PROTECTION, _ANY, r"(ImageScanning|EnforceWorkGroup|ExecutionRoleIdentity)\w*$", lost),
    Rule(Kind.PROTECTION, _ANY, r"BytesScannedCutoffPerQuery$", raised),
    Rule(
        Kind.PROTECTION, _ANY, r"(RecursiveDeleteOption|EmptyOnDelete|SkipCheck|RegisterNewBaseline)$", gained
    ),
    Rule(Kind.PROTECTION, _ANY, r"ImageTagMutability$", left("IMMUTABLE")),
    Rule(Kind.PROTECTION, _ANY, r"HttpTokens$", left("required")),
    Rule(
        Kind.PROTECTION,
        _ANY,
        r"(RetentionInDays|RetentionPeriod|PendingWindowInDays|ExpirationIn\w*Days)$",
        lowered,
    ),
    Rule(Kind.PROTECTION, r"^AWS::S3::Bucket$", r"^LifecycleConfiguration(?!.*AbortIncomplete)", sooner),
    Rule(Kind.PROTECTION, r"^AWS::ECR::Repository$", r"^LifecyclePolicy(?!.*\.description$)", sooner),
    Rule(Kind.PROTECTION, _ANY, r"(TimeToLive\w*|TtlDuration)(\.|$)", sooner),
    Rule(Kind.PROTECTION, _ANY, r"^DataCaptureConfig(?!\.DestinationS3Uri$)(\.|$)", fewer),
    Rule(Kind.PROTECTION, _ANY, _AT_ONCE, raised),
    Rule(
        Kind.PROTECTION,
        _ANY,
        rf"^(?!.*({_AT_ONCE}|MaximumExecution)).*(AutoRollback|BlueGreenUpdatePolicy|DeploymentConfig)",
        fewer,
    ),
    Rule(Kind.PROTECTION, _ANY, r"TrafficRoutingConfiguration\.Type$", left("CANARY")),
    Rule(Kind.PROTECTION, _ANY, r"TrafficRoutingConfiguration\.Type$", left("LINEAR")),
    Rule(Kind.PROTECTION, _ALARM, r"^ActionsEnabled$", switched_off),
    Rule(Kind.PROTECTION, _ALARM, r"^(AlarmActions|InsufficientDataActions)$", fewer),
    Rule(Kind.PROTECTION, _ALARM, r"^ActionsSuppressor", gained),
    Rule(Kind.PROTECTION, _ALARM, r"^(EvaluationPeriods|DatapointsToAlarm|Period)$", raised),
    Rule(Kind.PROTECTION, _ALARM, r"^TreatMissingData$", quieter),
    Rule(Kind.PROTECTION, _ALARM, _WATCHED, changed),
    Rule(Kind.PROTECTION, _BUDGET, r"(BudgetLimit\.Amount|Notification\.Threshold)$", raised),
    Rule(
        Kind.PROTECTION,
        _BUDGET,
        r"^Budget\.(Cost|Filter|Time|PlannedBudgetLimits|BudgetType|BudgetLimit\.Unit)",
        changed,
    ),
    Rule(Kind.PROTECTION, _BUDGET, r"NotificationsWithSubscribers", fewer),
    Rule(Kind.PROTECTION, r"^AWS::(Scheduler|Events|SageMaker)::", r"^State$", switched_off),
    Rule(Kind.PROTECTION, _ANY, r"ScheduleExpression$", rarer),
    Rule(Kind.PROTECTION, r"^AWS::Scheduler::", r"^EndDate$", changed),
    Rule(Kind.PROTECTION, _RULE, r"^EventPattern(\.|$)", changed),
    Rule(Kind.PROTECTION, _RULE, r"^Targets(\.[^.]+)?$", lost),
    Rule(Kind.PROTECTION, _ANY, r"^SuspendedState(\.|$)", gained),
    Rule(Kind.PROTECTION, _ANY, r"\bLifecycleManagement$|IdleSettings", lost),
    Rule(Kind.PROTECTION, _ANY, r"Approval\w*(\.DefaultValue)?$", approved),
    Rule(Kind.SENT, r"^AWS::(?!EC2::)", r"(^|\.)(Destination\w*|ReplicationConfiguration)(\.|$)", sooner),
    Rule(
        Kind.SENT,
        _ANY,
        r"(^|\.)(\w*S3OutputPath|OutputLocation|ArtifactStoreUri|S3FailurePath|ErrorTopic|SuccessTopic|(Slack|Teams)\w+Id)$",
        changed,
    ),
    Rule(Kind.SENT, r"^AWS::(Events|Scheduler)::", r"^Targets?(\.[^.]+)?(\.Arn)?$", changed),
    Rule(
        Kind.MODEL,
        _ANY,
        r"(ModelPackageName|ModelPackageArn|ModelDataUrl|ModelDataSource\.S3DataSource\.S3Uri)$",
        changed,
    ),
    Rule(Kind.HYPERPARAMETERS, _ANY, r"HyperParameters(\.|$)", changed),
    Rule(Kind.IMAGES, _ANY, r"(ImageUri|TrainingImage|\bImage)$", changed),
    Rule(
        Kind.CODE,
        _WITH_CODE,
        r"^(Source|Code|Handler|Layers|Runtime|Content|On(Start|Create)|Command|DefaultArguments|StudioLifecycleConfigContent)(\.|$)",
        changed,
    ),
    Rule(
        Kind.INSTANCES,
        _ANY,
        r"(Instance(Type|Count)\w*|MinCapacity|MaxCapacity|VolumeSizeInGB|ScheduledActions.*)(\.DefaultValue)?$",
        changed,
    ),
    Rule(
        Kind.INSTANCES,
        _ANY,
        r"(CopyCount|\w+RequiredInMb|NumberOf\w+Required|InitialVariantWeight|\w*Concurren\w+|MemorySizeInMB|ScalingAdjustment)$",
        changed,
    ),
    Rule(Kind.THRESHOLDS, r"^AWS::SageMaker::Pipeline$", r"(Threshold|Arguments\.Conditions)", changed),
    Rule(Kind.THRESHOLDS, _MACHINE, r"\.Numeric(Greater|Less|Equals)\w*$", changed),
    Rule(Kind.THRESHOLDS, r"^AWS::Glue::DataQualityRuleset$", r"^Ruleset", changed),
    Rule(Kind.THRESHOLDS, _ALARM, r"^Threshold$", changed),
    Rule(Kind.THRESHOLDS, _SERVED, r"TargetValue$", changed),
    Rule(Kind.ARGUMENTS, _JOBS, r"(ContainerArguments|ContainerEntrypoint|Environment)(\.|$)", changed),
    Rule(Kind.STEPS, r"^AWS::SageMaker::Pipeline$", r"^PipelineDefinition", changed),
    Rule(Kind.STEPS, _MACHINE, r"^Definition", changed),
    Rule(Kind.TEXTS, _ANY, r"^(\w+Input\.)?\w*(Description|DisplayName)$", changed),
)

GRANTING_TYPES = re.compile(
    r"^AWS::Lambda::(LayerVersion)?Permission$|^AWS::RAM::|^AWS::LakeFormation::(?!Resource$|Tag$)|^AWS::IAM::(AccessKey|UserToGroupAddition)$"
    r"|^AWS::EC2::VPCEndpointServicePermissions$|^AWS::SSO::|^AWS::Events::EventBusPolicy$"
)
"""A resource of such a type lets somebody do something, without a policy's statements."""

SENDING_TYPES = re.compile(
    r"^AWS::Logs::(SubscriptionFilter|Delivery)|^AWS::SNS::Subscription$|^AWS::KinesisFirehose::|^AWS::Pipes::|^AWS::DMS::"
    r"|^AWS::CloudWatch::MetricStream$|^AWS::Oam::Link$|^AWS::DataSync::|^AWS::AppFlow::|^AWS::Transfer::"
)
"""A resource of such a type hands on what comes in."""

ROUTING_TYPES = re.compile(
    r"^AWS::EC2::(Route|SubnetRouteTableAssociation|NetworkAcl\w*|SubnetNetworkAclAssociation)$"
    r"|^AWS::Lambda::Url$|^AWS::Route53Resolver::|^AWS::NetworkFirewall::"
)
"""Whatever changes of such a resource, something else gets through."""

OPENING_TYPES = re.compile(
    r"^AWS::EC2::(InternetGateway|VPCGatewayAttachment|EgressOnlyInternetGateway|NatGateway|EIP|Route"
    r"|TransitGateway\w*|VPCPeeringConnection|VPNGateway|VPNConnection|ClientVpnEndpoint|NetworkInterface|NetworkAclEntry)$"
    r"|^AWS::Lambda::Url$|^AWS::ApiGateway|^AWS::ElasticLoadBalancing"
)
"""A resource of such a type lets something in or out that was not let before."""

GUARDING_TYPES = re.compile(
    r"^AWS::(CloudWatch::(Composite)?Alarm|EC2::FlowLog|Budgets::Budget|SageMaker::MonitoringSchedule"
    r"|SNS::Subscription|Scheduler::Schedule|Events::Rule|SSM::Association|Glue::DataQualityRuleset"
    r"|CloudTrail::Trail|Config::ConfigRule|GuardDuty::Detector|SageMaker::\w+JobDefinition|Logs::MetricFilter"
    r"|Chatbot::SlackChannelConfiguration|Backup::Backup(Plan|Selection)|WAFv2::\w+|NetworkFirewall::\w+"
    r"|EC2::NetworkAcl(Entry)?)$"
)
"""Who removes a resource of such a type has a protection less."""


def kind_of(resource: Mapping[str, Any], change: Change) -> Kind:
    """What a changed property of a resource is."""
    type_name = resource["Type"]
    if re.search(_ALARM, type_name) and change.path == "Threshold" and _is_looser(resource, change):
        return Kind.PROTECTION
    kind = next((rule.kind for rule in RULES if rule.fits(type_name, change)), Kind.CHANGED)
    return kind_of_type(type_name, ROUTING_TYPES) or kind if kind is Kind.CHANGED else kind


def kind_of_type(type_name: str, opening: re.Pattern[str]) -> Kind | None:
    """What a resource is by its type alone."""
    by_type = ((GRANTING_TYPES, Kind.PERMISSIONS), (opening, Kind.NETWORK), (SENDING_TYPES, Kind.SENT))
    return next((kind for types, kind in by_type if types.search(type_name)), None)


def _is_looser(alarm: Mapping[str, Any], change: Change) -> bool:
    """Whether the alarm is silent for longer with the new threshold."""
    is_upper = str(alarm["Properties"].get("ComparisonOperator", "")).startswith("GreaterThan")
    return raised(change.before, change.after) == is_upper
