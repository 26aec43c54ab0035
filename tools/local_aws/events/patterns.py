"""Why an event pattern is not valid, in the words recorded from AWS."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKENS = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_COMPARISONS = ("<", "<=", ">", ">=", "=")


class InvalidPatternError(Exception):
    """The reason, as AWS words it."""


def check_pattern(text: str) -> None:
    """Raises `InvalidPatternError` for a pattern that EventBridge does not take."""
    try:
        pattern = json.loads(text)
    except ValueError:
        word = re.match(r"\w+", text)
        what = f"Unrecognized token '{word[0]}'" if word else f"Unexpected character ('{text[:1]}')"
        raise InvalidPatternError(f"{what}: {_TOKENS}") from None
    if not isinstance(pattern, dict):
        raise InvalidPatternError("Filter is not an object")
    _check_object(pattern)


def _check_object(pattern: Mapping[str, Any]) -> None:
    for key, value in pattern.items():
        if key == "$or" and isinstance(value, list):
            for alternative in value:
                _check_object(alternative)
        elif isinstance(value, dict):
            _check_object(value)
        elif not isinstance(value, list):
            raise InvalidPatternError(f'"{key}" must be an object or an array')
        elif not value:
            raise InvalidPatternError("Empty arrays are not allowed")
        else:
            for member in value:
                _check_filters(member if isinstance(member, dict) else {})


def _check_filters(filters: Mapping[str, Any]) -> None:
    for name, value in filters.items():
        if name not in _FILTERS:
            raise InvalidPatternError(f"Unrecognized match type {name}")
        _FILTERS[name](name, value)


def _anything(_name: str, _value: Any) -> None:
    pass


def _a_text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise InvalidPatternError(f"{name} match pattern must be a string")


def _a_text_in_any_case(name: str, value: Any) -> None:
    _a_text(name, value.get("equals-ignore-case") if isinstance(value, dict) else value)


def _a_wildcard(name: str, value: Any) -> None:
    _a_text(name, value)
    if "**" in value:
        raise InvalidPatternError(f"Consecutive wildcard characters at pos {value.index('**') + 1}")


def _numbers(_name: str, value: Any) -> None:
    if not isinstance(value, list):
        raise InvalidPatternError("Value of numeric must be an array.")
    for comparison, number in zip(value[::2], value[1::2], strict=False):
        if comparison not in _COMPARISONS:
            raise InvalidPatternError(f"Unrecognized numeric range operator: {comparison}")
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InvalidPatternError(f"Value of {comparison} must be numeric")


def _a_network(_name: str, value: Any) -> None:
    _, slash, mask = str(value).partition("/")
    if not slash:
        raise InvalidPatternError("Malformed CIDR, one '/' required")
    if not mask.isdigit():
        raise InvalidPatternError("Malformed CIDR, mask bits must be an integer")


_FILTERS: dict[str, Callable[[str, Any], None]] = {
    "anything-but": _anything,
    "cidr": _a_network,
    "equals-ignore-case": _a_text,
    "exists": _anything,
    "numeric": _numbers,
    "prefix": _a_text_in_any_case,
    "suffix": _a_text_in_any_case,
    "wildcard": _a_wildcard,
}
