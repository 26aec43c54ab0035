"""Parts that rows are put together from."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.finding import is_gone
from tools.local_aws.cloudformation.row import Setting, Work

POLL_SECONDS = 0.1


def put(
    name: str,
    operation: str,
    *,
    member: str | None = None,
    remove: str | None = None,
    created_with: bool = False,
) -> Setting:
    """A property sent whole to an operation of its own, as `member`."""

    def apply(work: Work) -> None:
        work.call(operation, {member or name: work.properties[name]})

    return Setting((name,), apply, calls(remove) if remove else None, created_with)


def calls(operation: str) -> Callable[[Work], None]:
    """Calls an operation that needs nothing but the identity."""

    def call(work: Work) -> None:
        work.call(operation)

    return call


def with_tag_specification(resource_type: str) -> Callable[[Work], dict[str, Any]]:
    """EC2's way to tag what is created."""

    def arguments(work: Work) -> dict[str, Any]:
        given = dict(work.properties)
        tags = given.pop("Tags", [])
        if tags:
            given["TagSpecifications"] = [{"ResourceType": resource_type, "Tags": tags}]
        return given

    return arguments


def reads_back(operation: str, paths: Mapping[str, str]) -> Callable[[Work], None]:
    """Fails when a property (left) is not found as declared in the answer (JMESPath, right)."""

    def check(work: Work) -> None:
        declared = {name: work.properties[name] for name in paths if name in work.properties}
        if not declared:
            return
        try:
            answer = work.call(operation)
        except ClientError as error:
            if work.phase != "read" or not is_gone(error):
                raise
            answer = {}
        for name, value in declared.items():
            require_kept(work, name, value, jmespath.search(paths[name], answer))

    return check


def require_kept(work: Work, name: str, declared: Any, found: Any) -> None:
    """Raises `ResourceError` unless the service answers with all that is declared; to read, notes both."""
    if work.phase == "read":
        work.read_back[name] = (declared, found)
    elif not keeps(found, declared):
        raise ResourceError(
            f"{work.row.type_name}: {name} was declared as {json.dumps(declared, default=str)} but reads "
            f"back as {json.dumps(found, default=str)}; the embedded AWS would be less protected than AWS."
        )


def keeps(found: Any, declared: Any) -> bool:
    """Whether every declared member is found; the service may add members of its own."""
    found, declared = _parsed(found), _parsed(declared)
    if isinstance(declared, Mapping):
        if not isinstance(found, Mapping):
            return False
        by_name = {str(key).lower(): value for key, value in found.items()}
        return all(keeps(by_name.get(str(key).lower()), value) for key, value in declared.items())
    if isinstance(declared, list):
        if not isinstance(found, list):
            return False
        return all(any(keeps(candidate, item) for candidate in found) for item in declared)
    return _text(found) == _text(declared)


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    # A number may be declared as text: 1000.0 is 1000.
    return re.sub(r"(?<=\d)\.0+$", "", str(value))


def wait_for_status(
    describe: str, status: str, *, done: tuple[str, ...], failed: tuple[str, ...]
) -> Callable[[Work], None]:
    """Waits until the resource is done, or fails with the service's FailureReason."""

    def settle(work: Work) -> None:
        while True:
            answer = work.call(describe)
            current = answer[status]
            if current in done:
                return
            if current in failed:
                why = answer.get("FailureReason") or "the service gives no FailureReason"
                raise ResourceError(f"{work.row.type_name} is {current}: {why}")
            time.sleep(POLL_SECONDS)

    return settle


def gone(describe: str) -> Callable[[Work], None]:
    """Waits until the resource is not found any more, which the driver takes for the end of a deletion."""

    def settle(work: Work) -> None:
        while True:
            try:
                work.call(describe)
            except ClientError:
                return
            time.sleep(POLL_SECONDS)

    return settle
