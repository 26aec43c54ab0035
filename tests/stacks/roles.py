"""Roles and what their policies say, as the promises about permissions see them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.stacks.cloud import Cloud, Resource

Statement = dict[str, Any]
PEOPLE = ("DataEngineer", "DataScientist", "MlopsEngineer")
_GENERATED_ID = re.compile(r"(?P<name>\w+?)Role[0-9A-F]{8}")


@dataclass
class Role:
    """A role with the policies that are attached to it."""

    resource: Resource
    policies: list[Resource] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.resource.template.environment}/{self.name}"

    @property
    def name(self) -> str:
        """`DataScientist` of `DataScientistRole2DDEED56`."""
        found = _GENERATED_ID.fullmatch(self.resource.logical_id)
        return found["name"] if found else self.resource.logical_id

    @property
    def statements(self) -> Iterator[Statement]:
        """All statements of its policies."""
        for policy in self.policies:
            yield from policy.get("PolicyDocument", "Statement")

    def passed(self, cloud: Cloud) -> set[str]:
        """Names of the roles that it may pass to services."""
        return {
            Role(target).name
            for policy in self.policies
            for statement in policy.get("PolicyDocument", "Statement")
            if "iam:PassRole" in listed(statement.get("Action"))
            for target in cloud.referenced(policy.template, statement["Resource"])
        }

    def allowing(self, action: str) -> list[Statement]:
        """The statements that allow an action by its name."""
        return [
            one for one in self.statements if one["Effect"] == "Allow" and action in listed(one["Action"])
        ]

    def statement(self, sid: str) -> Statement:
        """The only statement with this `Sid`."""
        (found,) = (one for one in self.statements if one["Sid"] == sid)
        return found


def roles_of(cloud: Cloud, *names: str) -> list[Role]:
    """The roles of all environments that have one of these names; without names, all."""
    roles = {str(resource): Role(resource) for resource in cloud.of_type("AWS::IAM::Role")}
    for policy in cloud.of_type("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for resource in cloud.referenced(policy.template, policy.get("Roles")):
            roles[str(resource)].policies.append(policy)
    found = [role for role in roles.values() if not names or role.name in names]
    assert found, names
    return found


def listed(value: Any) -> list[Any]:
    """A value that policies write with or without a list."""
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """A resource of a statement, with `${...}` for what CloudFormation fills in."""
    if isinstance(value, str):
        return value
    ((function, argument),) = value.items()
    if function == "Fn::Join":
        return "".join(text_of(piece) for piece in argument[1])
    return "${" + (argument if isinstance(argument, str) else ".".join(argument)) + "}"
