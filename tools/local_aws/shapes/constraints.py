"""What a value breaks of the constraints that botocore's model of a service states.

boto3 itself checks types, required members and some minima of requests, and nothing of answers. The real
services enforce enumerations, patterns and lengths too, with one message per broken constraint.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session

KNOWN_LATER = object()
"""Stands for a text, number or flag that exists only when a pipeline runs."""
_NUMBERS = ("integer", "long", "float", "double")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "structure": ((dict,), "Expecting start of Json Object"),
    "map": ((dict,), "Expecting start of Json Object"),
    "list": ((list, tuple), "Expecting start of Json Array"),
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
    "ASCII": r"\x00-\x7f",
    "Alnum": "A-Za-z0-9",
    "L": r"\w",
    "M": r"\u0300-\u036f",
    "N": r"\w",
    "P": _PUNCTUATION,
    "Print": r"\x20-\x7e",
    "S": _PUNCTUATION,
    "Z": r"\s",
    "Zs": r"\x20\xa0",
}
_CLASS_OR_SET = re.compile(r"\[(?:\\.|[^\\\]])*\]|\\p\{\w+\}")
_CLASS = re.compile(r"\\p\{(\w+)\}")
_ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")

Resolve = Callable[[Any], Any]


@cache
def service_model(service: str) -> Any:
    """botocore's description of a service."""
    return botocore.session.get_session().get_service_model(service)


@dataclass(frozen=True)
class Walk:
    """Goes through a value along its shape; `resolve` says what a value stands for, maybe `KNOWN_LATER`.

    Patterns, minima and maxima (`limits`) are constraints of requests: AWS's own answers break them. In JSON
    `as_sent`, a moment is a number unless its shape says otherwise.
    """

    limits: bool = True
    as_sent: bool = False
    resolve: Resolve = lambda value: value

    def broken(self, value: Any, shape: Any, path: str = "") -> Iterator[str]:
        """Every constraint that the value breaks, worded as AWS words it."""
        value, kind = self.resolve(value), shape.type_name
        if value is KNOWN_LATER:
            if kind in ("structure", "map", "list"):
                yield f"{_TYPES[kind][1]} at '{path}'"
        elif complaint := _wrong_type(value, shape):
            yield _message(value, path, complaint)
        elif kind == "timestamp" and self.as_sent and not _is_moment(value, shape):
            yield _message(value, path, "Member must be a timestamp in the format of its shape")
        elif kind == "structure":
            yield from self._structure(value, shape, path)
        elif kind in ("list", "map"):
            yield from self._size(value, len(value), shape, path)
            yield from self._items(value, shape, path)
        elif kind == "string":
            yield from self._text(value, shape, path)
        elif kind in _NUMBERS:
            yield from self._size(value, value, shape, path)
        elif kind == "blob" and isinstance(value, bytes):
            yield from self._size(value, len(value), shape, path)

    def _structure(self, value: dict[str, Any], shape: Any, path: str) -> Iterator[str]:
        if getattr(shape, "is_document_type", False):
            return
        for name in shape.required_members:
            if value.get(name) is None:
                yield _message(None, _member(path, name), "Member must not be null")
        for name, inner in value.items():
            if name not in shape.members:
                yield f"Unknown Argument member '{name}' at '{path}'"
            elif inner is not None:
                yield from self.broken(inner, shape.members[name], _member(path, name))

    def _items(self, value: Any, shape: Any, path: str) -> Iterator[str]:
        if shape.type_name == "list":
            for number, inner in enumerate(value, start=1):
                yield from self.broken(inner, shape.member, f"{path}.{number}.member")
        else:
            for name, inner in value.items():
                yield from self.broken(name, shape.key, f"{path}.{name}.key")
                yield from self.broken(inner, shape.value, f"{path}.{name}.value")

    def _text(self, value: str, shape: Any, path: str) -> Iterator[str]:
        if shape.enum and value not in shape.enum:
            allowed = ", ".join(shape.enum)
            yield _message(value, path, f"Member must satisfy enum value set: [{allowed}]")
        pattern = shape.metadata.get("pattern")
        if self.limits and pattern and not compiled(pattern).fullmatch(value):
            yield _message(value, path, f"Member must satisfy regular expression pattern: {pattern}")
        yield from self._size(value, len(value), shape, path)

    def _size(self, value: Any, size: float, shape: Any, path: str) -> Iterator[str]:
        if not self.limits:
            return
        what = "value" if shape.type_name in _NUMBERS else "length"
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if least is not None and size < least:
            yield _message(value, path, f"Member must have {what} greater than or equal to {least}")
        if most is not None and size > most:
            yield _message(value, path, f"Member must have {what} less than or equal to {most}")


def _wrong_type(value: Any, shape: Any) -> str:
    types, complaint = _TYPES.get(shape.type_name, ((object,), ""))
    fits = isinstance(value, types) and not (isinstance(value, bool) and shape.type_name in _NUMBERS)
    return "" if fits else complaint


def _is_moment(value: Any, shape: Any) -> bool:
    if shape.serialization.get("timestampFormat", "unixTimestamp") == "unixTimestamp":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str) and _ISO_8601.fullmatch(value) is not None


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the service model as one of Python, with approximate classes of Unicode characters."""
    understood = _CLASS_OR_SET.sub(_expanded, pattern).replace(r"\z", r"\Z")
    # Python takes flags at the start only; and a hyphen beside a class as the end of a range.
    understood = understood.replace("(?i)", "").replace(r"[\w-", r"[\w\-")
    # Pairs of surrogates are one character here.
    understood = understood.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
    # CustomerMetadata counts with a quantifier on the end of the text.
    return re.compile(re.sub(r"\$\{\d+,\d+\}", "", understood))


def _expanded(found: re.Match[str]) -> str:
    expanded = _CLASS.sub(lambda named: _UNICODE_CLASSES[named[1]], found[0])
    return expanded if found[0].startswith("[") else f"[{expanded}]"


def _member(path: str, name: str) -> str:
    lower = name[:1].lower() + name[1:]
    return f"{path}.{lower}" if path else lower


def _message(value: Any, path: str, constraint: str) -> str:
    # Bytes are not shown.
    shown = "" if isinstance(value, bytes) else " null" if value is None else f" '{value}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"
