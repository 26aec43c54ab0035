"""Deletes resources, and takes back the steps of an operation that failed."""

import logging
from collections.abc import Mapping

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.exceptions import ServiceException

from tools.local_aws.cloudformation.driver import Driver, Physical
from tools.local_aws.cloudformation.errors import ResourceError, reason
from tools.local_aws.cloudformation.row import Row
from tools.local_aws.cloudformation.state import Stack, StackResource, UndoStep

EXPECTED = (ClientError, BotoCoreError, ServiceException, ResourceError)
log = logging.getLogger(__name__)


def remove(
    stack: Stack, driver: Driver, rows: Mapping[str, Row], resource: StackResource, *, keep: bool
) -> None:
    """Deletes one resource unless it is to be kept; raises `ResourceError` if the service refuses."""
    if keep:
        stack.set_resource_status(resource, "DELETE_SKIPPED")
        return
    stack.set_resource_status(resource, "DELETE_IN_PROGRESS")
    try:
        driver.delete(rows[resource.type_name], resource.logical_id, resource.physical)
    except Exception as error:
        unexpected(error)
        stack.set_resource_status(resource, "DELETE_FAILED", reason(error))
        raise ResourceError(reason(error)) from error
    stack.set_resource_status(resource, "DELETE_COMPLETE")


def roll_back(
    stack: Stack, driver: Driver, rows: Mapping[str, Row], kind: str, why: str, retain_except_on_create: bool
) -> None:
    """Takes back every step of the failed operation, last first.

    After an update what is new goes last of all, and what cannot be deleted then stays without a failure:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
    """
    prefix = "ROLLBACK" if kind == "CREATE" else f"{kind}_ROLLBACK"
    stack.set_status(f"{prefix}_IN_PROGRESS", why)
    try:
        for step in reversed([step for step in stack.undo if not step.is_new]):
            _change_back(stack, driver, rows, step)
            stack.undo.remove(step)
        if stack.undo and kind != "CREATE":
            stack.set_status(f"{prefix}_COMPLETE_CLEANUP_IN_PROGRESS")
        for step in reversed(list(stack.undo)):
            _take_away(stack, driver, rows, step, retain_except_on_create)
            stack.undo.remove(step)
    except _NotTakenBackError as error:
        stack.set_status(f"{prefix}_FAILED", str(error))
        return
    stack.set_status(f"{prefix}_COMPLETE")


class _NotTakenBackError(Exception):
    """A resource that is not what it was; the text says which, as the stack's status does."""


def _take_away(
    stack: Stack, driver: Driver, rows: Mapping[str, Row], step: UndoStep, retain_except_on_create: bool
) -> None:
    # What an update rolls back was never in use; what a create rolls back obeys its policy; what was there
    # before goes on without the stack.
    new, old = step.new, step.old
    keep = new.deletion_policy == "Retain" and not retain_except_on_create and old is None
    if old is not None:
        stack.resources[old.logical_id] = old
        stack.set_resource_status(old, "UPDATE_COMPLETE")
    try:
        remove(stack, driver, rows, new, keep=keep or step.taken_over)
    except ResourceError as error:
        if stack.status == "ROLLBACK_IN_PROGRESS":
            raise _failed("delete", new) from error
        log.warning("%s: %s could not be deleted and stays", stack.name, new.logical_id)
    if old is None:
        del stack.resources[new.logical_id]


def _failed(verb: str, resource: StackResource) -> _NotTakenBackError:
    return _NotTakenBackError(f"The following resource(s) failed to {verb}: [{resource.logical_id}]. ")


def _change_back(stack: Stack, driver: Driver, rows: Mapping[str, Row], step: UndoStep) -> None:
    new, old = step.new, step.old
    assert old is not None, "what is new is taken away"
    stack.set_resource_status(old, "UPDATE_IN_PROGRESS")
    attempted = _as_attempted(new)
    try:
        # The half-done update may have applied any of the new values: all of them count as different.
        driver.update(rows[old.type_name], old.logical_id, old.declared, attempted)
    except Exception as error:
        unexpected(error)
        stack.set_resource_status(old, "UPDATE_FAILED", reason(error))
        raise _failed("update", old) from error
    if attempted.physical_id != new.physical.physical_id:
        remove(stack, driver, rows, new, keep=False)
    old.physical = attempted
    stack.resources[old.logical_id] = old
    stack.set_resource_status(old, "UPDATE_COMPLETE")


def _as_attempted(new: StackResource) -> Physical:
    attempted = {**new.physical.properties, **new.declared}
    return Physical(new.physical.physical_id, attempted, new.physical.facts, {})


def unexpected(error: Exception) -> None:
    """Logs what is a defect of the embedded AWS rather than of the template."""
    if not isinstance(error, EXPECTED):
        log.exception("A defect of the embedded AWS", exc_info=error)
