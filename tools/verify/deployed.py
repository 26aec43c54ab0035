"""A stack of the assembly as it is deployed, and what one looks at it with."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from tools.synthesized import Json, Stack

Clients = Callable[[str, str], Any]
"""Of a service in a region."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True)
class Resource:
    """What a stack has made of a resource of its template."""

    name: str
    properties: Json


@dataclass(frozen=True)
class DeployedStack:
    """One stack, and what CloudFormation says of it."""

    stack: Stack
    described: Json
    clients: Clients

    @property
    def status(self) -> str:
        return str(self.described["StackStatus"])

    @property
    def changed(self) -> datetime:
        """When the newest deployment or release of it began."""
        moment: datetime = self.described.get("LastUpdatedTime") or self.described["CreationTime"]
        return moment

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.described.get("Outputs", ())}

    def client(self, service: str) -> Any:
        return self.clients(service, self.stack.region)

    def has_the_template(self) -> bool:
        """GetTemplate shows every character that is not ASCII as a question mark.

        https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1220
        """
        found = self.client("cloudformation").get_template(
            StackName=self.stack.name, TemplateStage="Original"
        )
        return bool(_as_shown(found["TemplateBody"]) == _as_shown(self.stack.template))

    def made(self, kind: str, named_by: str = "") -> Iterator[Resource]:
        """What exists of a type; what a condition leaves out of the stack does not.

        By the name that the template gives it, because SageMaker writes names in ARNs in small letters.
        """
        declared = self.stack.template["Resources"]
        for logical_id, physical_id in self._made.items():
            if logical_id in declared and declared[logical_id]["Type"] == kind:
                properties = declared[logical_id].get("Properties", {})
                named = properties.get(named_by)
                yield Resource(named if isinstance(named, str) else physical_id, properties)

    @cached_property
    def _made(self) -> Mapping[str, str]:
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages.paginate(StackName=self.stack.name)
            for each in page["StackResourceSummaries"]
            if each["ResourceStatus"] != "DELETE_COMPLETE"
        }


def deployed(stack: Stack, clients: Clients) -> DeployedStack | None:
    """None where the account has no stack of this name."""
    try:
        (found,) = clients("cloudformation", stack.region).describe_stacks(StackName=stack.name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    return DeployedStack(stack, found, clients)


def _as_shown(template: Any) -> Any:
    return json.loads(_NOT_ASCII.sub("?", json.dumps(template, ensure_ascii=False)))
