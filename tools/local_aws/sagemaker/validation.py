"""Refuses requests that break the constraints of the service model, which boto3 does not check itself.

The model that botocore carries states enumerations, patterns and lengths; the real service enforces them with
one message per broken constraint.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session

from tools.local_aws.sagemaker.errors import ValidationError

_NUMBERS = ("integer", "long", "float", "double")


@cache
def service_model(service: str = "sagemaker") -> Any:
    """botocore's description of a service."""
    return botocore.session.get_session().get_service_model(service)


def check_request(operation: str, request: dict[str, Any]) -> None:
    """Raises `ValidationError` naming every member that breaks a constraint, worded as AWS words it."""
    shape = service_model().operation_model(operation).input_shape
    broken = list(_broken(request, shape, "")) if shape is not None else []
    if broken:
        noun = "error" if len(broken) == 1 else "errors"
        raise ValidationError(f"{len(broken)} validation {noun} detected: {'; '.join(broken)}")


def _broken(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for missing in set(shape.required_members) - set(value):
            yield _message(None, _member(path, missing), "Member must not be null")
        for name, inner in value.items():
            if name in shape.members:
                yield from _broken(inner, shape.members[name], _member(path, name))
    elif shape.type_name in ("list", "map"):
        yield from _size(value, len(value), shape, path)
        yield from _broken_items(value, shape, path)
    elif shape.type_name == "string":
        yield from _text(value, shape, path)
    elif shape.type_name in _NUMBERS:
        yield from _size(value, value, shape, path)


def _broken_items(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "list":
        for number, inner in enumerate(value, start=1):
            yield from _broken(inner, shape.member, f"{path}.{number}.member")
    else:
        for name, inner in value.items():
            yield from _broken(name, shape.key, f"{path}.{name}.key")
            yield from _broken(inner, shape.value, f"{path}.{name}.value")


def _text(value: str, shape: Any, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield _message(value, path, f"Member must satisfy enum value set: [{allowed}]")
    pattern = _compiled(shape.metadata.get("pattern"))
    if pattern is not None and not pattern.fullmatch(value):
        yield _message(value, path, f"Member must satisfy regular expression pattern: {pattern.pattern}")
    yield from _size(value, len(value), shape, path)


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern) if pattern else None
    except re.error:  # a few patterns use Java's \p{..}, which Python does not know
        return None


def _size(value: Any, size: float, shape: Any, path: str) -> Iterator[str]:
    what = "value" if shape.type_name in _NUMBERS else "length"
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _message(value, path, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _message(value, path, f"Member must have {what} less than or equal to {most}")


def _member(path: str, name: str) -> str:
    lower = name[:1].lower() + name[1:]
    return f"{path}.{lower}" if path else lower


def _message(value: Any, path: str, constraint: str) -> str:
    shown = "null" if value is None else str(value)
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"
