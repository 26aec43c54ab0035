"""Which changed property is what: one table, whose first fitting row decides."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tools.review.findings import Kind
from tools.review.leaves import ABSENT, Change

Judge = Callable[[Any, Any], bool]

_OFF: tuple[Any, ...] = (False, "false", "False", "Disabled", "DISABLED", "Suspended", "", [], {})


def lost(before: Any, after: Any) -> bool:
    """What was there or on is so no more."""
    return _is_on(before) and not _is_on(after)


def gained(before: Any, after: Any) -> bool:
    """What was not there, or off, is there."""
    return lost(after, before)


def _is_on(value: Any) -> bool:
    return value is not ABSENT and value not in _OFF


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
_JOBS = r"^AWS::(SageMaker::(Pipeline|Monitoring|\w+Job)|StepFunctions::|DataBrew::Job|Glue::)"

RULES = (
    Rule(Kind.NETWORK, _ANY, r"(EnableNetworkIsolation|NetworkConfig|VpcConfig)(\.|$)", lost),
    Rule(Kind.NETWORK, _ANY, r"VpcConfig\.SecurityGroupIds$", changed),
    Rule(Kind.NETWORK, _ANY, r"AppNetworkAccessType$", left("VpcOnly")),
    Rule(Kind.NETWORK, _ANY, r"DirectInternetAccess$", left("Disabled")),
    Rule(Kind.NETWORK, _ANY, r"(MapPublicIpOnLaunch|AssociatePublicIpAddress|PubliclyAccessible)$", gained),
    Rule(Kind.NETWORK, r"^AWS::EC2::VPCEndpoint$", r"^SecurityGroupIds$", changed),
    Rule(Kind.PROTECTION, _ANY, r"(?i)(kms|encrypt|sse(algorithm|specification))", lost),
    Rule(Kind.PROTECTION, _ANY, r"EnableKeyRotation$", lost),
    Rule(Kind.PROTECTION, _ANY, r"SSEAlgorithm$", left("aws:kms")),
    Rule(Kind.PROTECTION, _ANY, r"PublicAccessBlock|ObjectLock|ObjectOwnership|RequireTLS|EnforceSSL", lost),
    Rule(Kind.PROTECTION, _ANY, r"VersioningConfiguration", lost),
    Rule(Kind.PROTECTION, _ANY, r"^(Deletion|UpdateReplace)Policy$", left("Retain")),
    Rule(Kind.PROTECTION, _ANY, r"^(Deletion|UpdateReplace)Policy$", left("Snapshot")),
    Rule(Kind.PROTECTION, _ANY, r"(DeletionProtection|TerminationProtection)", lost),
    Rule(
        Kind.PROTECTION,
        _ANY,
        r"(RetentionInDays|RetentionPeriod|PendingWindowInDays|ExpirationIn\w*Days)$",
        lowered,
    ),
    Rule(Kind.PROTECTION, r"^AWS::S3::Bucket$", r"^LifecycleConfiguration\.Rules\.[^.]+$", gained),
    Rule(Kind.PROTECTION, _ANY, r"(Logging|AccessLog|Tracing)\w*(\.|$)", lost),
    Rule(Kind.PROTECTION, r"^AWS::StepFunctions::", r"^LoggingConfiguration\.Level$", left("ALL")),
    Rule(Kind.PROTECTION, _ANY, r"^DataCaptureConfig(\.|$)", fewer),
    Rule(Kind.PROTECTION, _ANY, r"AutoRollback\w*|BlueGreenUpdatePolicy|DeploymentConfig", fewer),
    Rule(Kind.PROTECTION, _ANY, r"TrafficRoutingConfiguration\.Type$", left("CANARY")),
    Rule(Kind.PROTECTION, _ANY, r"TrafficRoutingConfiguration\.Type$", left("LINEAR")),
    Rule(Kind.PROTECTION, _ALARM, r"^(ActionsEnabled|AlarmActions|InsufficientDataActions)$", fewer),
    Rule(Kind.PROTECTION, _ALARM, r"^(EvaluationPeriods|DatapointsToAlarm|Period)$", raised),
    Rule(Kind.PROTECTION, _ALARM, r"^TreatMissingData$", left("breaching")),
    Rule(Kind.PROTECTION, _BUDGET, r"(BudgetLimit\.Amount|Notification\.Threshold)$", raised),
    Rule(Kind.PROTECTION, _BUDGET, r"NotificationsWithSubscribers", fewer),
    Rule(Kind.PROTECTION, r"^AWS::(Scheduler|Events|SageMaker)::", r"^State$", lost),
    Rule(Kind.PROTECTION, _ANY, r"ScheduleExpression$", lost),
    Rule(Kind.PROTECTION, _ANY, r"\bLifecycleManagement$|IdleSettings", lost),
    Rule(Kind.MODEL, _ANY, r"(ModelPackageName|ModelPackageArn)$", changed),
    Rule(Kind.HYPERPARAMETERS, _ANY, r"HyperParameters(\.|$)", changed),
    Rule(Kind.IMAGES, _ANY, r"(ImageUri|TrainingImage|\bImage)$", changed),
    Rule(
        Kind.INSTANCES,
        _ANY,
        r"(Instance(Type|Count)\w*|MinCapacity|MaxCapacity|VolumeSizeInGB|ScheduledActions.*Capacity)(\.DefaultValue)?$",
        changed,
    ),
    Rule(Kind.THRESHOLDS, r"^AWS::SageMaker::Pipeline$", r"(Threshold|Arguments\.Conditions)", changed),
    Rule(Kind.THRESHOLDS, _ALARM, r"^Threshold$", changed),
    Rule(Kind.THRESHOLDS, _SERVED, r"TargetValue$", changed),
    Rule(Kind.ARGUMENTS, _JOBS, r"(ContainerArguments|ContainerEntrypoint|Environment)(\.|$)", changed),
    Rule(Kind.STEPS, r"^AWS::SageMaker::Pipeline$", r"^PipelineDefinition", changed),
    Rule(Kind.TEXTS, _ANY, r"(^|\.)\w*(Description|DisplayName)$", changed),
)

OPENING_TYPES = re.compile(
    r"^AWS::EC2::(InternetGateway|VPCGatewayAttachment|EgressOnlyInternetGateway|NatGateway|EIP|Route"
    r"|TransitGateway\w*|VPCPeeringConnection|VPNGateway|VPNConnection|ClientVpnEndpoint|NetworkInterface)$"
    r"|^AWS::Lambda::Url$|^AWS::ApiGateway|^AWS::ElasticLoadBalancing"
)
"""A resource of such a type lets something in or out that was not let before."""

GUARDING_TYPES = re.compile(
    r"^AWS::(CloudWatch::(Composite)?Alarm|EC2::FlowLog|Budgets::Budget|SageMaker::MonitoringSchedule"
    r"|SNS::Subscription|Scheduler::Schedule|Events::Rule|SSM::Association|Glue::DataQualityRuleset"
    r"|CloudTrail::Trail|Config::ConfigRule|GuardDuty::Detector)$"
)
"""Who removes a resource of such a type has a protection less."""


def kind_of(resource: Mapping[str, Any], change: Change) -> Kind:
    """What a changed property of a resource is."""
    type_name = resource["Type"]
    if re.search(_ALARM, type_name) and change.path == "Threshold" and _is_looser(resource, change):
        return Kind.PROTECTION
    return next((rule.kind for rule in RULES if rule.fits(type_name, change)), Kind.CHANGED)


def _is_looser(alarm: Mapping[str, Any], change: Change) -> bool:
    """Whether the alarm is silent for longer with the new threshold."""
    is_upper = str(alarm["Properties"].get("ComparisonOperator", "")).startswith("GreaterThan")
    return raised(change.before, change.after) == is_upper
