"""What AWS's resource schemas know: which changes create a resource anew, and what names it."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from tools.local_aws.cloudformation.schemas import ResourceSchema, bundled, resource_schema

ENDPOINTS = {"AWS::SageMaker::Endpoint", "AWS::SageMaker::InferenceComponent"}

# No schema says that a resource holds something. cfn-lint lists stores, without those of SageMaker.
_HOLD_DATA = {
    "AWS::SageMaker::Domain": "the file system with people's homes",
    "AWS::SageMaker::UserProfile": "a person's home",
    "AWS::SageMaker::FeatureGroup": "features",
    "AWS::SageMaker::ModelPackage": "a model version",
    "AWS::SageMaker::ModelPackageGroup": "model versions",
    "AWS::SageMaker::MlflowApp": "experiments",
    "AWS::SageMaker::MlflowTrackingServer": "experiments",
    "AWS::SageMaker::Space": "a person's files",
    "AWS::SageMaker::NotebookInstance": "a person's files",
    "AWS::Glue::Database": "tables, also those that nobody declared",
    "AWS::ECR::Repository": "images",
    "AWS::ECR::PublicRepository": "images",
    "AWS::S3Express::DirectoryBucket": "objects",
    "AWS::S3Tables::Table": "rows",
    "AWS::S3Tables::TableBucket": "rows",
    "AWS::S3Vectors::Index": "vectors",
    "AWS::S3Vectors::VectorBucket": "vectors",
    "AWS::CodeCommit::Repository": "code",
    "AWS::EC2::Instance": "its volumes",
    "AWS::KMS::ReplicaKey": "what it has encrypted",
    "AWS::MemoryDB::Cluster": "rows",
    "AWS::MSK::Cluster": "messages",
    "AWS::OpenSearchServerless::Collection": "documents",
    "AWS::RDS::GlobalCluster": "rows",
    "AWS::RedshiftServerless::Namespace": "rows",
    "AWS::Timestream::Database": "rows",
    "AWS::Timestream::Table": "rows",
}
# What finds it, and no call changes: the service refuses, or makes another one. Not all schemas say so.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateInferenceComponent.html
# https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html
_FOUND_BY = ("Name", "EndpointName", "VariantName", "DatabaseInput.Name")

_OF_ANOTHER = re.compile(r"\$\{(?!AWS::|!)")


@cache
def _stores() -> frozenset[str]:
    return frozenset(bundled("AdditionalSpecs/StatefulResources.json")["ResourceTypes"])


def is_stateful(type_name: str) -> bool:
    """Whether a resource of the type holds what cannot be made again from the template."""
    return type_name in _HOLD_DATA or type_name in _stores()


def is_retained(resource: Mapping[str, Any], attribute: str) -> bool:
    """By `DeletionPolicy` or `UpdateReplacePolicy`."""
    return str(resource.get(attribute, "")).startswith(("Retain", "Snapshot"))


def replacing(
    type_name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    """The changed properties that create a resource of the type anew: for certain, and perhaps."""
    schema = resource_schema(type_name)
    if schema is None:
        return [], []
    certain = _changed(schema, "createOnlyProperties", before, after)
    tags = _fixed_tags(schema)
    if tags and before.get(tags) != after.get(tags):
        certain.append(tags)
    perhaps = _changed(schema, "conditionalCreateOnlyProperties", before, after)
    perhaps += [
        name for name in _names(type_name) if _at(before, path := tuple(name.split("."))) != _at(after, path)
    ]
    return sorted({*certain}), sorted({*perhaps} - {*certain})


def _names(type_name: str) -> list[str]:
    """Of what holds data or answers requests: the properties by which it is found."""
    if type_name not in ENDPOINTS and not is_stateful(type_name):
        return []
    return [*_FOUND_BY, f"{type_name.rpartition('::')[2]}Name"]


def _fixed_tags(schema: ResourceSchema) -> str | None:
    is_fixed = schema.document.get("tagging", {}).get("tagUpdatable", True) is False
    return schema.tag_property if is_fixed else None


def _changed(
    schema: ResourceSchema, kind: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[str]:
    return sorted(".".join(path) for path in schema.paths(kind) if _at(before, path) != _at(after, path))


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def replacing_texts(type_name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the properties that create a resource anew when what they refer to changes."""
    schema = resource_schema(type_name)
    if schema is None:
        return {}
    found = {".".join(path): _at(properties, path) for path in schema.paths("createOnlyProperties")}
    return {path: value for path, value in found.items() if value is not None}


def identifying(type_name: str) -> set[str]:
    """The top-level properties by which AWS tells resources of the type apart."""
    schema = resource_schema(type_name)
    return set() if schema is None else {path[0] for path in schema.paths("primaryIdentifier")}


def own_name(type_name: str, properties: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """What the template calls the resource, wherever it is; None when AWS chooses its name."""
    schema = resource_schema(type_name)
    identifier = [] if schema is None else schema.paths("primaryIdentifier")
    chosen_by_aws = set() if schema is None else {*schema.paths("readOnlyProperties")}
    if not identifier or any(path in chosen_by_aws for path in identifier):
        return None
    values = tuple(_at(properties, path) for path in identifier)
    # A name that is made of another resource's says nothing of its own.
    return None if any(value is None or _OF_ANOTHER.search(str(value)) for value in values) else values


def refers_to(value: Any, stack: str, logical_id: str, *, is_own: bool) -> bool:
    """Whether a readable value names a resource of its own stack, or of another one."""
    before = r"\$\{" if is_own else rf"\$\{{[\w-]*-?{re.escape(stack)}:"
    return re.search(rf"{before}{re.escape(logical_id)}[.}}]", str(value)) is not None
