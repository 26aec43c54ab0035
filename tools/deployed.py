"""What is deployed of an environment, as CloudFormation says it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3

from tools.synthesized import Synthesized

_KINDS = ("monitoring", "serving", "catalog", "training")
"""The last parts of the names of a use case's stacks, in the order in which they can be deleted."""
_ENVIRONMENT, _USE_CASE = "environment", "use-case"
"""Tags of the stacks of use cases."""
_OF_ALL = ("delivery", "studio", "catalog", "image")
"""The stacks that an environment has by its options, in the same order."""


@dataclass(frozen=True, eq=False)
class Deployed:
    """A stack that exists."""

    name: str
    region: str
    status: str
    tags: Mapping[str, str]
    stack_id: str
    is_protected: bool
    """Whether it refuses to be deleted."""


def deployed_stacks(environment: Synthesized, client: Callable[..., Any] = boto3.client) -> list[Deployed]:
    """Those whose names begin like the environment's; stacks inside stacks belong to others."""
    found = []
    for region in environment.regions:
        pages = client("cloudformation", region_name=region).get_paginator("describe_stacks").paginate()
        found += [
            Deployed(
                stack["StackName"],
                region,
                stack["StackStatus"],
                {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())},
                stack["StackId"],
                stack.get("EnableTerminationProtection", False),
            )
            for page in pages
            for stack in page["Stacks"]
            if stack["StackName"].startswith(f"{environment.prefix}-") and "ParentId" not in stack
        ]
    return found


def orphans(environment: Synthesized, deployed: Sequence[Deployed]) -> list[Deployed]:
    """Stacks that the configuration has no more, in the order of their deletion.

    Of a use case or an option that was removed. Only what says by its tags that it is ours: others may have
    names that begin alike.
    """
    known = {stack.name for stack in environment.stacks}
    unknown = {
        stack: rank
        for stack in deployed
        if stack.name not in known
        and stack.tags.get(_ENVIRONMENT) == environment.prefix
        and (rank := _rank(stack, environment.prefix)) is not None
    }
    return sorted(unknown, key=lambda stack: (unknown[stack], stack.name))


def _rank(stack: Deployed, prefix: str) -> int | None:
    """Those of use cases go first: they use what those of all have."""
    own = stack.name.removeprefix(f"{prefix}-")
    kind = own.rpartition("-")[2]
    if _USE_CASE in stack.tags:
        return _KINDS.index(kind) if kind in _KINDS else None
    return len(_KINDS) + _OF_ALL.index(own) if own in _OF_ALL else None
