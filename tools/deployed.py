"""What is deployed of an environment, as CloudFormation says it."""

from collections.abc import Sequence
from dataclasses import dataclass

import boto3

from tools.synthesized import Synthesized

_DELETED_FIRST = ("monitoring", "serving", "catalog", "training")
"""The last parts of the names of a use case's stacks: each needs what the later ones hold."""


@dataclass(frozen=True)
class Deployed:
    """A stack that exists."""

    name: str
    region: str
    status: str


def deployed_stacks(environment: Synthesized) -> list[Deployed]:
    """Those whose names begin like the environment's; stacks inside stacks belong to others."""
    found = []
    for region in environment.regions:
        pages = boto3.client("cloudformation", region_name=region).get_paginator("describe_stacks").paginate()
        found += [
            Deployed(stack["StackName"], region, stack["StackStatus"])
            for page in pages
            for stack in page["Stacks"]
            if stack["StackName"].startswith(f"{environment.prefix}-") and "ParentId" not in stack
        ]
    return found


def forgotten(environment: Synthesized, deployed: Sequence[Deployed]) -> list[Deployed]:
    """Stacks of use cases and options that the configuration has no more, in the order of their deletion."""
    known = {stack.name for stack in environment.stacks}
    return sorted((stack for stack in deployed if stack.name not in known), key=_rank)


def _rank(stack: Deployed) -> tuple[int, str]:
    kind = stack.name.rpartition("-")[2]
    return (_DELETED_FIRST.index(kind) if kind in _DELETED_FIRST else len(_DELETED_FIRST), stack.name)
