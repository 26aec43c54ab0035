"""One policy of denials for everybody who starts jobs: people and pipelines. It grants nothing.

Each statement lists only actions that have the condition key it tests; on others the key is always missing,
and a denial of what is missing would deny them always. Which action has which key:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html

No condition key exists for the image of a job. There the roles of jobs limit what is pulled
(`PullImages` in stacks/permissions/statements.py); only the images of Studio apps can be limited here.
"""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from config.mistakes.errors import Mistake
from config.settings import ConfigurationError, Environment
from stacks.network.stack import JobNetwork
from stacks.parts.place import Place
from stacks.permissions.policies import PolicyTooLongError, managed_policy
from stacks.permissions.statements import Statement, deny

# `*ate` are Create and Update, `CreateHyper*Job` tunes hyperparameters. The patterns keep the policy below
# IAM's limit of 6,144 characters, with room for more subnets and instance types.
_JOBS = (
    "sagemaker:CreateHyper*Job sagemaker:CreateProcessingJob sagemaker:CreateTrainingJob "
    "sagemaker:Create*JobDefinition sagemaker:*ateMonitoringSchedule"
)
_IN_VPC = f"{_JOBS} sagemaker:CreateModel"
_WITH_OUTPUT = f"{_JOBS} sagemaker:CreateTransformJob"
_WITH_VOLUME = f"{_WITH_OUTPUT} sagemaker:CreateEndpointConfig"
_ISOLATION = "DenyNetworkAccess"
_STUDIO = "sagemaker:CreateApp sagemaker:CreateSpace sagemaker:UpdateSpace"
# The instance type of apps that run on no instance of their own.
_NO_INSTANCE = "system"


def create_guardrails(
    scope: Construct,
    *,
    environment: Environment,
    network: JobNetwork,
    key_arn: str,
    roles: Sequence[iam.Role],
    isolated: bool = True,
) -> iam.ManagedPolicy:
    """Raises ConfigurationError when they name more than IAM takes as one policy.

    Only what tells MLflow of executions starts jobs that are not isolated from the network.
    """
    statements = _statements(Place.of(scope), network, key_arn, environment.allowed_instance_types)
    if not isolated:
        statements = [statement for statement in statements if statement.sid != _ISOLATION]
    try:
        return managed_policy(
            scope,
            "Guardrails",
            description="What nobody may start: jobs outside the network, unencrypted, or on other instances",
            roles=roles,
            statements=statements,
        )
    except PolicyTooLongError as error:
        mistake = Mistake(
            ("allowed_instance_types",),
            environment.allowed_instance_types,
            f"with the subnets and security groups of the network {error}",
            "as many of all three as fit",
            "name fewer instance types, subnets or security groups",
            f"config/environments/{environment.name}.yaml",
        )
        raise ConfigurationError([mistake]) from error


def _statements(
    place: Place, network: JobNetwork, key_arn: str, instance_types: Sequence[str]
) -> list[Statement]:
    return [
        *_only("VpcSubnets", network.subnet_ids, _IN_VPC),
        *_only("VpcSecurityGroupIds", network.security_group_ids, _IN_VPC),
        *_only_key("VolumeKmsKey", key_arn, _WITH_VOLUME),
        *_only_key("OutputKmsKey", key_arn, _WITH_OUTPUT),
        _must_be_true("DenyClearTraffic", "InterContainerTrafficEncryption", _JOBS),
        _must_be_true(_ISOLATION, "NetworkIsolation", _IN_VPC),
        deny(
            "DenyOtherInstanceTypes",
            f"{_WITH_VOLUME} {_STUDIO}",
            {"ForAnyValue:StringNotEquals": {"sagemaker:InstanceTypes": [*instance_types, _NO_INSTANCE]}},
        ),
        deny(
            "DenyOtherStudioImages",
            _STUDIO,
            {"ForAnyValue:ArnNotLike": {"sagemaker:ImageArns": _studio_images(place)}},
        ),
    ]


def _only(key: str, allowed: Sequence[str], actions: str) -> list[Statement]:
    """Denies requests without the key, and requests with any value that is not allowed.

    One statement for each key: two keys in one `Null` block are both tested, so that leaving out one passes.
    """
    name = f"sagemaker:{key}"
    return [
        deny(f"DenyMissing{key}", actions, {"Null": {name: "true"}}),
        deny(f"DenyForeign{key}", actions, {"ForAnyValue:StringNotEquals": {name: list(allowed)}}),
    ]


def _only_key(name: str, key_arn: str, actions: str) -> list[Statement]:
    """Denies requests without a KMS key, and requests with another key than the environment's.

    AWS renamed these condition keys and lists `...KmsKeyArn` where it used to list `...KmsKey`. Whichever
    the service sends, the request passes with the right key only. `...IfExists` would not do: it is true for
    the spelling that was not sent, and so would deny every request.
    """
    old, new = f"sagemaker:{name}", f"sagemaker:{name}Arn"
    foreign = [
        deny(
            f"DenyForeign{spelling.removeprefix('sagemaker:')}",
            actions,
            {"ArnNotEquals": {spelling: key_arn}, "Null": {spelling: "false"}},
        )
        for spelling in (old, new)
    ]
    return [deny(f"DenyMissing{name}", actions, {"Null": {old: "true", new: "true"}}), *foreign]


def _must_be_true(sid: str, key: str, actions: str) -> Statement:
    """Denies false, and with `IfExists` on purpose also silence: SageMaker takes that for false."""
    return deny(sid, actions, {"BoolIfExists": {f"sagemaker:{key}": "false"}})


def _studio_images(place: Place) -> list[str]:
    """AWS's own images, from its account of the region, and those that this environment registers.

    Domains take images of no other accounts than these two.
    """
    return [f"arn:aws:sagemaker:{place.region}:*:image/sagemaker-distribution-*", *place.own("image")]
