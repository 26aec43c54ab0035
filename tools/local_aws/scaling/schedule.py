"""When a scheduled action changes limits.

Source: https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tools.local_aws.scheduler.expressions import CRON

_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_NUMBERS = {name: number for names in (_DAYS, _MONTHS) for number, name in enumerate(names, 1)}
_FIRST = (0, 0, 1, 1, 1, 1970)
"""Of each field, from where steps count."""
_PART = re.compile(r"(?P<first>\*|\?|\d+|[A-Z]{3})(?:-(?P<last>\d+|[A-Z]{3}))?(?:/(?P<step>\d+))?\Z")


@dataclass(frozen=True)
class Schedule:
    """A cron expression in a time zone; days that count from the end of a month are not carried out."""

    expression: str
    zone: ZoneInfo

    @classmethod
    def of(cls, expression: str, timezone: str = "UTC") -> "Schedule":
        """ValueError for what is no cron expression of AWS."""
        schedule = cls(expression, ZoneInfo(timezone))
        if not CRON.match(expression) or not all(map(_PART.match, ",".join(schedule.fields).split(","))):
            raise ValueError(f"The embedded AWS scales by plain cron expressions, not by {expression}.")
        return schedule

    @property
    def fields(self) -> list[str]:
        return self.expression.removeprefix("cron(").removesuffix(")").split()

    def strikes(self, now: datetime) -> bool:
        """Whether this is its minute."""
        local = now.astimezone(self.zone)
        sunday_first = local.isoweekday() % 7 + 1
        moment = (local.minute, local.hour, local.day, local.month, sunday_first, local.year)
        return all(_holds(*each) for each in zip(self.fields, moment, _FIRST, strict=True))


def _holds(field: str, value: int, least: int) -> bool:
    return any(_part_holds(part, value, least) for part in field.split(","))


def _part_holds(part: str, value: int, least: int) -> bool:
    found = _PART.match(part)
    assert found, part
    step = int(found["step"] or 1)
    if found["first"] in "*?":
        return (value - least) % step == 0
    first = _number(found["first"])
    last = _number(found["last"]) if found["last"] else (first if not found["step"] else value)
    return first <= value <= last and (value - first) % step == 0


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text]
