"""Roles and what their policies say, as the promises about permissions see them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.stacks.cloud import Cloud, Resource, listed

Statement = dict[str, Any]
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

    def allowing(self, action: str) -> list[Statement]:
        """The statements that allow an action by its name."""
        return [
            one for one in self.statements if one["Effect"] == "Allow" and action in listed(one["Action"])
        ]


def roles_of(cloud: Cloud) -> list[Role]:
    """The roles of all environments, with their policies."""
    roles = {str(resource): Role(resource) for resource in cloud.of_type("AWS::IAM::Role")}
    for policy in cloud.of_type("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
        for resource in cloud.referenced(policy.template, policy.get("Roles")):
            roles[str(resource)].policies.append(policy)
    return list(roles.values())
