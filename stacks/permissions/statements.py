"""Policy statements: each says what it is for (`Sid`) and gives the reason of whatever it leaves open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from stacks.parts.images import image_repository_arns
from stacks.parts.layout import Zone
from stacks.parts.place import Place

Conditions = Mapping[str, Mapping[str, object]]

OF_THIS_ENVIRONMENT = "Whatever belongs to this environment has its name as prefix; use cases come and go."
BELOW_A_PREFIX = "Objects of one bucket below one prefix; their names are known when they are written."
SAGEMAKER_LOGS = "SageMaker names its log groups by kind of job."


@dataclass(frozen=True)
class Statement:
    """A statement of a policy. `managed_policy` makes sure that its reasons are complete."""

    sid: str
    actions: str
    """Separated by spaces."""
    resources: Sequence[str] = ()
    """None in the trust policy of a role, which is about the role."""
    conditions: Conditions | None = None
    because: str = ""
    """Why actions or resources are left open, or are not of this environment alone."""
    foreign: str = ""
    """Whose a resource is that is not in this account and region."""
    checkov: Sequence[str] = ()
    """Rules of checkov that the reason answers as well."""
    effect: iam.Effect = iam.Effect.ALLOW
    not_actions: str = ""

    def about(self, *principals: iam.IPrincipal) -> iam.PolicyStatement:
        """The statement as CDK has it; in a policy of a resource it says whom it is about."""
        return iam.PolicyStatement(
            sid=self.sid,
            effect=self.effect,
            principals=list(principals),
            actions=self.actions.split(),
            not_actions=self.not_actions.split(),
            resources=list(self.resources),
            conditions=self.conditions,
        )


allow = Statement


def deny(
    sid: str, actions: str, conditions: Conditions | None = None, *, resources: Sequence[str] = ("*",)
) -> Statement:
    return Statement(sid, actions, resources, conditions, effect=iam.Effect.DENY)


def allow_own(sid: str, actions: str, resources: Sequence[str]) -> Statement:
    """Actions on whatever has the environment's name as prefix."""
    return allow(sid, actions, resources, because=OF_THIS_ENVIRONMENT)


def allow_objects(sid: str, actions: str, *zones: Zone, foreign: str = "") -> Statement:
    return allow(sid, actions, [zone.objects for zone in zones], because=BELOW_A_PREFIX, foreign=foreign)


def list_zones(sid: str, *zones: Zone, foreign: str = "") -> Statement:
    """The right to list zones of one bucket, and nothing beside them."""
    prefixes = {"StringLike": {"s3:prefix": [zone.keys for zone in zones]}}
    whole = any(not zone.prefix for zone in zones)
    bucket = zones[0].bucket.arn
    return allow(sid, "s3:ListBucket", [bucket], None if whole else prefixes, foreign=foreign)


def read_zones(what: str, *zones: Zone, foreign: str = "") -> list[Statement]:
    return [
        allow_objects(f"Read{what}", "s3:GetObject", *zones, foreign=foreign),
        list_zones(f"List{what}", *zones, foreign=foreign),
    ]


def pass_role(sid: str, role_arns: Sequence[str], service: str) -> Statement:
    return allow(
        sid, "iam:PassRole", role_arns, {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
    )


def tag_when_creating(resources: Sequence[str], operations: Sequence[str]) -> Statement:
    """The right to tag what one creates, while creating it; tags that exist, access may depend on.

    https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html
    """
    return allow(
        "TagWhenCreating",
        "sagemaker:AddTags",
        resources,
        {"StringEquals": {"sagemaker:TaggingAction": list(operations)}},
        because="Only what the same call creates can be tagged.",
    )


def register_as_pending(registry: Sequence[str]) -> Statement:
    """The right to register versions of models, which somebody else decides on."""
    return allow(
        "RegisterAsPending",
        "sagemaker:CreateModelPackage",
        registry,
        {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
        because=OF_THIS_ENVIRONMENT,
    )


def use_key(key_arn: str) -> Statement:
    return allow("UseKey", "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", [key_arn])


def grant_key(sid: str, key_arn: str) -> Statement:
    """Letting AWS services, and nobody else, use the environment's key for a disk or a store."""
    return allow(sid, "kms:CreateGrant", [key_arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}})


def hear_of_jobs(place: Place) -> Statement:
    """The right of a state machine that waits for a processing job's end.

    https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
    """
    return allow(
        "HearOfJobs",
        "events:DescribeRule events:PutRule events:PutTargets",
        [place.arn("events", "rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule")],
        because="Step Functions hears of the end of jobs by a rule of its own, one in each account.",
    )


def state_machine_statements() -> list[Statement]:
    """What every state machine needs of its role, to be logged and traced."""
    return [
        # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
        allow(
            "DeliverLogs",
            "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups "
            "logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries "
            "logs:PutResourcePolicy logs:UpdateLogDelivery",
            ["*"],
            because="Log delivery of Step Functions has no resource-level permissions.",
        ),
        allow(
            "Trace",
            "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments",
            ["*"],
            because="X-Ray's sampling and trace segments have no ARN.",
        ),
    ]


def job_statements(place: Place, key_arn: str) -> list[Statement]:
    """What every SageMaker job needs of its role, whatever it does."""
    log_streams = (*place.job_log_streams(place.name("*")), place.endpoint_logs)
    return [*network_statements(key_arn), *container_statements(place, *log_streams)]


def network_statements(key_arn: str) -> list[Statement]:
    """What machines of SageMaker in a network of ours need, whose disks have the environment's key."""
    return [
        use_key(key_arn),
        grant_key("GrantKeyToJobVolumes", key_arn),
        # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
        allow(
            "AttachToVpc",
            "ec2:CreateNetworkInterface ec2:CreateNetworkInterfacePermission ec2:DeleteNetworkInterface "
            "ec2:DeleteNetworkInterfacePermission ec2:DescribeDhcpOptions ec2:DescribeNetworkInterfaces "
            "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs",
            ["*"],
            because="SageMaker refuses resource filters on these actions when it validates a job's role.",
            checkov=("CKV_AWS_109", "CKV_AWS_111"),
        ),
    ]


def container_statements(place: Place, *log_streams: str) -> list[Statement]:
    """What every container of SageMaker needs, in a network of ours or not."""
    return [
        allow(
            "FindLogs",
            "logs:CreateLogGroup logs:DescribeLogStreams",
            [place.log_group("/aws/sagemaker/*")],
            because=SAGEMAKER_LOGS,
        ),
        allow_own(
            "WriteLogs",
            "logs:CreateLogStream logs:PutLogEvents",
            log_streams,
        ),
        allow(
            "PublishMetrics",
            "cloudwatch:PutMetricData",
            ["*"],
            {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*"]}},
            because="Metrics have no ARN; the condition allows SageMaker's namespaces only.",
        ),
        allow(
            "GetRegistryToken",
            "ecr:GetAuthorizationToken",
            ["*"],
            because="The token belongs to no repository; pulling is allowed for three repositories only.",
        ),
        allow(
            "PullImages",
            "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetDownloadUrlForLayer",
            image_repository_arns(place.region),
            foreign="AWS's own images, in AWS's accounts",
        ),
    ]
