"""Finds what an earlier deployment of an environment has left and CloudFormation cannot find by itself.

CloudFormation takes over what the template names, but not what is known by an id that AWS has chosen:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.synthesized import Json, Stack

Client = Callable[[str], Any]


@dataclass(frozen=True)
class Existing:
    """A resource that exists, and what a template has to say of it so that it can be imported."""

    logical_id: str
    declaration: Json
    identifier: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.declaration['Type']} {', '.join(self.identifier.values())}"


@dataclass(frozen=True)
class _Found:
    identifier: dict[str, str]
    properties: dict[str, Any]
    """Values of properties that the template refers to what is not deployed yet for."""


def existing_resources(stack: Stack, client: Client) -> list[Existing]:
    """What exists of a stack that does not."""
    return [
        Existing(logical_id, _importable(declaration, found.properties), found.identifier)
        for logical_id, declaration in stack.template["Resources"].items()
        if declaration["Type"] in _FINDERS
        for found in _FINDERS[declaration["Type"]](client, stack.template, logical_id)
    ]


def _importable(declaration: Json, known: Mapping[str, Any]) -> Json:
    """The declaration without references to what is not imported with it; the next deployment adds them."""
    properties = {
        name: known.get(name) if _refers(value) else value
        for name, value in declaration["Properties"].items()
    }
    kept = {name: declaration[name] for name in ("Type", "DeletionPolicy", "UpdateReplacePolicy")}
    return {**kept, "Properties": {name: value for name, value in properties.items() if value is not None}}


def _refers(value: Any) -> bool:
    if isinstance(value, Mapping):
        if "Ref" in value:
            return not str(value["Ref"]).startswith("AWS::")
        return any(name in ("Fn::GetAtt", "Fn::ImportValue") or _refers(item) for name, item in value.items())
    return isinstance(value, list) and any(map(_refers, value))


def _keys(client: Client, template: Json, logical_id: str) -> Iterator[_Found]:
    """By its alias; one that waits for its deletion is left to it."""
    for resource in template["Resources"].values():
        target = {"Fn::GetAtt": [logical_id, "Arn"]}
        if resource["Type"] == "AWS::KMS::Alias" and resource["Properties"]["TargetKeyId"] == target:
            for key in _answer(client("kms").describe_key, KeyId=resource["Properties"]["AliasName"]):
                if key["KeyMetadata"]["KeyState"] != "PendingDeletion":
                    yield _Found({"KeyId": key["KeyMetadata"]["KeyId"]}, {})


def _package_groups(client: Client, template: Json, logical_id: str) -> Iterator[_Found]:
    name = template["Resources"][logical_id]["Properties"]["ModelPackageGroupName"]
    for group in _answer(client("sagemaker").describe_model_package_group, ModelPackageGroupName=name):
        yield _Found({"ModelPackageGroupArn": group["ModelPackageGroupArn"]}, {})


def _domains(client: Client, template: Json, logical_id: str) -> Iterator[_Found]:
    """By its name; one whose network has been deleted cannot work any more."""
    name = template["Resources"][logical_id]["Properties"]["DomainName"]
    sagemaker = client("sagemaker")
    pages = sagemaker.get_paginator("list_domains").paginate()
    for domain in (domain for page in pages for domain in page["Domains"]):
        if domain["DomainName"] == name and domain["Status"] != "Deleting":
            live = sagemaker.describe_domain(DomainId=domain["DomainId"])
            if not list(_answer(client("ec2").describe_vpcs, VpcIds=[live["VpcId"]])):
                continue
            settings = {"ExecutionRole": live["DefaultUserSettings"]["ExecutionRole"]}
            yield _Found({"DomainId": domain["DomainId"]}, {**live, "DefaultUserSettings": settings})
            return


def _mlflow_apps(client: Client, template: Json, logical_id: str) -> Iterator[_Found]:
    name = template["Resources"][logical_id]["Properties"]["Name"]
    sagemaker = client("sagemaker")
    pages = sagemaker.get_paginator("list_mlflow_apps").paginate()
    for app in (app for page in pages for app in page["Summaries"]):
        if app["Name"] == name and app["Status"] not in ("Deleting", "Deleted"):
            yield _Found({"Arn": app["Arn"]}, sagemaker.describe_mlflow_app(Arn=app["Arn"]))
            return


_FINDERS: Mapping[str, Callable[[Client, Json, str], Iterator[_Found]]] = {
    "AWS::KMS::Key": _keys,
    "AWS::SageMaker::Domain": _domains,
    "AWS::SageMaker::MlflowApp": _mlflow_apps,
    "AWS::SageMaker::ModelPackageGroup": _package_groups,
}


def _answer(operation: Callable[..., Any], **arguments: Any) -> Iterator[Any]:
    """The answer, if there is such a thing."""
    try:
        yield operation(**arguments)
    except ClientError as error:
        text = f"{error.response['Error']['Code']} {error.response['Error']['Message']}"
        if "NotFound" not in text and "does not exist" not in text:
            raise
