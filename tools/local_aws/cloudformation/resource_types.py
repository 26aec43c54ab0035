"""The table of resource types: one row per type, in one file per service."""

from collections.abc import Iterable

from tools.local_aws.cloudformation.row import Row
from tools.local_aws.cloudformation.rows import (
    athena,
    autoscaling,
    budgets,
    cloudformation,
    cloudwatch,
    databrew,
    ec2,
    ecr,
    events,
    glue,
    iam,
    kms,
    logs,
    s3,
    sagemaker,
    sagemaker_data,
    scheduler,
    sns,
    sqs,
    ssm,
    step_functions,
    studio,
)
from tools.local_aws.cloudformation.schemas import resource_schema

_FILES = (
    athena,
    autoscaling,
    budgets,
    cloudformation,
    cloudwatch,
    databrew,
    ec2,
    ecr,
    events,
    glue,
    iam,
    kms,
    logs,
    s3,
    sagemaker,
    sagemaker_data,
    scheduler,
    sns,
    sqs,
    ssm,
    step_functions,
    studio,
)
ROWS: dict[str, Row] = {row.type_name: row for file in _FILES for row in file.ROWS}


def unsupported_types(type_names: Iterable[str]) -> str | None:
    """What is wrong with the types of a template, or None."""
    missing = sorted(name for name in type_names if name not in ROWS)
    unknown = [name for name in missing if resource_schema(name) is None]
    if unknown:
        return f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
    if missing:
        return (
            f"Resource types the embedded AWS does not carry out: [{', '.join(missing)}]. Use another type, "
            "or add a row for it in tools/local_aws/cloudformation/rows."
        )
    return None
