"""Event patterns: what is wrong with one, in AWS's words.

EventBridge matches with Event Ruler, so what it refuses is known from there: https://github.com/aws/event-ruler
(JsonRuleCompiler). The place in the text that AWS adds on a second line is left out.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator
from typing import Any

from tools.local_aws.errors import ApiError

OR = "$or"
_OPERATORS = ("=", "<", "<=", ">", ">=")
_CLOSING_OPERATORS = ("<", "<=")
_RESERVED_IN_OR = {
    *(
        "exactly",
        "equals-ignore-case",
        "prefix",
        "suffix",
        "anything-but",
        "exists",
        "wildcard",
        "numeric",
        "cidr",
    ),
    *_OPERATORS,
    *("regex", "not-wildcard", "not-equals-ignore-case", "ip-address-in-range", "ip-address-not-in-range"),
    *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
}
# Event Ruler counts states; this is the smallest number of wildcards that is known to be too many.
_TOO_MANY_WILDCARDS = 6
_ONE_KEY = "Only one key allowed in match expression"
_TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences "
    "after a wildcard character"
)

Reasons = Iterator[str]


def parse(text: str) -> dict[str, Any]:
    """The pattern in a text; raises `ApiError` with the first thing that is wrong with it."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise _refusal(f"Invalid JSON: {error}") from None
    reason = "Filter is not an object" if not isinstance(pattern, dict) else next(_of_object(pattern), None)
    if reason is not None:
        raise _refusal(reason)
    return dict(pattern)


def _refusal(reason: str) -> ApiError:
    return ApiError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")


def _of_object(pattern: dict[str, Any], *, in_or: bool = False) -> Reasons:
    if not pattern:
        yield "Empty objects are not allowed"
    for name, value in pattern.items():
        if name == OR:
            yield from _of_alternatives(value)
        elif in_or and name in _RESERVED_IN_OR:
            yield f"{name} is Ruler reserved fieldName which cannot be used inside {OR}."
        elif isinstance(value, dict):
            yield from _of_object(value, in_or=in_or)
        elif isinstance(value, list):
            yield from _of_values(value)
        else:
            yield f'"{name}" must be an object or an array'


def _of_alternatives(value: Any) -> Reasons:
    if not isinstance(value, list):
        yield f"It must be an Array followed with {OR}."
        return
    for alternative in value:
        if isinstance(alternative, dict):
            yield from _of_object(alternative, in_or=True)
        else:
            yield f"Only JSON object is allowed in array of {OR} relationship."
    if len(value) < 2:
        yield f"There must have at least 2 Objects in {OR} relationship."


def _of_values(values: list[Any]) -> Reasons:
    for value in values:
        if isinstance(value, dict):
            yield from _of_filter(value)
        elif isinstance(value, list):
            yield "Match value must be String, number, true, false, or null"
    if not values:
        yield "Empty arrays are not allowed"


def _of_filter(members: dict[str, Any]) -> Reasons:
    if not members:
        yield "Match expression name not found"
        return
    name, value = next(iter(members.items()))
    check = _FILTERS.get(name)
    if check is None:
        yield f"Unrecognized match type {name}"
        return
    yield from check(value)
    if len(members) > 1:
        yield "Too many elements in numeric expression" if name in ("numeric", "anything-but") else _ONE_KEY


def _text(noun: str) -> Callable[[Any], Reasons]:
    def check(value: Any) -> Reasons:
        if not isinstance(value, str):
            yield f"{noun} match pattern must be a string"

    return check


def _end_of_text(noun: str) -> Callable[[Any], Reasons]:
    def check(value: Any) -> Reasons:
        if not isinstance(value, dict):
            yield from _text(noun)(value)
            return
        name = next(iter(value), None)
        if name is None:
            yield f"{noun.capitalize()} expression name not found"
        elif name != "equals-ignore-case":
            yield f"Unsupported {noun} pattern: {name}"
        else:
            yield from _text("equals-ignore-case")(value[name])
        if len(value) > 1:
            yield _ONE_KEY

    return check


def _wildcard(value: Any) -> Reasons:
    if not isinstance(value, str):
        yield "wildcard match pattern must be a string"
        return
    # AWS counts the quotation mark before the text.
    position, end = 1, len(value) + 1
    while position < end:
        pair = value[position - 1 : position + 1]
        if pair == "**":
            yield f"Consecutive wildcard characters at pos {position}"
        if pair.startswith("\\"):
            if pair not in ("\\*", "\\\\"):
                yield f"Invalid escape character at pos {position}"
            position += 1
        position += 1
    if value.replace("\\*", "").count("*") >= _TOO_MANY_WILDCARDS:
        yield _TOO_COMPLEX


def _exists(value: Any) -> Reasons:
    if not isinstance(value, bool):
        yield "exists match pattern must be either true or false."


def _cidr(value: Any) -> Reasons:
    if not isinstance(value, str):
        yield "prefix match pattern must be a string"
        return
    address, *bits = value.split("/")
    if len(bits) != 1:
        yield "Malformed CIDR, one '/' required"
    elif not bits[0].isdecimal():
        yield "Malformed CIDR, mask bits must be an integer"
    else:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            yield f"Nonstandard IP address: {address}"


def _numeric(value: Any) -> Reasons:
    if not isinstance(value, list):
        yield "Value of numeric must be an array."
        return
    operator, *rest = value or [None]
    if not isinstance(operator, str):
        yield f"Invalid member in numeric match: {json.dumps(operator)}"
    elif operator not in _OPERATORS:
        yield f"Unrecognized numeric range operator: {operator}"
    elif not rest or not _is_number(rest[0]):
        yield f"Value of {'equals' if operator == '=' else operator} must be numeric"
    elif len(rest) > 1:
        yield from _upper_end(operator, *rest[1:])


def _upper_end(lower: str, operator: Any, *rest: Any) -> Reasons:
    if not lower.startswith(">"):
        yield "Too many elements in numeric expression"
    elif not isinstance(operator, str):
        yield f"Bad value in numeric range: {json.dumps(operator)}"
    elif operator not in _CLOSING_OPERATORS:
        yield f"Bad numeric range operator: {operator}"
    elif not rest or not _is_number(rest[0]):
        yield f"Value of {operator} must be numeric"
    elif len(rest) > 1:
        yield "Too many terms in numeric range expression"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _anything_but(value: Any) -> Reasons:
    name = next(iter(value), None) if isinstance(value, dict) else None
    if isinstance(value, dict):
        if name not in _INSIDE_ANYTHING_BUT:
            yield (
                f"Unsupported anything-but pattern: {name}"
                if name
                else "Anything-But expression name not found"
            )
            return
        value = value[name]
    if not (isinstance(value, str | list) or _is_number(value)):
        yield "Value of anything-but must be an array or single string/number value."
    elif name is None:
        yield from _excluded(value)
    else:
        for text in value if isinstance(value, list) else [value]:
            yield from _excluded_text(name, text)


def _excluded(value: Any) -> Reasons:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) or _is_number(one) for one in values):
        yield "Inside anything but list, start|null|boolean is not supported."
    elif len({isinstance(one, str) for one in values}) != 1:
        yield "Inside anything but list, either all values are number or string, mixed type is not supported"


def _excluded_text(name: str, text: Any) -> Reasons:
    if not isinstance(text, str):
        yield _INSIDE_ANYTHING_BUT[name]
    elif name == "wildcard":
        yield from _wildcard(text)
    elif name != "equals-ignore-case" and not text:
        yield "Null prefix/suffix not allowed"


_INSIDE_ANYTHING_BUT = {
    "prefix": "prefix/suffix match pattern must be a string",
    "suffix": "prefix/suffix match pattern must be a string",
    "wildcard": "wildcard match pattern must be a string",
    "equals-ignore-case": (
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
    ),
}
_FILTERS: dict[str, Callable[[Any], Reasons]] = {
    "exactly": _text("exact"),
    "prefix": _end_of_text("prefix"),
    "suffix": _end_of_text("suffix"),
    "equals-ignore-case": _text("equals-ignore-case"),
    "wildcard": _wildcard,
    "exists": _exists,
    "cidr": _cidr,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
