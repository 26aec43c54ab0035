"""The table of resource types: one row per type, in one file per service."""

from collections.abc import Iterable
from dataclasses import replace

from tools.local_aws.cloudformation.row import Row
from tools.local_aws.cloudformation.rows import (
    athena,
    autoscaling,
    aws_lambda,
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
from tools.local_aws.cloudformation.schemas import CUSTOM_RESOURCE, is_custom, resource_schema

_FILES = (
    athena,
    autoscaling,
    aws_lambda,
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


class _Rows(dict[str, Row]):
    """One row serves every type of custom resource, under the type's own name."""

    def __missing__(self, type_name: str) -> Row:
        if not is_custom(type_name):
            raise KeyError(type_name)
        return replace(self[CUSTOM_RESOURCE], type_name=type_name)


ROWS: dict[str, Row] = _Rows({row.type_name: row for file in _FILES for row in file.ROWS})


def unsupported_types(type_names: Iterable[str]) -> str | None:
    """What is wrong with the types of a template, or None."""
    missing = sorted(name for name in type_names if name not in ROWS and not is_custom(name))
    unknown = [name for name in missing if resource_schema(name) is None]
    if unknown:
        return f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
    if missing:
        return (
            f"Resource types the embedded AWS does not carry out: [{', '.join(missing)}]. Use another type, "
            "or add a row for it in tools/local_aws/cloudformation/rows."
        )
    return None
