"""The table of resource types: one row per type, in one file per service."""

from collections.abc import Iterable
from dataclasses import replace

from tools.local_aws.cloudformation.functions import NOT_CARRIED_OUT, calls_in
from tools.local_aws.cloudformation.row import Row
from tools.local_aws.cloudformation.rows import (
    athena,
    autoscaling,
    aws_lambda,
    budgets,
    chatbot,
    cloudformation,
    cloudwatch,
    codebuild,
    databrew,
    ec2,
    ecr,
    events,
    glue,
    iam,
    kms,
    logs,
    resolver,
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
from tools.local_aws.cloudformation.template import Template

_FILES = (
    athena,
    autoscaling,
    aws_lambda,
    budgets,
    chatbot,
    cloudformation,
    cloudwatch,
    codebuild,
    databrew,
    ec2,
    ecr,
    events,
    glue,
    iam,
    kms,
    logs,
    resolver,
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


def unknown_types(type_names: Iterable[str]) -> list[str]:
    """The types that AWS does not have."""
    return [name for name in sorted(type_names) if name not in ROWS and resource_schema(name) is None]


def not_carried_out(template: Template) -> str | None:
    """What of a template AWS would deploy and the embedded AWS does not, or None."""
    attributes = {
        key: value
        for resource in template.document["Resources"].values()
        if isinstance(resource, dict)
        for key, value in resource.items()
        if key in ("CreationPolicy", "UpdatePolicy") or value == "Snapshot"
    }
    for what, found in (
        ("Transforms", template.transforms),
        ("Functions", {name for name, _ in calls_in(template.document) if name == NOT_CARRIED_OUT}),
        ("Sections", {"Hooks"} & set(template.document)),
        ("Attributes of resources", {f"{key}: {value}" for key, value in attributes.items()}),
        (
            "Resource types",
            {name for name in template.type_names if name not in ROWS and not is_custom(name)},
        ),
    ):
        if found:
            return (
                f"{what} the embedded AWS does not carry out: [{', '.join(sorted(found))}]. Use another, or "
                "extend tools/local_aws/cloudformation (types: rows)."
            )
    return None
