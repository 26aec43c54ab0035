"""Accounts are not empty: whatever has a name there is called after its project and environment."""

import re

from stacks.parts.place import ALL_JOB_LOG_GROUPS
from tests.stacks.cloud import Cloud, Resource
from tools.local_aws.cloudformation.schemas import resource_schema

NAMED_BY_SOMETHING_ELSE = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "it is known by the endpoint that it scales",
    "AWS::Glue::Connection": "its name is a part of ConnectionInput",
    "AWS::Glue::Table": "it is in a database of ours",
    "AWS::SageMaker::UserProfile": "it is in a domain of ours",
    "AWS::SSM::Association": "it has the name of the runbook that it runs; its own is AssociationName",
}


def _names(resource: Resource) -> list[str]:
    """What the template calls it: its identifier, and its own name where AWS chooses the identifier."""
    schema = resource_schema(resource.type)
    assert schema is not None, resource.type
    kind = resource.type.rpartition("::")[2]
    properties = {path.rpartition("/")[2] for path in schema.document["primaryIdentifier"]}
    properties |= {"Name", f"{kind}Name"} & set(schema.properties)
    values = [resource.get(name) for name in sorted(properties)]
    return [value for value in values if isinstance(value, str)]


def test_every_name_in_the_account_begins_with_project_and_environment(cloud: Cloud) -> None:
    for resource in cloud.resources:
        prefix = resource.template.prefix
        own = re.compile(rf"(^|[/:]){re.escape(prefix)}([-/]|$)|^{re.escape(prefix.replace('-', '_'))}$")
        for name in _names(resource) if resource.type not in NAMED_BY_SOMETHING_ELSE else ():
            assert own.search(name) or name in ALL_JOB_LOG_GROUPS, f"{resource}: {name}"
