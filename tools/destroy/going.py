"""The stacks that go, in an order that CloudFormation lets them, and how one is deleted."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from tools.deployed import Deployed, orphans
from tools.destroy import obstacles
from tools.destroy.obstacles import Obstacle
from tools.destroy.staying import is_kept
from tools.synthesized import Json, Synthesized

_STACK = "AWS::CloudFormation::Stack"
_GONE = ("DELETE_COMPLETE", "DELETE_SKIPPED")
_LOOKS_SECONDS = 2.0


class NotDeletedError(Exception):
    """CloudFormation could not delete a stack; the text says which resources and why."""


@dataclass(frozen=True)
class Going:
    """A stack that exists and is to be deleted."""

    stack: Deployed
    template: Json
    is_orphan: bool

    def client(self, service: str) -> Any:
        return _client(service, self.stack.region)

    @property
    def resources(self) -> dict[str, list[str]]:
        """Physical ids by type of what exists, with what is in stacks inside of it."""
        found: dict[str, list[str]] = defaultdict(list)
        for kind, physical_id in _resources(self.client("cloudformation"), self.stack.name):
            found[kind].append(physical_id)
        return found

    def obstacles(self) -> list[Obstacle]:
        return obstacles.find(self.client, self.resources)

    def __str__(self) -> str:
        declared = self.template["Resources"].values()
        stays = sum(map(is_kept, declared))
        orphan = f"; no configuration knows it any more ({self.stack.status})" if self.is_orphan else ""
        protected = "; termination protection is on: it refuses to go" if self.stack.is_protected else ""
        return f"{self.stack.name}: {len(declared)} resources, of which {stays} stay{orphan}{protected}"


def stacks_that_go(
    environment: Synthesized, deployed: Sequence[Deployed], network: str | None, *, only_orphans: bool
) -> list[Going]:
    """Orphans first: they would keep the foundation, whose exports they use, from going."""
    by_name = {stack.name: stack for stack in deployed}
    going = [Going(orphan, _template(orphan), is_orphan=True) for orphan in orphans(environment, deployed)]
    if not only_orphans:
        going += [
            Going(by_name[known.name], known.template, is_orphan=False)
            for known in reversed(environment.stacks)
            if known.name in by_name and known.path != network
        ]
    return going


def network_that_stays(environment: Synthesized) -> str | None:
    """The path of the network stack while there is a domain, whose file system and apps stand there."""
    sagemaker = _client("sagemaker", environment.region)
    pages = sagemaker.get_paginator("list_domains").paginate()
    if environment.prefix not in {domain["DomainName"] for page in pages for domain in page["Domains"]}:
        return None
    return next(stack.path for stack in environment.stacks if stack.path.endswith("/network"))


def delete(going: Going, role_arn: str) -> None:
    """As CloudFormation's own role, which outlives all stacks; a deletion that has begun is waited for."""
    client, name = going.client("cloudformation"), going.stack.name
    if going.stack.status != "DELETE_IN_PROGRESS":
        client.delete_stack(StackName=name, RoleARN=role_arn)
    while (stack := _by_id(client, going.stack.stack_id))["StackStatus"] == "DELETE_IN_PROGRESS":
        time.sleep(_LOOKS_SECONDS)
    if stack["StackStatus"] != "DELETE_COMPLETE":
        # A stack whose exports are in use is as it was: https://github.com/boto/botocore/issues/2590
        told = [
            f"{name} is {stack['StackStatus']}: {stack.get('StackStatusReason', '')}",
            *_failures(client, name),
        ]
        raise NotDeletedError("\n  ".join(told))


def _by_id(client: Any, stack_id: str) -> Mapping[str, Any]:
    (stack,) = client.describe_stacks(StackName=stack_id)["Stacks"]
    found: Mapping[str, Any] = stack
    return found


def _failures(client: Any, name: str) -> Iterator[str]:
    for page in client.get_paginator("list_stack_resources").paginate(StackName=name):
        for each in page["StackResourceSummaries"]:
            if each["ResourceStatus"] == "DELETE_FAILED":
                reason = each.get("ResourceStatusReason", "")
                yield f"{each['LogicalResourceId']} ({each['ResourceType']}): {reason}"


def _resources(client: Any, stack: str) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
        for each in page["StackResourceSummaries"]:
            physical_id = each.get("PhysicalResourceId")
            if not physical_id or each["ResourceStatus"] in _GONE:
                continue
            if each["ResourceType"] == _STACK:
                yield from _resources(client, physical_id)
            else:
                yield each["ResourceType"], physical_id


def _template(stack: Deployed) -> Json:
    """What was deployed: the configuration has it no more."""
    body = _client("cloudformation", stack.region).get_template(StackName=stack.name)["TemplateBody"]
    return dict(body)


@cache
def _client(service: str, region: str) -> Any:
    """Kept, because each takes a tenth of a second to make."""
    return boto3.client(service, region_name=region)
