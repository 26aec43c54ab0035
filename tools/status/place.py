"""What one looks at: an environment as it is synthesized, and its use cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from tools.synthesized import Json, Synthesized

_SERVING = "-serving"


@dataclass(frozen=True)
class Place:
    """One use case of an environment; without one, what all of them share."""

    environment: Synthesized
    use_case: str = ""

    @property
    def name(self) -> str:
        """Of pipeline, group of versions and endpoint; names of its machines begin with it."""
        return f"{self.environment.prefix}-{self.use_case}"

    @property
    def trained_in(self) -> str:
        """The account whose registry it serves from, where that is another environment's."""
        group = self.environment.group(self.use_case)
        return group.split(":")[4] if group.startswith("arn:") else ""

    def client(self, service: str) -> Any:
        return _client(service, self.environment.region)

    def declared(self, kind: str) -> Iterator[Json]:
        """Properties of its resources of a type, in the order of the stacks."""
        for stack in self.environment.stacks:
            if self._is_of(stack.path.partition("/")[2]):
                for resource in stack.template["Resources"].values():
                    if resource["Type"] == kind:
                        yield resource["Properties"]

    def _is_of(self, stack: str) -> bool:
        """`churn-abroad-training` is not of `churn`."""
        owners = [each for each in use_cases(self.environment) if stack.startswith(f"{each}-")]
        return max(owners, key=len, default="") == self.use_case


def use_cases(environment: Synthesized) -> list[str]:
    """Each has a stack that serves it, wherever it is trained."""
    names = (stack.path.partition("/")[2] for stack in environment.stacks)
    return [name.removesuffix(_SERVING) for name in names if name.endswith(_SERVING)]


@cache
def _client(service: str, region: str) -> Any:
    """Kept, because each takes a tenth of a second to make."""
    return boto3.client(service, region_name=region)
