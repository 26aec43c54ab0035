"""The conditions of a condition step."""

import operator
from collections.abc import Callable, Iterator
from typing import Any

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def known_condition(kind: str) -> bool:
    """Whether conditions of this type can be tested."""
    return kind in _COMPARISONS or kind in ("In", "Not", "Or")


def condition_types(conditions: list[dict[str, Any]]) -> Iterator[str]:
    """The types of the conditions and of those inside them."""
    for condition in conditions:
        yield str(condition.get("Type"))
        yield from condition_types(condition.get("Conditions", []))
        if "Expression" in condition:
            yield from condition_types([condition["Expression"]])


def holds(condition: dict[str, Any], evaluate: Callable[[Any], Any]) -> bool:
    """Whether a condition is true; `evaluate` turns an expression into its value.

    Raises `TypeError` when two values cannot be compared.
    """
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Expression"], evaluate)
    if kind == "Or":
        return any(holds(inner, evaluate) for inner in condition["Conditions"])
    if kind == "In":
        return bool(evaluate(condition["QueryValue"]) in evaluate(condition["Values"]))
    left, right = evaluate(condition["LeftValue"]), evaluate(condition["RightValue"])
    try:
        return _COMPARISONS[kind](left, right)
    except TypeError as error:
        raise TypeError(f"{left!r} and {right!r} cannot be compared with {kind}") from error
