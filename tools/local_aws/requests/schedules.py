"""The expressions of schedules.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re

_NAMED_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_NAMED_DAYS = "SUN|MON|TUE|WED|THU|FRI|SAT"
_DAY = r"0?[1-9]|[12]\d|3[01]"


def _field(one: str, more: str = "") -> str:
    """A field of a cron expression: values, ranges, steps and lists of them, and what else it may be."""
    part = rf"(?:\*|(?:{one})(?:-(?:{one}))?)(?:/\d+)?"
    return rf"(?:{part}(?:,{part})*{more})"


# One of the two fields for days has to be a question mark.
_ONE_DAY = r"(?=cron\(\S+\s+\S+\s+(?:\?\s+\S+\s+\S+|\S+\s+\S+\s+\?)\s+\S+\)$)"
_CRON = _ONE_DAY + r"cron\({}\)".format(
    r"\s+".join(
        (
            _field(r"[0-5]?\d"),
            _field(r"[01]?\d|2[0-3]"),
            _field(_DAY, rf"|\?|L|LW|(?:{_DAY})W"),
            _field(rf"0?[1-9]|1[0-2]|{_NAMED_MONTHS}"),
            _field(rf"[1-7]|{_NAMED_DAYS}", r"|\?|L|[1-7]L|[1-7]#[1-5]"),
            _field(r"19[7-9]\d|2[01]\d\d"),
        )
    )
)
_RATE = r"rate\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9]\d+) (?:minutes|hours|days))\)"
_ANY_RATE = r"rate\([1-9]\d* (?:minutes?|hours?|days?)\)"
_AT = r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"
_FORMS = {"cron": _CRON, "rate": _RATE, "loose rate": _ANY_RATE, "at": _AT}


def is_schedule(text: str, forms: list[str]) -> bool:
    """Whether the text is an expression of one of the forms."""
    return any(re.fullmatch(_FORMS[form], text, re.ASCII) for form in forms)
