"""When something starts by itself, as EventBridge Scheduler takes it.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from typing import Annotated

from config.values.fields import matching

_MONTHS, _DAYS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC", "SUN|MON|TUE|WED|THU|FRI|SAT"


def _part(value: str, *more: str) -> str:
    """The pattern of a part of a cron expression: a list of values, ranges and steps, or of other forms."""
    one = "|".join((rf"(?:\*|(?:{value})(?:-(?:{value}))?)(?:/[1-9]\d*)?", *more))
    return f"(?:{one})(?:,(?:{one}))*"


_DAY_OF_MONTH, _MONTH = "3[01]|[12][0-9]|0?[1-9]", _part(f"1[0-2]|0?[1-9]|{_MONTHS}")
_IN_MONTH = _part(_DAY_OF_MONTH, "LW?", f"(?:{_DAY_OF_MONTH})W")
_IN_WEEK = _part(f"[1-7]|{_DAYS}", f"(?:[1-7]|{_DAYS})(?:L|#[1-5])", "L")
_DAY = rf"(?:{_IN_MONTH} {_MONTH} \?|\? {_MONTH} {_IN_WEEK})"
_CRON = rf"cron\([0-5]?[0-9] {_part('2[0-3]|[01]?[0-9]')} {_DAY} {_part('20[0-9]{2}')}\)"
_SCHEDULE = matching(
    # Once an hour at most: a delivery is the whole table, and a training on it takes longer.
    rf"rate\([1-9]\d* (?:hour|day)s?\)|{_CRON}",
    "is no schedule",
    "rate(<number> hours|days), or cron(<minute> <hours> <days> <months> <weekdays> <years>) with one minute",
    "write e.g. rate(1 day), or cron(0 3 ? * MON-FRI *) for workdays at three",
)

Schedule = Annotated[str, _SCHEDULE]
