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
    """Takes back every step of the failed operation, last first."""
    prefix = "ROLLBACK" if kind == "CREATE" else f"{kind}_ROLLBACK"
    stack.set_status(f"{prefix}_IN_PROGRESS", why)
    while stack.undo:
        step = stack.undo[-1]
        try:
            _take_back(stack, driver, rows, step, retain_except_on_create)
        except ResourceError as error:
            stack.set_status(f"{prefix}_FAILED", f"{step.new.logical_id}: {error}")
            return
        stack.undo.pop()
    stack.set_status(f"{prefix}_COMPLETE")


def _take_back(
    stack: Stack, driver: Driver, rows: Mapping[str, Row], step: UndoStep, retain_except_on_create: bool
) -> None:
    new, old = step.new, step.old
    if old is None or step.replaced:
        # What an update rolls back was never in use; what a create rolls back obeys its policy; what was
        # there before goes on without the stack.
        keep = new.deletion_policy == "Retain" and not retain_except_on_create and old is None
        keep = keep or step.taken_over
        remove(stack, driver, rows, new, keep=keep)
        del stack.resources[new.logical_id]
        if old is not None:
            stack.resources[old.logical_id] = old
            stack.set_resource_status(old, "UPDATE_COMPLETE")
        return
    stack.set_resource_status(old, "UPDATE_IN_PROGRESS")
    attempted = _as_attempted(new)
    try:
        # The half-done update may have applied any of the new values: all of them count as different.
        driver.update(rows[old.type_name], old.logical_id, old.declared, attempted)
    except Exception as error:
        unexpected(error)
        stack.set_resource_status(old, "UPDATE_FAILED", reason(error))
        raise ResourceError(reason(error)) from error
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
