"""Keys, and the log groups that they encrypt."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.parts.place import ALL_JOB_LOG_GROUPS, Place
from stacks.permissions.statements import allow


def create_key(scope: Construct, construct_id: str, *, description: str, alias: str) -> kms.Key:
    """A key that rotates every year and is retained: what it encrypts is worthless without it.

    By its alias, which stays too, a stack that is deployed again finds it (`make take-over`).
    """
    place = Place.of(scope)
    key = kms.Key(
        scope,
        construct_id,
        description=description,
        enable_key_rotation=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    key.add_alias(f"alias/{alias}").apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    key.add_to_resource_policy(
        allow(
            "EncryptLogGroups",
            "kms:Decrypt kms:Encrypt kms:GenerateDataKey* kms:ReEncrypt*",
            ["*"],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.arn("logs", "*")}},
        ).about(iam.ServicePrincipal(f"logs.{place.region}.amazonaws.com"))
    )
    return key


def create_log_group(
    scope: Construct, construct_id: str, *, key: kms.IKey, retention_days: int, name: str
) -> logs.CfnLogGroup:
    """A log group that stays, and that a new stack takes over by its name (`--import-existing-resources`)."""
    log_group = logs.CfnLogGroup(
        scope, construct_id, kms_key_id=key.key_arn, retention_in_days=retention_days, log_group_name=name
    )
    log_group.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
    return log_group


def create_job_log_groups(scope: Construct, *, key: kms.IKey, retention_days: int) -> None:
    """The log groups of SageMaker's jobs, which have the same names for the whole account.

    SageMaker makes them itself at the first job, unencrypted and kept for ever; then they are taken over.
    A group can be in one stack only, so one environment of an account and region has them for all.
    """
    for name in ALL_JOB_LOG_GROUPS:
        construct_id = f"{name.rpartition('/')[2].removesuffix('s')}Logs"
        create_log_group(scope, construct_id, key=key, retention_days=retention_days, name=name)
