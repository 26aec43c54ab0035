"""Log groups: encrypted with the environment's key, and kept for as long as the environment says."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

JOB_LOG_GROUPS = {
    "ProcessingJobLogs": "/aws/sagemaker/ProcessingJobs",
    "TrainingJobLogs": "/aws/sagemaker/TrainingJobs",
}


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
