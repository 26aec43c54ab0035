"""The log groups of SageMaker's jobs, which have the same names for the whole account.

SageMaker would make them itself, unencrypted and kept for ever. CloudFormation can make a group only once, so
one environment of an account and region makes them for all.
"""

from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.parts.log_groups import create_log_group

LOG_GROUPS = {
    "ProcessingJobLogs": "/aws/sagemaker/ProcessingJobs",
    "TrainingJobLogs": "/aws/sagemaker/TrainingJobs",
}


def create_job_log_groups(scope: Construct, *, key: kms.IKey, retention_days: int) -> None:
    """Encrypted log groups with a retention for processing, training and monitoring jobs."""
    for construct_id, name in LOG_GROUPS.items():
        create_log_group(scope, construct_id, key=key, retention_days=retention_days, name=name)
