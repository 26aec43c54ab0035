"""Whether an event matches a pattern, as Event Ruler decides: https://github.com/aws/event-ruler.

An event is its leaves: what stands at a path, whose names are joined by dots. An element of an array stands
at the path of the array; fields of a pattern that meet in one array must meet in the same element.
"""

import ipaddress
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.local_aws.events.patterns import OR

_COMPARISONS = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PART_OF_WILDCARD = re.compile(r"\\[*\\]|.", re.DOTALL)

Fields = list[tuple[str, list[Any]]]
Elements = Mapping[str, int]


@dataclass(frozen=True)
class _Leaf:
    """A value, and the element of every array above it, by the path of the array."""

    value: Any
    elements: Elements


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    leaves: dict[str, list[_Leaf]] = {}
    for path, leaf in _leaves("", event, {}):
        leaves.setdefault(path, []).append(leaf)
    return any(_agree(fields, leaves, {}) for fields in _alternatives(pattern, ""))


def _leaves(path: str, value: Any, elements: Elements) -> Iterator[tuple[str, _Leaf]]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, below, elements)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _leaves(path, element, {**elements, path: index})
    else:
        yield path, _Leaf(value, elements)


def _alternatives(pattern: Mapping[str, Any], path: str) -> list[Fields]:
    """The fields of a pattern; with `$or` there are several lists, of which one must match."""
    found: list[Fields] = [[]]
    for name, value in pattern.items():
        below = f"{path}.{name}" if path else name
        if name == OR:
            more = [fields for one in value for fields in _alternatives(one, path)]
        elif isinstance(value, Mapping):
            more = _alternatives(value, below)
        else:
            more = [[(below, value)]]
        found = [[*first, *second] for first in found for second in more]
    return found


def _agree(fields: Fields, leaves: Mapping[str, Sequence[_Leaf]], chosen: Elements) -> bool:
    """Whether every field has a leaf that passes, all of them in the same elements of arrays."""
    if not fields:
        return True
    (path, filters), *others = fields
    if path not in leaves:
        absent = any(isinstance(one, dict) and one.get("exists") is False for one in filters)
        return absent and _agree(others, leaves, chosen)
    return any(
        _agree(others, leaves, {**chosen, **leaf.elements})
        for leaf in leaves[path]
        if all(chosen.get(array, index) == index for array, index in leaf.elements.items())
        and any(_passes(leaf.value, one) for one in filters)
    )


def _passes(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return _same(value, wanted)
    ((name, argument),) = wanted.items()
    return _FILTERS[name](value, argument)


def _same(value: Any, wanted: Any) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """A filter of texts that may ignore the case."""

    def passes(value: Any, argument: Any) -> bool:
        if not isinstance(value, str):
            return False
        if isinstance(argument, dict):
            return test(value.lower(), argument["equals-ignore-case"].lower())
        return test(value, argument)

    return passes


def _wildcard(value: str, wildcard: str) -> bool:
    parts = (".*" if part == "*" else re.escape(part[-1]) for part in _PART_OF_WILDCARD.findall(wildcard))
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def _numeric(value: Any, terms: Sequence[Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    pairs = zip(terms[::2], terms[1::2], strict=True)
    return all(_COMPARISONS[comparison](value, bound) for comparison, bound in pairs)


def _cidr(value: Any, network: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _anything_but(value: Any, excluded: Any) -> bool:
    name, argument = next(iter(excluded.items())) if isinstance(excluded, dict) else (None, excluded)
    test = _same if name is None else _FILTERS[name]
    return not any(test(value, one) for one in (argument if isinstance(argument, list) else [argument]))


_FILTERS: dict[str, Callable[[Any, Any], bool]] = {
    "exactly": _same,
    "prefix": _text(str.startswith),
    "suffix": _text(str.endswith),
    "equals-ignore-case": _text(lambda value, wanted: value.lower() == wanted.lower()),
    "wildcard": _text(_wildcard),
    "exists": lambda _, wanted: bool(wanted),
    "cidr": lambda value, network: isinstance(value, str) and _cidr(value, network),
    "numeric": _numeric,
    "anything-but": _anything_but,
}
