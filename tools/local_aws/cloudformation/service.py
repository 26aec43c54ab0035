"""The CloudFormation service: one object that owns the stacks and starts operations on them."""

import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from tools.local_aws.cloudformation.change_sets import Proposal
from tools.local_aws.cloudformation.deployment import Deployment
from tools.local_aws.cloudformation.drift import Detection, detect
from tools.local_aws.cloudformation.driver import Driver
from tools.local_aws.cloudformation.errors import (
    AlreadyExistsError,
    InvalidChangeSetStatusError,
    ResourceError,
    ValidationError,
)
from tools.local_aws.cloudformation.home import StackHome
from tools.local_aws.cloudformation.letters import LetterBoxes
from tools.local_aws.cloudformation.outputs import refuse_if_used
from tools.local_aws.cloudformation.planning import Plan
from tools.local_aws.cloudformation.resource_types import ROWS
from tools.local_aws.cloudformation.rollback import remove, roll_back
from tools.local_aws.cloudformation.service_role import ServiceRoles
from tools.local_aws.cloudformation.state import ChangeSet, Request, Stack, Stacks, now
from tools.local_aws.context import Context

# The CDK CLI asks every five seconds how an operation goes. An answer that is held back until a short
# operation has ended saves it those seconds; a longer operation goes on in its thread.
PATIENCE_SECONDS = 8.0

_UPDATABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_FAILED",
    "CREATE_FAILED",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)


class CloudFormationService:
    """Creates, updates and deletes stacks of the embedded AWS."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.stacks = Stacks()
        self.detections: dict[str, Detection] = {}
        self._roles = ServiceRoles(context)
        self._boxes = LetterBoxes(context)
        self._lock = threading.RLock()

    def clients(self, role_arn: str | None) -> Callable[[str], Any]:
        """Clients acting as the role, or as the operator without one."""
        return self._roles.clients(role_arn)

    def create_stack(self, name: str, request: Request, *, termination_protection: bool) -> Stack:
        with self._lock:
            existing = self.stacks.find(name)
            if existing is not None and existing.status != "REVIEW_IN_PROGRESS":
                raise AlreadyExistsError(f"Stack [{name}] already exists")
            self._deployment(existing or self.draft(name), request).plan()
            stack = existing or self.new_stack(name)
            stack.termination_protection = termination_protection
            self._deploy(stack, request, "CREATE")
        self._wait(stack)
        return stack

    def update_stack(self, name: str, request: Request) -> Stack:
        """Starts an update; raises `ValidationError` when there is nothing to do."""
        with self._lock:
            stack = self.stacks.get(name)
            self.refuse_unless_updatable(stack)
            if self._changes_nothing(stack, request, self._deployment(stack, request).plan()):
                raise ValidationError("No updates are to be performed.")
            self._deploy(stack, request, "UPDATE")
        self._wait(stack)
        return stack

    def delete_stack(self, name: str, role_arn: str | None, retained: list[str]) -> None:
        """Starts the deletion of a stack; a stack that does not exist counts as deleted."""
        with self._lock:
            stack = self.stacks.find(name)
            if stack is None:
                return
            if stack.termination_protection:
                raise ValidationError(
                    f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
                )
            _refuse_if_busy(stack, "deleted")
            refuse_if_used(stack, self.stacks)
            stack.role_arn = role_arn or stack.role_arn
            self._start(stack, lambda: self._delete(stack, retained))
        self._wait(stack)

    def create_change_set(
        self, stack: Stack, name: str, kind: str, request: Request, description: str | None
    ) -> tuple[Stack, ChangeSet]:
        """Works out what a request would change and keeps it for execution, on a stack that may be new."""
        if any(item.name == name for item in stack.change_sets.values() if not item.is_executed):
            raise AlreadyExistsError(f"ChangeSet {name} already exists")
        deployment = self._deployment(stack, request)
        plan = deployment.plan()
        if stack.stack_id not in (known.stack_id for known in self.stacks.all()):
            stack = self.new_stack(stack.name)
        same = kind == "UPDATE" and self._changes_nothing(stack, request, plan)
        proposal = Proposal(name, self.arn(f"changeSet/{name}/{uuid.uuid4()}"), kind, request)
        refusal = deployment.import_refusal() if kind == "IMPORT" else None
        collisions = () if kind == "IMPORT" else deployment.collisions()
        change_set = proposal.change_set(plan, collisions, same=same, refusal=refusal)
        change_set.description = description
        stack.change_sets[change_set.change_set_id] = change_set
        return stack, change_set

    def execute_change_set(self, stack: Stack, change_set: ChangeSet, request: Request) -> None:
        with self._lock:
            if change_set.execution_status != "AVAILABLE":
                status = change_set.execution_status if change_set.is_executed else change_set.status
                raise InvalidChangeSetStatusError(
                    f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current status of "
                    f"[{status}]"
                )
            if stack.status != "REVIEW_IN_PROGRESS":
                self.refuse_unless_updatable(stack)
            stack.change_sets = {key: item for key, item in stack.change_sets.items() if item.is_executed}
            stack.change_sets[change_set.change_set_id] = change_set
            change_set.execution_status = "EXECUTE_IN_PROGRESS"
            stack.change_set_id, stack.updated_at = change_set.change_set_id, now()
            is_new = stack.status == "REVIEW_IN_PROGRESS"
            kind = "CREATE" if is_new else "UPDATE"
            self._deploy(stack, request, "IMPORT" if change_set.kind == "IMPORT" else kind, change_set)
        self._wait(stack)

    def roll_back_stack(
        self, stack: Stack, role_arn: str | None, *, skipped: Sequence[str] | None = None
    ) -> None:
        """Takes back what a failed operation has left, or goes on with a failed rollback, which may skip."""
        kinds = {"CREATE_FAILED": "CREATE", "UPDATE_FAILED": "UPDATE"}
        if skipped is not None:
            kinds = {"UPDATE_ROLLBACK_FAILED": "UPDATE"}
        with self._lock:
            if stack.status not in kinds:
                raise ValidationError(
                    f"Stack {stack.name} is in {stack.status} state and can not be rolled back."
                )
            failed = {name for name, item in stack.resources.items() if item.status == "UPDATE_FAILED"}
            failed |= {step.old.logical_id for step in stack.undo if step.old is not None}
            if unfit := sorted(set(skipped or ()) - failed):
                raise ValidationError(
                    "Only resources that are in UPDATE_FAILED state can be skipped, "
                    f"not [{', '.join(unfit)}]."
                )
            kind = kinds[stack.status]
            self._skip(stack, skipped or ())
            stack.role_arn = role_arn or stack.role_arn
            self._start(
                stack, lambda: roll_back(stack, self._driver(stack), ROWS, kind, "User Initiated", True)
            )
        self._wait(stack)

    @staticmethod
    def _skip(stack: Stack, names: Sequence[str]) -> None:
        """What is skipped counts as taken back, whatever it is."""
        for step in [step for step in stack.undo if step.new.logical_id in names]:
            stack.undo.remove(step)
            stack.resources[step.new.logical_id] = step.old or step.new
            stack.set_resource_status(stack.resources[step.new.logical_id], "UPDATE_COMPLETE")

    def detect_drift(self, stack: Stack, names: list[str]) -> Detection:
        """Looks what the resources are like now; the last look at each one is kept."""
        detection = detect(stack, self._driver(stack), names)
        stack.drifts.update(detection.drifts)
        self.detections[detection.detection_id] = detection
        if not names:
            stack.drift_status = detection.status
        return detection

    def new_stack(self, name: str) -> Stack:
        """An empty stack in review."""
        parent = self.stacks.parents.pop(name, None)
        stack = Stack(name=name, stack_id=self.arn(f"stack/{name}/{uuid.uuid4()}"), parent=parent)
        stack.role_arn = parent.role_arn if parent else None
        self.stacks.live[name] = stack
        stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        return stack

    def arn(self, resource: str) -> str:
        """The ARN of something of CloudFormation's own."""
        return f"arn:aws:cloudformation:{self.context.region}:{self.context.account}:{resource}"

    def draft(self, name: str) -> Stack:
        """A stack that nobody sees yet."""
        return Stack(name, self.arn(f"stack/{name}/{uuid.uuid4()}"))

    @staticmethod
    def _changes_nothing(stack: Stack, request: Request, plan: Plan) -> bool:
        """Whether resources, outputs and tags stay; other sections are remembered with the next change."""
        deployed = stack.request
        return (
            deployed is not None
            and not plan.changes
            and all(
                deployed.template.section(name) == request.template.section(name)
                for name in ("Resources", "Outputs")
            )
            and deployed.tags == request.tags
            and deployed.parameters == request.parameters
        )

    @staticmethod
    def refuse_unless_updatable(stack: Stack) -> None:
        """Raises `ValidationError` for a stack that must be deleted, or waited for, first."""
        if stack.status not in _UPDATABLE:
            raise ValidationError(
                f"Stack:{stack.stack_id} is in {stack.status} state and can not be updated."
            )

    def _deployment(self, stack: Stack, request: Request) -> Deployment:
        role_arn = request.role_arn or stack.role_arn
        driver = self._driver(stack, role_arn, request.capabilities)
        return Deployment(stack, self.stacks, request, driver, ROWS)

    def _driver(
        self, stack: Stack, role_arn: str | None = None, capabilities: tuple[str, ...] | None = None
    ) -> Driver:
        clients = self.clients(role_arn or stack.role_arn)
        if capabilities is None:
            capabilities = stack.request.capabilities if stack.request else ()
        home = StackHome(stack, self.stacks, self._boxes, capabilities)
        return Driver(clients, self.context.account, self.context.region, stack.name, home)

    def _deploy(self, stack: Stack, request: Request, kind: str, change_set: ChangeSet | None = None) -> None:
        stack.role_arn = request.role_arn or stack.role_arn
        if kind == "UPDATE":
            stack.updated_at = now()
        deployment = self._deployment(stack, request)

        def work() -> None:
            deployment.run(kind)
            if change_set:
                end = "COMPLETE" if stack.status == f"{kind}_COMPLETE" else "FAILED"
                change_set.execution_status = f"EXECUTE_{end}"
            if stack.status == "ROLLBACK_COMPLETE" and request.on_failure == "DELETE":
                self._delete(stack, [])

        stack.request = stack.request or request
        self._start(stack, work)

    def _start(self, stack: Stack, work: Callable[[], None]) -> None:
        _refuse_if_busy(stack, "changed")
        stack.operation_id = str(uuid.uuid4())
        stack.operation = threading.Thread(target=work, name=f"stack {stack.name}", daemon=True)
        stack.operation.start()

    @staticmethod
    def _wait(stack: Stack) -> None:
        if stack.operation is not None:
            stack.operation.join(PATIENCE_SECONDS)

    def _delete(self, stack: Stack, retained: list[str]) -> None:
        stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        driver = self._driver(stack)
        for resource in reversed(list(stack.resources.values())):
            keep = resource.deletion_policy != "Delete" or resource.logical_id in retained
            try:
                remove(stack, driver, ROWS, resource, keep=keep)
            except ResourceError as error:
                why = f"The following resource(s) failed to delete: [{resource.logical_id}]. {error}"
                stack.set_status("DELETE_FAILED", why)
                return
            del stack.resources[resource.logical_id]
        stack.deleted_at = now()
        stack.set_status("DELETE_COMPLETE")
        with self._lock:
            self.stacks.deleted[stack.stack_id] = self.stacks.live.pop(stack.name)


def _refuse_if_busy(stack: Stack, verb: str) -> None:
    if stack.operation is not None and stack.operation.is_alive():
        raise ValidationError(f"Stack:{stack.stack_id} is in {stack.status} state and can not be {verb}.")
