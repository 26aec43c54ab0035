"""Keys, and the log groups that they encrypt."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.parts.place import Place
from stacks.permissions.statements import allow

JOB_LOG_GROUPS = {
    "ProcessingJobLogs": "/aws/sagemaker/ProcessingJobs",
    "TrainingJobLogs": "/aws/sagemaker/TrainingJobs",
}


def create_key(scope: Construct, construct_id: str, *, description: str) -> kms.Key:
    """A key that rotates every year and is retained: what it encrypts is worthless without it."""
    place = Place.of(scope)
    key = kms.Key(
        scope,
        construct_id,
        description=description,
        enable_key_rotation=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
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
    scope: Construct, construct_id: str, *, key: kms.IKey, retention_days: int, name: str | None = None
) -> logs.CfnLogGroup:
    """A log group. One with a name goes with its stack, or a new stack could not have that name."""
    log_group = logs.CfnLogGroup(
        scope, construct_id, kms_key_id=key.key_arn, retention_in_days=retention_days, log_group_name=name
    )
    log_group.apply_removal_policy(cdk.RemovalPolicy.DESTROY if name else cdk.RemovalPolicy.RETAIN)
    return log_group


def create_job_log_groups(scope: Construct, *, key: kms.IKey, retention_days: int) -> None:
    """The log groups of SageMaker's jobs, which have the same names for the whole account.

    SageMaker would make them itself, unencrypted and kept for ever. CloudFormation can make a group only
    once, so one environment of an account and region makes them for all.
    """
    for construct_id, name in JOB_LOG_GROUPS.items():
        create_log_group(scope, construct_id, key=key, retention_days=retention_days, name=name)
