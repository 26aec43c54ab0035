"""What is deployed of an environment, as CloudFormation says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import boto3

from tools.synthesized import Synthesized

_KINDS = ("monitoring", "serving", "catalog", "training")
"""The last parts of the names of a use case's stacks, in the order in which they can be deleted."""
_ENVIRONMENT, _USE_CASE = "environment", "use-case"
"""Tags of the stacks of use cases."""


@dataclass(frozen=True)
class Deployed:
    """A stack that exists."""

    name: str
    region: str
    status: str
    tags: Mapping[str, str]


def deployed_stacks(environment: Synthesized) -> list[Deployed]:
    """Those whose names begin like the environment's; stacks inside stacks belong to others."""
    found = []
    for region in environment.regions:
        pages = boto3.client("cloudformation", region_name=region).get_paginator("describe_stacks").paginate()
        found += [
            Deployed(
                stack["StackName"],
                region,
                stack["StackStatus"],
                {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())},
            )
            for page in pages
            for stack in page["Stacks"]
            if stack["StackName"].startswith(f"{environment.prefix}-") and "ParentId" not in stack
        ]
    return found


def forgotten(environment: Synthesized, deployed: Sequence[Deployed]) -> list[Deployed]:
    """Stacks of use cases that the configuration names no more, in the order of their deletion.

    Only what says by its tags that it is such a stack: others may have names that begin like ours.
    """
    known = {stack.name for stack in environment.stacks}
    orphans = [
        stack
        for stack in deployed
        if stack.name not in known
        and stack.tags.get(_ENVIRONMENT) == environment.prefix
        and _USE_CASE in stack.tags
        and _kind(stack) in _KINDS
    ]
    return sorted(orphans, key=lambda stack: (_KINDS.index(_kind(stack)), stack.name))


def _kind(stack: Deployed) -> str:
    return stack.name.rpartition("-")[2]
