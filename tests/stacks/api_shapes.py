"""Checks a request against botocore's model of the API, where pipeline expressions may stand for scalars.

Stricter than botocore itself, which leaves unknown fields, enums, patterns and upper bounds to the service.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

EXPRESSIONS = {"Get", "Std:Join", "Std:JsonGet"}
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
}

Defaults = Callable[[Any], Any]


def is_expression(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in EXPRESSIONS


def shape_problems(value: Any, shape: Any, path: str, default_of: Defaults) -> Iterator[str]:
    """What is wrong with a value, one sentence each. An expression with a default is checked by that."""
    if is_expression(value):
        if shape.type_name not in _SCALARS:
            yield f"{path}: an expression cannot stand for a {shape.type_name}"
        value = default_of(value)
        if value is None:
            return
    check = _CHECKS.get(shape.type_name, _scalar_problems)
    yield from check(value, shape, path, default_of)


def _structure_problems(value: Any, shape: Any, path: str, default_of: Defaults) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no structure"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, item in value.items():
        if name in shape.members:
            yield from shape_problems(item, shape.members[name], f"{path}.{name}", default_of)
        else:
            yield f"{path}: the API knows no {name}"


def _list_problems(value: Any, shape: Any, path: str, default_of: Defaults) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    yield from _size_problems(len(value), shape, f"{path}: the number of items")
    for index, item in enumerate(value):
        yield from shape_problems(item, shape.member, f"{path}[{index}]", default_of)


def _map_problems(value: Any, shape: Any, path: str, default_of: Defaults) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no map"
        return
    yield from _size_problems(len(value), shape, f"{path}: the number of entries")
    for key, item in value.items():
        yield from shape_problems(key, shape.key, f"{path} (key)", default_of)
        yield from shape_problems(item, shape.value, f"{path}.{key}", default_of)


def _scalar_problems(value: Any, shape: Any, path: str, _: Defaults) -> Iterator[str]:
    allowed = _SCALARS[shape.type_name]
    is_unexpected_bool = isinstance(value, bool) and bool not in allowed
    if is_unexpected_bool or not isinstance(value, allowed):
        yield f"{path}: {value!r} is no {shape.type_name}"
    elif isinstance(value, str):
        yield from _size_problems(len(value), shape, f"{path}: the length of {value!r}")
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is not one of the API's values"
        if not _matches(shape.metadata.get("pattern", ".*"), value):
            yield f"{path}: {value!r} does not match {shape.metadata['pattern']}"
    elif isinstance(value, int | float):
        yield from _size_problems(value, shape, path)


def _size_problems(size: float, shape: Any, what: str) -> Iterator[str]:
    smallest, largest = shape.metadata.get("min"), shape.metadata.get("max")
    if smallest is not None and size < smallest:
        yield f"{what}: {size} is less than {smallest}"
    if largest is not None and size > largest:
        yield f"{what}: {size} is more than {largest}"


def _matches(pattern: str, value: str) -> bool:
    # Python knows no Unicode classes; and CustomerMetadata counts with a quantifier on the end of the text.
    understood = re.sub(r"\\p\{\w+\}", r"\\w\\s", pattern)
    understood = re.sub(r"\$\{\d+,\d+\}", "", understood)
    return re.fullmatch(understood, value, re.DOTALL) is not None


_CHECKS: dict[str, Callable[[Any, Any, str, Defaults], Iterator[str]]] = {
    "structure": _structure_problems,
    "list": _list_problems,
    "map": _map_problems,
}
