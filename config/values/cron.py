"""Schedules in the form of EventBridge, Glue and Application Auto Scaling: `cron(0 7 ? * MON-FRI *)`.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from config.mistakes.errors import Mistake, MistakesFoundError

_FIELDS_OF_UNIX = 5
_DIGITS = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True)
class _Field:
    """One of the six parts of a schedule: its numbers, the names of its numbers, and what else it may be."""

    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    special: str = ""

    def allows(self, text: str) -> bool:
        """Return whether the part is a list of values, ranges and steps that lie in its limits."""
        if text == "?":
            return bool(self.special)
        return all(self._allows_item(item) for item in text.split(","))

    def _allows_item(self, item: str) -> bool:
        if self.special and re.fullmatch(self.special, item):
            return True
        span, slash, step = item.partition("/")
        if slash and not (_DIGITS.fullmatch(step) and 1 <= int(step) <= self.most):
            return False
        if span == "*":
            return True
        first, dash, last = span.partition("-")
        numbers = [self._number(first), self._number(last) if dash else self._number(first)]
        return None not in numbers

    def _number(self, text: str) -> int | None:
        if text.upper() in self.names:
            return self.names.index(text.upper()) + self.least
        return int(text) if _DIGITS.fullmatch(text) and self.least <= int(text) <= self.most else None

    @property
    def limits(self) -> str:
        """What a message says about the part."""
        names = f", {self.names[0]} to {self.names[-1]}" if self.names else ""
        question_mark = ", or ?" if self.special else ""
        return f"{self.name} {self.least} to {self.most}{names}{question_mark}"


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31, special=r"L|LW|([1-9]|[12][0-9]|3[01])W"),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 1, 7, _WEEKDAYS, special=r"L|[1-7]L|[1-7]#[1-5]"),
    _Field("year", 1970, 2199),
)
_ALLOWED = "cron(minute hour day-of-month month day-of-week year) with ? for one of the two days"
_EXAMPLE = "write it like cron(0 19 ? * MON-FRI *)"


def check_cron(value: str) -> str:
    """Return a schedule in AWS's form; raise MistakesFoundError for others, e.g. the five fields of Unix."""
    problem = next(_problems(value), None)
    if problem:
        raise MistakesFoundError(Mistake((), value, problem, _ALLOWED, _change(value)))
    return value


def _problems(value: str) -> Iterator[str]:
    inside = re.fullmatch(r"cron\(([^()]+)\)", value)
    if inside is None:
        yield "is not written as cron(...)"
        return
    parts = inside.group(1).split(" ")
    if len(parts) != len(_FIELDS):
        yield f"has {len(parts)} fields separated by single spaces, not six"
        return
    for field, part in zip(_FIELDS, parts, strict=True):
        if not field.allows(part):
            yield f"has {part!r} where {field.limits} is expected"
    if (parts[2] == "?") == (parts[4] == "?"):
        yield "must have ? for the day of the month or for the day of the week, not for both or neither"


def _change(value: str) -> str:
    parts = value.removeprefix("cron(").removesuffix(")").split()
    if len(parts) != _FIELDS_OF_UNIX or ("*" not in (parts[2], parts[4])):
        return _EXAMPLE
    minute, hour, day, month, weekday = parts
    # Unix counts weekdays from Sunday = 0, AWS from Sunday = 1: names mean the same in both.
    named = re.sub(r"(?<!/)\b[0-7]\b", lambda match: _WEEKDAYS[int(match.group()) % 7], weekday)
    days = (day, "?") if weekday == "*" else ("?", named)
    return f"in the form of AWS it would be cron({minute} {hour} {days[0]} {month} {days[1]} *)"


CronSchedule = Annotated[str, AfterValidator(check_cron)]
