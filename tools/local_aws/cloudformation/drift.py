"""Drift: what of a stack's resources is not any more as its template declares.

Only declared properties count, and only those that a read of the type answers with.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tools.local_aws.cloudformation.driver import Driver
from tools.local_aws.cloudformation.errors import ValidationError
from tools.local_aws.cloudformation.parts import keeps
from tools.local_aws.cloudformation.resource_types import ROWS
from tools.local_aws.cloudformation.state import Stack, StackResource, now

_CHECKED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")


@dataclass(frozen=True)
class Drift:
    """What was found of one resource: per declared property its value and what there is now."""

    resource: StackResource
    status: str
    found: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    at: datetime = field(default_factory=now)

    def view(self, stack_id: str) -> dict[str, Any]:
        """As DescribeStackResourceDrifts shows it."""
        expected = {name: declared for name, (declared, _) in self.found.items()}
        actual = {name: value for name, (_, value) in self.found.items() if value is not None}
        return {
            "StackId": stack_id,
            "LogicalResourceId": self.resource.logical_id,
            "PhysicalResourceId": self.resource.physical.physical_id,
            "ResourceType": self.resource.type_name,
            "ExpectedProperties": json.dumps(expected, default=str),
            "ActualProperties": json.dumps(actual, default=str),
            "PropertyDifferences": [item for name in self.found for item in self._differences(name)],
            "StackResourceDriftStatus": self.status,
            "Timestamp": self.at,
        }

    def _differences(self, name: str) -> Iterator[dict[str, str]]:
        for path, declared, value in _leaves(f"/{name}", *self.found[name]):
            kind = "REMOVE" if value is None else "NOT_EQUAL"
            shown = {"ExpectedValue": _text(declared), "ActualValue": _text(value)}
            yield {"PropertyPath": path, **shown, "DifferenceType": kind}


@dataclass(frozen=True)
class Detection:
    """One look at a stack."""

    stack: Stack
    drifts: Mapping[str, Drift]
    detection_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: datetime = field(default_factory=now)

    @property
    def count(self) -> int:
        return sum(drift.status in ("MODIFIED", "DELETED") for drift in self.drifts.values())

    @property
    def status(self) -> str:
        return "DRIFTED" if self.count else "IN_SYNC"


def detect(stack: Stack, driver: Driver, names: list[str]) -> Detection:
    """Reads the resources back; without names, all of them."""
    if stack.status not in _CHECKED:
        raise ValidationError(
            f"Drift of stack {stack.name} cannot be detected in {stack.status}; wait for one of "
            f"{', '.join(_CHECKED)}."
        )
    absent = [name for name in names if name not in stack.resources]
    if absent:
        raise ValidationError(f"Resource {absent[0]} does not exist for stack {stack.name}")
    return Detection(
        stack, {name: _drift(driver, stack.resources[name]) for name in names or stack.resources}
    )


def _drift(driver: Driver, resource: StackResource) -> Drift:
    row = ROWS[resource.type_name]
    found = None if row.carry_out else driver.read(row, resource.logical_id, resource.physical)
    if found is None:
        return Drift(resource, "NOT_CHECKED" if row.carry_out else "DELETED")
    changed = [name for name, (declared, value) in found.items() if not keeps(value, declared)]
    return Drift(resource, "MODIFIED" if changed else "IN_SYNC", found)


def _leaves(path: str, declared: Any, value: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(declared, Mapping) and isinstance(value, Mapping):
        by_name = {str(key).lower(): item for key, item in value.items()}
        for key, item in declared.items():
            yield from _leaves(f"{path}/{key}", item, by_name.get(str(key).lower()))
    elif not keeps(value, declared):
        yield path, declared, value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
