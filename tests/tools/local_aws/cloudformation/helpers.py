"""A short way to deploy to the embedded AWS."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SECTIONS = ("Parameters", "Conditions", "Outputs", "Mappings", "Rules", "Description")


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


def allow(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), **more}]}


def trust(service: str) -> dict[str, Any]:
    return allow("sts:AssumeRole", Principal={"Service": service})


def settled(aws: Aws, name: str, resources: dict[str, Any], **sections: Any) -> dict[str, str]:
    """Deploys, insists on success, and gives the physical ids."""
    stack = aws.deploy(name, resources, **sections)
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), aws.events(name)
    assert drifted(aws, name) == [], "what was just deployed reads back otherwise"
    described = aws.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in described}


def drifted(aws: Aws, name: str) -> list[tuple[str, str, list[dict[str, str]]]]:
    """What differs from the template now: logical id, status and differences."""
    cloudformation = aws.client("cloudformation")
    cloudformation.detect_stack_drift(StackName=name)
    statuses = {"StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    found = cloudformation.describe_stack_resource_drifts(StackName=name, **statuses)["StackResourceDrifts"]
    return [
        (item["LogicalResourceId"], item["StackResourceDriftStatus"], item.get("PropertyDifferences", []))
        for item in found
    ]


def gone(aws: Aws, name: str) -> bool:
    aws.client("cloudformation").delete_stack(StackName=name)
    assert not aws.exists(name), aws.events(name)[-3:]
    return True
