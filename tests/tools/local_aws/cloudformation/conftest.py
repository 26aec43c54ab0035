"""A short way to deploy to the embedded AWS."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tools.local_aws.process import LocalAws

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Aws:
    """Deploys templates and answers what tests ask about stacks."""

    client: Callable[..., Any]

    @staticmethod
    def template(resources: dict[str, Any], **sections: Any) -> str:
        """A template as text."""
        return json.dumps({"Resources": resources, **sections})

    def deploy(self, name: str, resources: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Creates or updates a stack and waits until it has settled."""
        cloudformation = self.client("cloudformation")
        sections = {key: more.pop(key) for key in list(more) if key in SECTIONS}
        arguments = {
            "StackName": name,
            "TemplateBody": self.template(resources, **sections),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            **more,
        }
        if self.exists(name):
            cloudformation.update_stack(**arguments)
        else:
            cloudformation.create_stack(**arguments)
        return self.stack(name)

    def exists(self, name: str) -> bool:
        """Whether a live stack has the name."""
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        return name in [stack["StackName"] for stack in stacks]

    def stack(self, name: str) -> dict[str, Any]:
        """The stack as DescribeStacks shows it."""
        stack: dict[str, Any] = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        return stack

    def outputs(self, name: str) -> dict[str, str]:
        """The outputs of a stack by key."""
        return {item["OutputKey"]: item["OutputValue"] for item in self.stack(name).get("Outputs", [])}

    def resource(self, name: str, logical_id: str) -> dict[str, Any]:
        """One resource of a stack."""
        answer = self.client("cloudformation").describe_stack_resource(
            StackName=name, LogicalResourceId=logical_id
        )
        detail: dict[str, Any] = answer["StackResourceDetail"]
        return detail

    def events(self, name: str) -> list[tuple[str, str, str]]:
        """Logical id, status and reason of every event, oldest first."""
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        return [
            (event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason", ""))
            for event in reversed(events)
        ]


SECTIONS = ("Parameters", "Conditions", "Outputs", "Mappings", "Rules", "Description")


@pytest.fixture(scope="session")
def aws(local_aws: LocalAws) -> Aws:
    return Aws(local_aws.client)


@pytest.fixture
def name() -> str:
    """A stack name no other test uses."""
    return f"stack-{next(_numbers)}"
