"""What CloudFormation remembers: stacks, their resources, events and change sets."""

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.local_aws.cloudformation.driver import Physical
from tools.local_aws.cloudformation.errors import ChangeSetNotFoundError, ValidationError
from tools.local_aws.cloudformation.parameters import Parameter
from tools.local_aws.cloudformation.planning import Plan
from tools.local_aws.cloudformation.template import Template

STACK_TYPE = "AWS::CloudFormation::Stack"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class StackResource:
    """One resource of a stack: what was declared for it (resolved) and what exists."""

    logical_id: str
    type_name: str
    declared: dict[str, Any]
    deletion_policy: str
    update_replace_policy: str
    metadata: Any = None
    physical: Physical = field(default_factory=Physical)
    status: str = ""
    reason: str | None = None
    changed_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class StackEvent:
    """One line of a stack's history."""

    logical_id: str
    type_name: str
    physical_id: str
    status: str
    reason: str | None
    operation_id: str
    timestamp: datetime
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Output:
    """A resolved output."""

    key: str
    value: str
    description: str | None
    export_name: str | None
    masked: bool = False


@dataclass(frozen=True)
class Request:
    """What a caller wants a stack to become."""

    template: Template
    given: dict[str, str]
    parameters: dict[str, Parameter]
    tags: dict[str, str]
    role_arn: str | None
    capabilities: tuple[str, ...] = ()
    rollback: bool = True
    on_failure: str | None = None
    retain_except_on_create: bool = False
    import_existing: bool = False
    imports: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Primary identifiers of existing resources, by logical id."""


@dataclass
class ChangeSet:
    """A request that waits for its execution."""

    name: str
    change_set_id: str
    kind: str
    request: Request
    plan: Plan
    status: str
    status_reason: str | None
    description: str | None = None
    created_at: datetime = field(default_factory=now)
    execution_status: str = "AVAILABLE"

    @property
    def is_executed(self) -> bool:
        return self.execution_status.startswith("EXECUTE_")


@dataclass(frozen=True)
class UndoStep:
    """One finished piece of an operation, and what was there before it."""

    new: StackResource
    old: StackResource | None
    replaced: bool = False
    taken_over: bool = False

    @property
    def is_new(self) -> bool:
        """Whether taking back means to delete."""
        return self.old is None or self.replaced

    @property
    def has_left_the_old(self) -> bool:
        """Whether the old resource exists besides the new one; a custom resource decides that by its id."""
        return self.replaced or (
            self.old is not None and self.old.physical.physical_id != self.new.physical.physical_id
        )


@dataclass
class Stack:
    """One stack."""

    name: str
    stack_id: str
    status: str = "REVIEW_IN_PROGRESS"
    status_reason: str | None = None
    request: Request | None = None
    resources: dict[str, StackResource] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    events: list[StackEvent] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    undo: list[UndoStep] = field(default_factory=list)
    parent: "Stack | None" = None
    drifts: dict[str, Any] = field(default_factory=dict)
    drift_status: str = "NOT_CHECKED"
    termination_protection: bool = False
    role_arn: str | None = None
    operation_id: str = ""
    change_set_id: str | None = None
    operation: threading.Thread | None = None
    created_at: datetime = field(default_factory=now)
    updated_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def exports(self) -> dict[str, str]:
        return {output.export_name: output.value for output in self.outputs if output.export_name}

    @property
    def root(self) -> "Stack":
        """The outermost of the stacks around this one, which may be itself."""
        return self.parent.root if self.parent else self

    @property
    def template(self) -> Template:
        """The deployed template; raises `ValidationError` while there is none."""
        if self.request is None:
            raise ValidationError(f"Stack {self.name} has no template yet.")
        return self.request.template

    def set_status(self, status: str, reason: str | None = None) -> None:
        self.status, self.status_reason = status, reason
        self._event(self.name, STACK_TYPE, self.stack_id, status, reason)

    def set_resource_status(self, resource: StackResource, status: str, reason: str | None = None) -> None:
        resource.status, resource.reason, resource.changed_at = status, reason, now()
        physical_id = resource.physical.physical_id or ""
        self._event(resource.logical_id, resource.type_name, physical_id, status, reason)

    def _event(
        self, logical_id: str, type_name: str, physical_id: str, status: str, reason: str | None
    ) -> None:
        # The CDK CLI orders events by their time in milliseconds, so no two may share one.
        last = self.events[-1].timestamp if self.events else self.created_at
        at = max(now(), last + timedelta(milliseconds=1))
        self.events.append(
            StackEvent(logical_id, type_name, physical_id, status, reason, self.operation_id, at)
        )


class Stacks:
    """All stacks of one account and region."""

    def __init__(self) -> None:
        self.live: dict[str, Stack] = {}
        self.deleted: dict[str, Stack] = {}
        self.parents: dict[str, Stack] = {}

    def all(self) -> list[Stack]:
        """The live stacks as they are now, whatever operations do meanwhile."""
        return list(self.live.values())

    def find(self, name_or_id: str) -> Stack | None:
        """A live stack by name or id."""
        return next((s for s in self.all() if name_or_id in (s.name, s.stack_id)), None)

    def get(self, name_or_id: str, *, also_deleted: bool = False) -> Stack:
        """A stack by name or id; a deleted one by id only. Raises `ValidationError` when there is none."""
        stack = self.find(name_or_id) or (self.deleted.get(name_or_id) if also_deleted else None)
        if stack is None:
            raise ValidationError(f"Stack with id {name_or_id} does not exist")
        return stack

    def importers(self, export_name: str) -> list[str]:
        return sorted(stack.name for stack in self.all() if export_name in stack.imports)

    def change_set(self, stack_name: str | None, name_or_id: str) -> tuple[Stack, ChangeSet]:
        """A change set by its id alone, or by its name on one stack; one that is executed by its id only."""
        stacks = [self.get(stack_name)] if stack_name else [*self.all(), *self.deleted.values()]
        for stack in stacks:
            for change_set in stack.change_sets.values():
                named = stack_name and name_or_id == change_set.name and not change_set.is_executed
                if named or name_or_id == change_set.change_set_id:
                    return stack, change_set
        raise ChangeSetNotFoundError(f"ChangeSet [{name_or_id}] does not exist")
