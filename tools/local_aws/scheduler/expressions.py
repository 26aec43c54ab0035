"""When something is to happen, as EventBridge's rules and Scheduler understand it.

Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html and
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from collections.abc import Sequence

_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_DAYS = "SUN|MON|TUE|WED|THU|FRI|SAT"
_MINUTE, _HOUR, _DAY_OF_MONTH = "[0-5]?[0-9]", "2[0-3]|[01]?[0-9]", "3[01]|[12][0-9]|0?[1-9]"
_MONTH, _DAY_OF_WEEK, _YEAR = f"1[0-2]|0?[1-9]|{_MONTHS}", f"[1-7]|{_DAYS}", "19[7-9][0-9]|2[01][0-9]{2}"
_POSITIVE = "[1-9][0-9]*"


def _field(value: str, *more: str) -> str:
    """A list of values, ranges and steps, or of forms that only this field has."""
    plain = f"(?:\\*|(?:{value})(?:-(?:{value}))?)(?:/{_POSITIVE})?"
    one = "|".join((plain, *more))
    return f"(?:{one})(?:,(?:{one}))*"


_DAY_IN_MONTH = _field(_DAY_OF_MONTH, "LW?", f"(?:{_DAY_OF_MONTH})W")
_DAY_IN_WEEK = _field(_DAY_OF_WEEK, f"(?:{_DAY_OF_WEEK})(?:L|#[1-5])", "L")
_DAY = f"(?:{_DAY_IN_MONTH} {_field(_MONTH)} \\?|\\? {_field(_MONTH)} {_DAY_IN_WEEK})"

CRON = re.compile(f"cron\\({_field(_MINUTE)} {_field(_HOUR)} {_DAY} {_field(_YEAR)}\\)\\Z")
RATE_OF_RULES = re.compile(f"rate\\((?:1 (?:minute|hour|day)|(?!1 ){_POSITIVE} (?:minutes|hours|days))\\)\\Z")
"""Rules want the singular for one, and the plural for more."""
_RATE = re.compile(f"rate\\({_POSITIVE} (?:minute|hour|day)s?\\)\\Z")
_AT = re.compile(r"at\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\)\Z")
_FORMS = {"cron": CRON, "rate": RATE_OF_RULES, "loose rate": _RATE, "at": _AT}


def is_schedule(text: str, forms: Sequence[str]) -> bool:
    """Whether the text is an expression of one of the forms."""
    return any(_FORMS[form].match(text) for form in forms)
