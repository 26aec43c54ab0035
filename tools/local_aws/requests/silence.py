"""A member of a request that nothing reads is refused by its name: a rehearsal must not say yes to it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from tools.local_aws.requests.reading import Words, plain
from tools.local_aws.requests.unread import CARRIED_OUT_AS, WITHOUT_EFFECT
from tools.local_aws.requests.wire import Request

_NOTHING: tuple[Any, ...] = (None, False, "", [], {})


def not_carried_out(request: Request, read: Words) -> list[str]:
    """What the request asks for in vain: `CreateModel.VpcConfig`, `CreateTrainingJob.….InstanceCount`."""
    call = f"{request.service}:{request.operation}"
    found = _in_vain(request.members, request.shape, read, call)
    return list(dict.fromkeys(path.partition(":")[2] for path in found))


def _in_vain(value: Any, shape: Any, read: Words, path: str) -> Iterator[str]:
    """The paths of the members that ask for something, outermost only."""
    if shape.type_name == "list":
        for inner in value:
            yield from _in_vain(inner, shape.member, read, path)
    elif shape.type_name == "map":
        for inner in value.values():
            yield from _in_vain(inner, shape.value, read, path)
    elif shape.type_name == "structure" and not shape.is_document_type:
        for name, inner in value.items():
            member, inside = shape.members[name], f"{path}.{name}"
            if inner in _NOTHING:
                continue
            if _is_carried_out(inside, inner, _is_read(name, shape, read)):
                yield from _in_vain(inner, member, read, inside)
            else:
                yield inside


def _is_carried_out(path: str, value: Any, is_read: bool) -> bool:
    taken = values_carried_out(path)
    if taken:
        return all(value in values for values in taken)
    return is_read or has_no_effect(path)


@cache
def values_carried_out(path: str) -> list[tuple[Any, ...]]:
    """The values that a member may have, for each row of the table that speaks of it."""
    return [values for pattern, values in CARRIED_OUT_AS.items() if fnmatchcase(path, pattern)]


@cache
def has_no_effect(path: str) -> bool:
    """Whether a row of the table says why nothing is lost without the member."""
    return any(fnmatchcase(path, pattern) for pattern in WITHOUT_EFFECT)


def _is_read(name: str, shape: Any, read: Words) -> bool:
    member = shape.members[name]
    # Moto routes by what stands in the path; and the body itself has no name in a request.
    if member.serialization.get("location") == "uri" or name == shape.serialization.get("payload"):
        return True
    names = [name, *(member.serialization.get(key) for key in ("name", "queryName"))]
    if member.type_name == "list":
        names.append(member.member.serialization.get("name"))
    return any(plain(known) in read for known in names if known)
