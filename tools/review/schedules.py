"""How often a schedule starts something, as far as its expression says."""

import re
from typing import Any

_OF_A_DAY = {"minute": 24 * 60, "hour": 24, "day": 1}
_FIELDS = (60, 24, 31, 12, 7)
_DAYS_OF_A_MONTH = 365 / 12
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_WEEKDAYS = "SUN MON TUE WED THU FRI SAT"
_NUMBERS = {
    name: f"{number}" for names in (_MONTHS, _WEEKDAYS) for number, name in enumerate(names.split(), 1)
}


def rarer(before: Any, after: Any) -> bool:
    """It starts less often, not at all, or nobody can say how often."""
    if not before:
        return False
    old, new = runs_of_a_month(str(before)), runs_of_a_month(str(after))
    return old is None or new is None or new < old


def runs_of_a_month(expression: str) -> float | None:
    """Of `rate(…)` and of `cron(…)` in its usual forms; None for what does not say how often."""
    if rate := re.fullmatch(r"rate\((?P<number>\d+) (?P<unit>minute|hour|day)s?\)", expression):
        return _OF_A_DAY[rate["unit"]] * _DAYS_OF_A_MONTH / max(1, int(rate["number"]))
    fields = re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)", expression)
    if not fields:
        return None
    # Years that are named come to an end.
    runs = _DAYS_OF_A_MONTH if fields[6] == "*" else 0.0
    for field, whole, unit in zip(fields.groups(), _FIELDS, (60, 24, 1, 1, 1), strict=False):
        values = _values(field, whole)
        if values is None:
            return None
        runs *= unit * values / whole
    return runs


def _values(field: str, whole: int) -> float | None:
    """How many values a field has: `*`, `3`, `1,13`, `1-5`, `0/15`; None for what is not written so."""
    if field in ("*", "?"):
        return whole
    found = 0.0
    for part in re.sub("[A-Z]{3}", lambda name: _NUMBERS.get(name[0], name[0]), field).split(","):
        if re.fullmatch(r"\d+|L", part):
            found += 1
        elif span := re.fullmatch(r"(\d+)-(\d+)", part):
            found += (int(span[2]) - int(span[1])) % whole + 1
        elif step := re.fullmatch(r"(\*|\d+)/(\d+)", part):
            found += whole / max(1, int(step[2]))
        else:
            return None
    return found
