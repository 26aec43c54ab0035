"""Filters, sorting and pages of the List operations."""

import base64
from collections.abc import Callable, Iterable
from typing import Any

from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.store import Members

_DEFAULT_PAGE = 100
_TIME_FILTERS: tuple[tuple[str, str, Callable[[Any, Any], bool]], ...] = (
    ("CreationTimeAfter", "CreationTime", lambda value, limit: value > limit),
    ("CreationTimeBefore", "CreationTime", lambda value, limit: value < limit),
    ("CreatedAfter", "CreationTime", lambda value, limit: value > limit),
    ("CreatedBefore", "CreationTime", lambda value, limit: value < limit),
    ("LastModifiedTimeAfter", "LastModifiedTime", lambda value, limit: value > limit),
    ("LastModifiedTimeBefore", "LastModifiedTime", lambda value, limit: value < limit),
)


def page(records: Iterable[Members], request: Members, key: str, name: str, status: str = "") -> Members:
    """One page of a List operation.

    `key` is the member of the answer, `name` and `status` the members that requests filter on.
    """
    found = [record for record in records if _matches(record, request, name, status)]
    sort_member = {"Name": name, "Status": status, "CreationTime": "CreationTime"}.get(
        request.get("SortBy", "CreationTime"), "CreationTime"
    )
    found.sort(key=lambda record: record.get(sort_member) or "")
    if request.get("SortOrder", "Descending") == "Descending":
        found.reverse()
    return cut(found, request, key)


def cut(found: list[Members], request: Members, key: str) -> Members:
    """The part of a sorted list that MaxResults and NextToken ask for."""
    start = _start(request.get("NextToken"))
    end = start + int(request.get("MaxResults") or _DEFAULT_PAGE)
    answer: Members = {key: found[start:end]}
    if end < len(found):
        answer["NextToken"] = base64.b64encode(str(end).encode()).decode()
    return answer


def _start(token: str | None) -> int:
    try:
        return int(base64.b64decode(token, validate=True)) if token else 0
    except ValueError as error:
        raise ValidationError("Invalid NextToken") from error


def _matches(record: Members, request: Members, name: str, status: str) -> bool:
    part = request.get("NameContains")
    if part and part.lower() not in record[name].lower():
        return False
    if request.get("StatusEquals") and record.get(status) != request["StatusEquals"]:
        return False
    return all(
        test(record[member], request[limit]) for limit, member, test in _TIME_FILTERS if limit in request
    )
