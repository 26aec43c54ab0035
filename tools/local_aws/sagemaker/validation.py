"""Refuses requests that break the constraints of the service model, which boto3 does not check itself.

The model that botocore carries states enumerations, patterns and lengths; the real service enforces them with
one message per broken constraint.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import botocore.session

from tools.local_aws.sagemaker.errors import ValidationError

KNOWN_LATER = object()
"""Stands for a text, number or flag that exists only when a pipeline runs."""
_NUMBERS = ("integer", "long", "float", "double")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "structure": ((dict,), "Expecting start of Json Object"),
    "map": ((dict,), "Expecting start of Json Object"),
    "list": ((list,), "Expecting start of Json Array"),
    "string": ((str,), "Member must be a string"),
    "boolean": ((bool,), "Member must be a boolean"),
    "integer": ((int,), "Member must be an integer"),
    "long": ((int,), "Member must be an integer"),
    "float": ((int, float), "Member must be a number"),
    "double": ((int, float), "Member must be a number"),
}
# What Java's regular expressions have and Python's lack.
_PUNCTUATION = r"!-/:-@\[-`{-~\u00a1-\uffff"
_UNICODE_CLASSES = {
    "Alnum": "A-Za-z0-9",
    "L": r"\w",
    "M": r"\u0300-\u036f",
    "N": r"\w",
    "P": _PUNCTUATION,
    "S": _PUNCTUATION,
    "Z": r"\s",
}

Resolve = Callable[[Any], Any]


@cache
def service_model(service: str = "sagemaker") -> Any:
    """botocore's description of a service."""
    return botocore.session.get_session().get_service_model(service)


def check_request(operation: str, request: dict[str, Any]) -> None:
    """Raises `ValidationError` naming every member that breaks a constraint, worded as AWS words it."""
    shape = service_model().operation_model(operation).input_shape
    broken = list(broken_constraints(request, shape)) if shape is not None else []
    if broken:
        noun = "error" if len(broken) == 1 else "errors"
        raise ValidationError(f"{len(broken)} validation {noun} detected: {'; '.join(broken)}")


def broken_constraints(
    value: Any, shape: Any, path: str = "", resolve: Resolve = lambda value: value
) -> Iterator[str]:
    """Every constraint that a value breaks; `resolve` says what a value stands for, maybe `KNOWN_LATER`."""
    value, kind = resolve(value), shape.type_name
    types, complaint = _TYPES.get(kind, ((object,), ""))
    fits = isinstance(value, types) and not (isinstance(value, bool) and kind in _NUMBERS)
    if value is KNOWN_LATER:
        if kind in ("structure", "map", "list"):
            yield f"{complaint} at '{path}'"
    elif not fits:
        yield _message(value, path, complaint)
    elif kind == "structure":
        yield from _structure(value, shape, path, resolve)
    elif kind in ("list", "map"):
        yield from _size(value, len(value), shape, path)
        yield from _items(value, shape, path, resolve)
    elif kind == "string":
        yield from _text(value, shape, path)
    elif kind in _NUMBERS:
        yield from _size(value, value, shape, path)


def _structure(value: dict[str, Any], shape: Any, path: str, resolve: Resolve) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield _message(None, _member(path, name), "Member must not be null")
    for name, inner in value.items():
        if name in shape.members:
            yield from broken_constraints(inner, shape.members[name], _member(path, name), resolve)
        else:
            yield f"Unknown Argument member '{name}' at '{path}'"


def _items(value: Any, shape: Any, path: str, resolve: Resolve) -> Iterator[str]:
    if shape.type_name == "list":
        for number, inner in enumerate(value, start=1):
            yield from broken_constraints(inner, shape.member, f"{path}.{number}.member", resolve)
    else:
        for name, inner in value.items():
            yield from broken_constraints(name, shape.key, f"{path}.{name}.key", resolve)
            yield from broken_constraints(inner, shape.value, f"{path}.{name}.value", resolve)


def _text(value: str, shape: Any, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield _message(value, path, f"Member must satisfy enum value set: [{allowed}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not compiled(pattern).fullmatch(value):
        yield _message(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    yield from _size(value, len(value), shape, path)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the service model as one of Python, with approximate classes of Unicode characters."""
    understood = re.sub(r"\\p\{(\w+)\}", lambda found: _UNICODE_CLASSES[found[1]], pattern)
    # Pairs of surrogates are one character here.
    understood = understood.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    # CustomerMetadata counts with a quantifier on the end of the text.
    return re.compile(re.sub(r"\$\{\d+,\d+\}", "", understood))


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
