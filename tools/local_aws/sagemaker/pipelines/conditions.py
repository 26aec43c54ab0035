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


_MEMBERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_COMPARISONS, ("LeftValue", "RightValue")),
    "In": ("QueryValue", "Values"),
    "Not": ("Expression",),
    "Or": ("Conditions",),
}


def condition_mistakes(conditions: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with the conditions and with those inside them."""
    for condition in conditions:
        kind = condition.get("Type")
        if kind not in _MEMBERS:
            yield f"has the unknown condition type {kind}"
            continue
        for member in _MEMBERS[kind]:
            if member not in condition:
                yield f"has a condition {kind} without {member}"
        inner = [condition["Expression"]] if "Expression" in condition else []
        yield from condition_mistakes([*inner, *condition.get("Conditions", [])])


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
