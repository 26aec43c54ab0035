"""Changes that pull requests make, and what a review has to say of each: kinds of findings, and the verdict.

Each changes one or several templates of the sample's development environment. Kinds are all that are found.
"""

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from tests.security.changes import (
    Change,
    add,
    attribute,
    embedded,
    first,
    first_id,
    put,
    remove,
    rename,
    statement,
)
from tests.security.controls import ABSENT, Json
from tests.security.differences import domain_with_another_name, everything_of_s3, nothing, tag
from tools.review.findings import Kind
from tools.review.readable import export_name

NETWORK, FOUNDATION, RELEASE, STUDIO, DELIVERY = "network", "foundation", "release", "studio", "delivery"
CATALOG, TABLES, IMAGE = "catalog", "house-prices-catalog", "image"
TRAINING, SERVING, MONITORING = "house-prices-training", "house-prices-serving", "house-prices-monitoring"

BUCKET, KEY, LOGS, TOPIC = "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::SNS::Topic"
POLICY, ROLE, BUCKET_POLICY = "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::S3::BucketPolicy"
ENDPOINT, CONFIGURATION = "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig"
MODEL, TARGET = "AWS::SageMaker::Model", "AWS::ApplicationAutoScaling::ScalableTarget"
ALARM, DOMAIN, BUDGET = "AWS::CloudWatch::Alarm", "AWS::SageMaker::Domain", "AWS::Budgets::Budget"
GROUP, OUT, IN = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress"
GATE, SCHEDULE, MACHINE = (
    "AWS::EC2::VPCEndpoint",
    "AWS::Scheduler::Schedule",
    "AWS::StepFunctions::StateMachine",
)
PIPELINE, BODY = "AWS::SageMaker::Pipeline", "PipelineDefinition.PipelineDefinitionBody"
VERSIONS, FEATURES = "AWS::SageMaker::ModelPackageGroup", "AWS::SageMaker::FeatureGroup"

DATA, INTERRUPTED, WIDENED, OPENED = Kind.DATA, Kind.ENDPOINT, Kind.PERMISSIONS, Kind.NETWORK
UNPROTECTED, REPLACED, REMOVED, ADDED = Kind.PROTECTION, Kind.REPLACED, Kind.REMOVED, Kind.ADDED
CHANGED, TEXTS, VERSION, STEPS = Kind.CHANGED, Kind.TEXTS, Kind.MODEL, Kind.STEPS
HYPERPARAMETERS, THRESHOLDS, IMAGES = Kind.HYPERPARAMETERS, Kind.THRESHOLDS, Kind.IMAGES
INSTANCES, ARGUMENTS = Kind.INSTANCES, Kind.ARGUMENTS

NONE, NOTABLE, DESTRUCTIVE = 0, 1, 2


class Seed(NamedTuple):
    """A change by stacks, and what is said of it."""

    name: str
    changes: tuple[tuple[str, Change], ...]
    kinds: frozenset[Kind]
    exit_code: int
    is_combination: bool = False


def seed(name: str, stack: str, change: Change, kinds: set[Kind], exit_code: int) -> Seed:
    return Seed(name, ((stack, change),), frozenset(kinds), exit_code)


def combined(name: str, kinds: set[Kind], exit_code: int, *changes: tuple[str, Change]) -> Seed:
    return Seed(name, changes, frozenset(kinds), exit_code, is_combination=True)


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


def in_pipeline(old: str, new: str) -> Change:
    return embedded(PIPELINE, BODY, swap(old, new))


def _another_tag(text: str) -> str:
    return re.sub(r"(dev-image:)[0-9a-f]+", r"\g<1>0000000000", text)


another_image = embedded(PIPELINE, BODY, _another_tag)


def both(*changes: Change) -> Change:
    def change(template: Json) -> None:
        for each in changes:
            each(template)

    return change


def copied_statement(template: Json) -> None:
    """The first statement of a policy once more, for fewer actions and under another name."""
    statements = first(template, POLICY)["Properties"]["PolicyDocument"]["Statement"]
    action = statements[0]["Action"]
    statements.append(
        {**statements[0], "Sid": "Copy", "Action": action[0] if isinstance(action, list) else action}
    )


def imports_of_the_renamed_key(template: Json) -> None:
    """What the CDK does in other stacks when the construct of the foundation's key is renamed."""
    old, new = (
        export_name("dev-foundation", {"Fn::GetAtt": [key, "Arn"]})
        for key in ("Key961B73FD", "Key961B73FDRenamed")
    )
    changed = json.loads(json.dumps(template).replace(old, new))
    template.clear()
    template.update(changed)


def version(number: str) -> Change:
    """A fixed version in place of the newest approved one."""

    def change(template: Json) -> None:
        template["Outputs"]["DeployedModelVersion"]["Value"] = number
        name = f"arn:aws:sagemaker:us-east-1:111111111111:model-package/dev-house-prices/{number}"
        first(template, MODEL)["Properties"]["Containers"][0]["ModelPackageName"] = name

    return change


def moved_statement(template: Json) -> None:
    """A statement that goes from one policy of a role into another new one of the same role."""
    policy = first(template, POLICY)["Properties"]
    moved = policy["PolicyDocument"]["Statement"].pop()
    document = {"Version": "2012-10-17", "Statement": [moved]}
    add("Second", POLICY, PolicyDocument=document, Roles=policy["Roles"])(template)


def without_endpoint(template: Json) -> None:
    for kind in (TARGET, "AWS::ApplicationAutoScaling::ScalingPolicy", ENDPOINT, CONFIGURATION, MODEL):
        del template["Resources"][first_id(template, kind)]


def dropped_boundary(template: Json) -> None:
    del first(template, ROLE)["Properties"]["PermissionsBoundary"]


LET_OUT = {"CidrIp": "0.0.0.0/0", "IpProtocol": "-1"}
IMPORT_THE_KEY = (CATALOG, TABLES, IMAGE, STUDIO, TRAINING, SERVING, MONITORING, RELEASE)
VARIANT = "ProductionVariants.0"
ANYBODY = {"AWS": "*"}
ALL = ({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},)
ROLE_OF_STRANGERS = {
    "AssumeRolePolicyDocument": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}],
    },
    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
}
UNKNOWN_INSTANCE = "ml.p2.xlarge"

SEEDS = (
    # Nothing, or nothing to worry about
    seed("nothing", FOUNDATION, nothing, set(), NONE),
    seed("a description", FOUNDATION, put(KEY, "Description", "another"), {TEXTS}, NONE),
    seed("a tag where tags can change", FOUNDATION, tag, {TEXTS}, NONE),
    seed(
        "the stack's description",
        NETWORK,
        lambda template: template.update(Description="another"),
        {TEXTS},
        NONE,
    ),
    seed("what waits for what", SERVING, attribute(TARGET, "DependsOn", []), {TEXTS}, NONE),
    # Data
    seed("a bucket goes", FOUNDATION, remove(BUCKET), {DATA}, DESTRUCTIVE),
    seed("a bucket's construct is renamed", FOUNDATION, rename(BUCKET), {DATA}, DESTRUCTIVE),
    seed("a bucket's name", FOUNDATION, put(BUCKET, "BucketName", "another"), {DATA, CHANGED}, DESTRUCTIVE),
    seed("a log group's name", RELEASE, put(LOGS, "LogGroupName", "/another"), {DATA, CHANGED}, DESTRUCTIVE),
    seed("the key goes", NETWORK, remove(KEY), {DATA}, DESTRUCTIVE),
    seed("the Domain's name", STUDIO, domain_with_another_name, {DATA, CHANGED}, DESTRUCTIVE),
    seed("how people sign in", STUDIO, put(DOMAIN, "AuthMode", "SSO"), {DATA, CHANGED}, DESTRUCTIVE),
    seed("the Domain's network", STUDIO, put(DOMAIN, "VpcId", "vpc-2"), {DATA, CHANGED}, DESTRUCTIVE),
    seed("a person goes", STUDIO, remove("AWS::SageMaker::UserProfile"), {DATA}, DESTRUCTIVE),
    seed("model versions go", TRAINING, remove(VERSIONS), {DATA}, DESTRUCTIVE),
    seed(
        "the group of versions is described anew",
        TRAINING,
        put(VERSIONS, "ModelPackageGroupDescription", "another"),
        {DATA, TEXTS},
        DESTRUCTIVE,
    ),
    seed(
        "a feature group's key column",
        TABLES,
        put(FEATURES, "RecordIdentifierFeatureName", "other"),
        {DATA, CHANGED},
        DESTRUCTIVE,
    ),
    seed("tags where they cannot change", TABLES, tag, {DATA, TEXTS}, DESTRUCTIVE),
    seed("undelivered events go", RELEASE, remove("AWS::SQS::Queue"), {DATA}, DESTRUCTIVE),
    seed(
        "the queue's name",
        RELEASE,
        put("AWS::SQS::Queue", "QueueName", "another"),
        {DATA, CHANGED},
        DESTRUCTIVE,
    ),
    # Endpoints
    seed("the endpoint goes", SERVING, remove(ENDPOINT), {INTERRUPTED}, DESTRUCTIVE),
    seed(
        "the endpoint's name",
        SERVING,
        put(ENDPOINT, "EndpointName", "another"),
        {INTERRUPTED, CHANGED},
        DESTRUCTIVE,
    ),
    seed("the endpoint's construct is renamed", SERVING, rename(ENDPOINT), {INTERRUPTED}, DESTRUCTIVE),
    # Permissions
    seed("everything of S3", FOUNDATION, everything_of_s3, {WIDENED, CHANGED}, NOTABLE),
    seed(
        "an action more",
        FOUNDATION,
        statement("ListData", Action=["s3:ListBucket", "s3:DeleteBucket"]),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed("a resource more", FOUNDATION, statement("UseKey", Resource="*"), {WIDENED, CHANGED}, NOTABLE),
    seed(
        "a condition less",
        FOUNDATION,
        statement("PassJobRoles", Condition=ABSENT),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed("a deny less", FOUNDATION, statement("NeverDecide", Effect="Allow"), {WIDENED, CHANGED}, NOTABLE),
    seed(
        "a guardrail is about something else",
        FOUNDATION,
        statement("DenyNetworkAccess", Action="sagemaker:CreateApp"),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed("a role without its boundary", FOUNDATION, dropped_boundary, {WIDENED, CHANGED}, NOTABLE),
    seed(
        "another account may become the role",
        FOUNDATION,
        put(ROLE, "AssumeRolePolicyDocument.Statement.0.Principal", ANYBODY),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed(
        "any repository may deploy",
        DELIVERY,
        statement("OneRepositoryOneEnvironment", Condition=ABSENT),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed(
        "clear text to a bucket",
        FOUNDATION,
        statement("DenyOldTls", Action="s3:PutObject"),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed("a bucket's policy goes", FOUNDATION, remove(BUCKET_POLICY), {WIDENED, REMOVED}, NOTABLE),
    seed(
        "anybody may use the key",
        FOUNDATION,
        put(KEY, "KeyPolicy.Statement.0.Principal", ANYBODY),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed(
        "a VPC endpoint for everything",
        NETWORK,
        put(GATE, "PolicyDocument", {"Statement": [*ALL]}),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed(
        "a VPC endpoint without a policy",
        NETWORK,
        put(GATE, "PolicyDocument", ABSENT),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed(
        "anybody reads a bucket, by one policy more",
        FOUNDATION,
        add("Open", BUCKET_POLICY, Bucket="dev-111111111111-data", PolicyDocument={"Statement": [*ALL]}),
        {WIDENED, ADDED},
        NOTABLE,
    ),
    seed(
        "a new role of strangers",
        FOUNDATION,
        add("Strangers", ROLE, **ROLE_OF_STRANGERS),
        {WIDENED, ADDED},
        NOTABLE,
    ),
    seed(
        "AWS's policy for everything",
        FOUNDATION,
        put(ROLE, "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]),
        {WIDENED, CHANGED},
        NOTABLE,
    ),
    seed(
        "a statement moves between policies of a role", FOUNDATION, moved_statement, {ADDED, CHANGED}, NOTABLE
    ),
    seed("a statement that another one holds already", FOUNDATION, copied_statement, {CHANGED}, NOTABLE),
    seed(
        "a permission under one more condition",
        FOUNDATION,
        statement("UseKey", Condition={"StringEquals": {"aws:PrincipalAccount": "111111111111"}}),
        {CHANGED},
        NOTABLE,
    ),
    # Network
    seed(
        "everything is let out",
        NETWORK,
        put(GROUP, "SecurityGroupEgress", [LET_OUT]),
        {OPENED, CHANGED},
        NOTABLE,
    ),
    seed(
        "nothing is said of what is let out",
        NETWORK,
        put(GROUP, "SecurityGroupEgress", ABSENT),
        {OPENED, CHANGED},
        NOTABLE,
    ),
    seed("every protocol is let in", NETWORK, put(IN, "IpProtocol", "-1"), {OPENED, REPLACED}, NOTABLE),
    seed("fewer ports are let out", NETWORK, put(OUT, "ToPort", 1024), {REPLACED}, NOTABLE),
    seed("an internet gateway", NETWORK, add("Internet", "AWS::EC2::InternetGateway"), {OPENED}, NOTABLE),
    seed(
        "public addresses", NETWORK, put("AWS::EC2::Subnet", "MapPublicIpOnLaunch", True), {OPENED}, NOTABLE
    ),
    # A replacement for `cdk diff`, not for the registry's schema; the service changes it in place:
    # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateDomain.html
    seed(
        "Studio on the internet",
        STUDIO,
        put(DOMAIN, "AppNetworkAccessType", "PublicInternetOnly"),
        {OPENED},
        NOTABLE,
    ),
    seed(
        "a model that may call out",
        SERVING,
        put(MODEL, "EnableNetworkIsolation", False),
        {OPENED, REPLACED},
        NOTABLE,
    ),
    # Protection
    seed(
        "a bucket without encryption",
        FOUNDATION,
        put(BUCKET, "BucketEncryption", ABSENT),
        {UNPROTECTED},
        NOTABLE,
    ),
    seed("the key is not rotated", FOUNDATION, put(KEY, "EnableKeyRotation", False), {UNPROTECTED}, NOTABLE),
    seed("logs for a day", FOUNDATION, put(LOGS, "RetentionInDays", 1), {UNPROTECTED}, NOTABLE),
    seed("logs for longer", FOUNDATION, put(LOGS, "RetentionInDays", 365), {CHANGED}, NOTABLE),
    seed(
        "a bucket goes with its stack",
        FOUNDATION,
        attribute(BUCKET, "DeletionPolicy", "Delete"),
        {UNPROTECTED},
        NOTABLE,
    ),
    seed(
        "nothing is captured",
        SERVING,
        put(CONFIGURATION, "DataCaptureConfig.EnableCapture", False),
        {UNPROTECTED, REPLACED},
        NOTABLE,
    ),
    seed(
        "less is captured",
        SERVING,
        put(CONFIGURATION, "DataCaptureConfig.InitialSamplingPercentage", 5),
        {UNPROTECTED, REPLACED},
        NOTABLE,
    ),
    seed("an alarm goes", MONITORING, remove(ALARM), {UNPROTECTED}, NOTABLE),
    seed("an alarm tells nobody", MONITORING, put(ALARM, "AlarmActions", []), {UNPROTECTED}, NOTABLE),
    seed("an alarm is more patient", SERVING, put(ALARM, "Threshold", 0.5), {UNPROTECTED}, NOTABLE),
    seed("an alarm is less patient", SERVING, put(ALARM, "Threshold", 0.001), {THRESHOLDS}, NOTABLE),
    seed(
        "no roll-back",
        SERVING,
        put(ENDPOINT, "DeploymentConfig.AutoRollbackConfiguration", ABSENT),
        {UNPROTECTED},
        NOTABLE,
    ),
    seed("traffic is not logged", NETWORK, remove("AWS::EC2::FlowLog"), {UNPROTECTED}, NOTABLE),
    seed(
        "a budget of millions",
        FOUNDATION,
        put(BUDGET, "Budget.BudgetLimit.Amount", 1_000_000),
        {UNPROTECTED},
        NOTABLE,
    ),
    seed("nobody compares traffic", MONITORING, remove(SCHEDULE), {UNPROTECTED}, NOTABLE),
    seed(
        "public access is possible",
        FOUNDATION,
        put(BUCKET, "PublicAccessBlockConfiguration.BlockPublicPolicy", False),
        {UNPROTECTED},
        NOTABLE,
    ),
    # Use cases
    seed(
        "a hyperparameter",
        TRAINING,
        in_pipeline('"max_depth":"4"', '"max_depth":"6"'),
        {HYPERPARAMETERS},
        NOTABLE,
    ),
    seed(
        "the metric's threshold",
        TRAINING,
        in_pipeline('"DefaultValue":0.7', '"DefaultValue":0.5'),
        {THRESHOLDS},
        NOTABLE,
    ),
    seed(
        "an image",
        TRAINING,
        another_image,
        {IMAGES, STEPS},
        NOTABLE,
    ),
    seed(
        "a larger machine for training",
        TRAINING,
        in_pipeline("ml.m5.large", "ml.m5.xlarge"),
        {INSTANCES},
        NOTABLE,
    ),
    seed(
        "a step is called otherwise", TRAINING, in_pipeline("Evaluate", "Judge"), {STEPS, THRESHOLDS}, NOTABLE
    ),
    seed("an argument of a job", TRAINING, in_pipeline('"Sale_Price"', '"Price"'), {ARGUMENTS}, NOTABLE),
    seed(
        "two instances",
        SERVING,
        put(CONFIGURATION, f"{VARIANT}.InitialInstanceCount", 2),
        {INSTANCES, REPLACED},
        NOTABLE,
    ),
    seed(
        "an instance without a price",
        SERVING,
        put(CONFIGURATION, f"{VARIANT}.InstanceType", UNKNOWN_INSTANCE),
        {INSTANCES, REPLACED},
        NOTABLE,
    ),
    seed("more instances at most", SERVING, put(TARGET, "MaxCapacity", 8), {INSTANCES}, NOTABLE),
    seed("a fixed model version", SERVING, version("8"), {VERSION, REPLACED}, NOTABLE),
    # Combinations
    combined(
        "rename, widen, double, bump",
        {DATA, WIDENED, INSTANCES, VERSION, REPLACED, CHANGED},
        DESTRUCTIVE,
        (FOUNDATION, both(rename(BUCKET), everything_of_s3)),
        (SERVING, both(put(CONFIGURATION, f"{VARIANT}.InitialInstanceCount", 2), version("8"))),
    ),
    combined(
        "renamed and not encrypted",
        {DATA, UNPROTECTED},
        DESTRUCTIVE,
        (FOUNDATION, both(put(BUCKET, "BucketEncryption", ABSENT), rename(BUCKET))),
    ),
    combined(
        "the key renamed, and all that is made with it",
        {DATA, REPLACED},
        DESTRUCTIVE,
        (FOUNDATION, rename(KEY)),
        *((stack, imports_of_the_renamed_key) for stack in IMPORT_THE_KEY),
    ),
    combined(
        "the Domain's name, and so its people",
        {DATA, CHANGED, WIDENED},
        DESTRUCTIVE,
        (STUDIO, domain_with_another_name),
        (FOUNDATION, everything_of_s3),
    ),
    combined(
        "no endpoint any more",
        {INTERRUPTED, REMOVED, VERSION},
        DESTRUCTIVE,
        (SERVING, both(version("none"), without_endpoint)),
    ),
    combined(
        "a bucket and its policy go",
        {DATA, REMOVED},
        DESTRUCTIVE,
        (FOUNDATION, both(remove(BUCKET), remove(BUCKET_POLICY))),
    ),
    combined(
        "bucket and policy renamed",
        {DATA, REPLACED},
        DESTRUCTIVE,
        (FOUNDATION, both(rename(BUCKET), rename(BUCKET_POLICY))),
    ),
    combined(
        "a role renamed and widened",
        {WIDENED, REPLACED, CHANGED},
        NOTABLE,
        (NETWORK, both(rename(ROLE), statement("StartRunbook", Resource="*"))),
    ),
    combined(
        "more may be done, and nobody is told",
        {WIDENED, CHANGED, UNPROTECTED},
        NOTABLE,
        (FOUNDATION, everything_of_s3),
        (MONITORING, remove(ALARM)),
    ),
    combined(
        "open and unlogged",
        {OPENED, CHANGED, UNPROTECTED},
        NOTABLE,
        (NETWORK, both(put(GROUP, "SecurityGroupEgress", [LET_OUT]), remove("AWS::EC2::FlowLog"))),
    ),
    combined(
        "a way to the internet",
        {OPENED, ADDED},
        NOTABLE,
        (
            NETWORK,
            both(
                add("Gate", "AWS::EC2::InternetGateway"),
                add("Address", "AWS::EC2::EIP"),
                add("Table", "AWS::EC2::RouteTable", VpcId="vpc-1"),
            ),
        ),
    ),
    combined(
        "tags and a threshold",
        {TEXTS, THRESHOLDS},
        NOTABLE,
        (FOUNDATION, tag),
        (TRAINING, in_pipeline('"DefaultValue":0.7', '"DefaultValue":0.5')),
    ),
    combined("tags everywhere", {TEXTS, DATA}, DESTRUCTIVE, (FOUNDATION, tag), (TABLES, tag), (SERVING, tag)),
    combined(
        "a deeper model on a larger machine",
        {HYPERPARAMETERS, INSTANCES},
        NOTABLE,
        (
            TRAINING,
            both(
                in_pipeline('"max_depth":"4"', '"max_depth":"6"'), in_pipeline("ml.m5.large", "ml.m5.xlarge")
            ),
        ),
    ),
    combined(
        "new image, new threshold, new version",
        {IMAGES, STEPS, THRESHOLDS, VERSION, REPLACED},
        NOTABLE,
        (
            TRAINING,
            both(another_image, in_pipeline('"DefaultValue":0.7', '"DefaultValue":0.8')),
        ),
        (SERVING, version("8")),
    ),
    combined(
        "a condition less and a resource more",
        {WIDENED, CHANGED},
        NOTABLE,
        (FOUNDATION, both(statement("PassJobRoles", Condition=ABSENT), statement("UseKey", Resource="*"))),
    ),
    combined(
        "less captured, more patient",
        {UNPROTECTED, REPLACED},
        NOTABLE,
        (
            SERVING,
            both(
                put(CONFIGURATION, "DataCaptureConfig.InitialSamplingPercentage", 5),
                put(ALARM, "Threshold", 9.0),
            ),
        ),
    ),
    combined(
        "kept for less, and not retained",
        {UNPROTECTED},
        NOTABLE,
        (FOUNDATION, both(put(LOGS, "RetentionInDays", 1), attribute(LOGS, "DeletionPolicy", "Delete"))),
    ),
    combined(
        "isolation dropped with a new version",
        {OPENED, REPLACED, VERSION},
        NOTABLE,
        (SERVING, both(put(MODEL, "EnableNetworkIsolation", False), version("9"))),
    ),
    combined(
        "a person goes, another role comes",
        {DATA, WIDENED, ADDED},
        DESTRUCTIVE,
        (STUDIO, remove("AWS::SageMaker::UserProfile")),
        (FOUNDATION, add("Strangers", ROLE, **ROLE_OF_STRANGERS)),
    ),
    combined(
        "the stack is described, nothing else",
        {TEXTS},
        NONE,
        (TRAINING, put(PIPELINE, "PipelineDescription", "another")),
        (FOUNDATION, put(KEY, "Description", "another")),
    ),
)
