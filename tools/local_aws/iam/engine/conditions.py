"""The Condition element: does a request's context satisfy it?

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from tools.local_aws.iam.engine.model import Condition, Effect
from tools.local_aws.iam.engine.patterns import ContextValue, arn_like, matches, plain, resolve

Test = Callable[[str, str], bool]


def to_number(text: str) -> float:
    """The number a Numeric operator compares. `ValueError` if it is none."""
    return float(text)


def to_date(text: str) -> datetime:
    """The moment a Date operator compares: ISO 8601 or seconds since 1970. `ValueError` if it is none."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def to_flag(text: str) -> bool:
    """The truth value a Bool operator compares. `ValueError` if it is none."""
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


def _string_equals(wanted: str, given: str) -> bool:
    return plain(wanted) == given


def _string_equals_ignore_case(wanted: str, given: str) -> bool:
    return plain(wanted).casefold() == given.casefold()


def _ip_address(wanted: str, given: str) -> bool:
    return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)


def _compare(convert: Callable[[str], object], relation: Callable[..., bool]) -> Test:
    return lambda wanted, given: relation(convert(given), convert(wanted))


_POSITIVE: dict[str, Test] = {
    "StringEquals": _string_equals,
    "StringEqualsIgnoreCase": _string_equals_ignore_case,
    "StringLike": matches,
    "BinaryEquals": _string_equals,
    "Bool": _compare(to_flag, operator.eq),
    "IpAddress": _ip_address,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
}
for _suffix, _relation in {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}.items():
    _POSITIVE["Numeric" + _suffix] = _compare(to_number, _relation)
    _POSITIVE["Date" + _suffix] = _compare(to_date, _relation)

_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
OPERATORS = frozenset({*_POSITIVE, *_NEGATED, "Null"})
# Variables mean something to operators on strings and ARNs only.
_WITH_VARIABLES = ("String", "Arn")


def satisfied(
    condition: Condition, context: Mapping[str, ContextValue], effect: Effect, *, has_variables: bool
) -> bool:
    """Whether the context satisfies one condition of a statement with this effect."""
    given = context.get(condition.key.lower())
    if condition.operator == "Null":
        return any(to_flag(wanted) == (given is None) for wanted in condition.values)
    if given is None:
        return _without_the_key(condition)
    values = (given,) if isinstance(given, str) else given
    wanted = _wanted_values(condition, context, has_variables=has_variables)
    results = [_holds(condition.operator, wanted, value) for value in values]
    if condition.quantifier is None and len(results) > 1:
        # AWS leaves a key with several values undefined without ForAllValues or ForAnyValue: stay on the safe
        # side, which is "all of them" before permission is given and "one of them" before it is refused.
        return all(results) if effect is Effect.ALLOW else any(results)
    return any(results) if condition.quantifier == "ForAnyValue" else all(results)


def _without_the_key(condition: Condition) -> bool:
    if condition.if_exists or condition.quantifier == "ForAllValues":
        return True
    return condition.quantifier is None and condition.operator in _NEGATED


def _wanted_values(
    condition: Condition, context: Mapping[str, ContextValue], *, has_variables: bool
) -> tuple[str, ...]:
    if not has_variables or not condition.operator.startswith(_WITH_VARIABLES):
        return condition.values
    resolved = (resolve(value, context) for value in condition.values)
    # A variable without a value equals nothing.
    return tuple(value for value in resolved if value is not None)


def _holds(name: str, wanted: tuple[str, ...], given: str) -> bool:
    if name in _NEGATED:
        return not _holds(_NEGATED[name], wanted, given)
    return any(_test(_POSITIVE[name], value, given) for value in wanted)


def _test(test: Test, wanted: str, given: str) -> bool:
    try:
        return test(wanted, given)
    except ValueError:
        # The request's value is no number, date, flag or address, so it equals none.
        return False
