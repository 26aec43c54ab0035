"""Types of lists, each with the check that explains what is allowed."""

import difflib
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from config.facts.aws import INSTANCE_TYPES
from config.mistakes.errors import Mistake, MistakesFoundError, suggest
from config.values.fields import Texts

_MOST_ALERTS = 5
_MOST_PERCENT = 1000
_EVERY_INSTANCE_TYPE = tuple(sorted({name for names in INSTANCE_TYPES.values() for name in names}))


def between(fewest: int, most: int, what: str) -> AfterValidator:
    """Return a check that a list has so many different values."""

    def check(values: Sequence[str]) -> Sequence[str]:
        problem = ""
        if not fewest <= len(values) <= most:
            problem = f"has {len(values)} {what}"
        elif len(set(values)) < len(values):
            repeated = sorted({value for value in values if values.count(value) > 1})
            problem = f"repeats {', '.join(repeated)}"
        if problem:
            allowed = f"{fewest} to {most} different {what}"
            change = "add one" if len(values) < fewest else "remove the surplus"
            raise MistakesFoundError(Mistake((), values, problem, allowed, change))
        return values

    return AfterValidator(check)


def _each_offered(offered: Sequence[str], what: str) -> AfterValidator:
    known = frozenset(offered)

    def check(values: Sequence[str]) -> Sequence[str]:
        mistakes = []
        for index, value in enumerate(values):
            if value not in known:
                near = difflib.get_close_matches(value, offered, n=3)
                allowed = ", ".join(near) or f"{what}, e.g. ml.m5.large"
                change = suggest(value, near, "choose a type from https://aws.amazon.com/sagemaker/pricing/")
                mistakes.append(Mistake((index,), value, f"is not among {what}", allowed, change))
        if mistakes:
            raise MistakesFoundError(*mistakes)
        return values

    return AfterValidator(check)


def _check_percentages(values: Sequence[int]) -> Sequence[int]:
    problem = ""
    if not 1 <= len(values) <= _MOST_ALERTS:
        problem = f"has {len(values)} shares"
    elif any(not 1 <= value <= _MOST_PERCENT for value in values):
        problem = "holds a share that is out of range"
    elif list(values) != sorted(set(values)):
        problem = "does not rise"
    if problem:
        allowed = f"one to {_MOST_ALERTS} rising whole numbers, 1 to {_MOST_PERCENT} percent"
        raise MistakesFoundError(Mistake((), values, problem, allowed, "write e.g. [50, 80, 100]"))
    return values


StudioInstanceTypes = Annotated[
    Texts,
    _each_offered(INSTANCE_TYPES["studio"], "Studio's instance types"),
    between(1, 50, "instance types"),
]
InstanceTypes = Annotated[
    Texts,
    _each_offered(_EVERY_INSTANCE_TYPE, "SageMaker's instance types"),
    between(1, 200, "instance types"),
]
AlertPercentages = Annotated[tuple[int, ...], Field(strict=False), AfterValidator(_check_percentages)]
UserGroups = Annotated[Texts, between(1, 10, "groups")]
