"""Days, times of day and time zones."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from config.mistakes.errors import Mistake, checked, unknown
from config.values.fields import between

Weekday = Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
Weekdays = Annotated[tuple[Weekday, ...], Field(strict=False), between(1, 7, "days")]
WORKDAYS: tuple[Weekday, ...] = ("MON", "TUE", "WED", "THU", "FRI")

_TIME_OF_DAY = "([01][0-9]|2[0-3]):[0-5][0-9]"
_MINUTES_OF_AN_HOUR, _HOURS_OF_A_DAY = 60, 24

TIME_ZONES = tuple(
    zone
    for zone in files("tzdata").joinpath("zones").read_text("utf-8").split()
    if "/" in zone or zone == "UTC"
)
"""UTC and the zones of the tz database that are named after places, in the version that is pinned."""


def _time_of_day(value: object) -> Iterator[Mistake]:
    if not isinstance(value, str) or not re.fullmatch(_TIME_OF_DAY, value):
        allowed = "two digits, a colon, two digits: 00:00 to 23:59"
        yield Mistake((), value, "is no time of day", allowed, f'write "{_nearest_time(value) or "19:00"}"')


def _nearest_time(value: object) -> str:
    """Return what 7, "7:00" or 1140 means, which is how YAML 1.1 reads 19:00; empty if it means nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        hour, minute = (value, 0) if value < _HOURS_OF_A_DAY else divmod(value, _MINUTES_OF_AN_HOUR)
    elif isinstance(value, str) and (match := re.fullmatch("([0-9]{1,2})(:([0-9]{1,2}))?", value)):
        hour, minute = int(match[1]), int(match[3] or 0)
    else:
        return ""
    text = f"{hour:02}:{minute:02}"
    return text if re.fullmatch(_TIME_OF_DAY, text) else ""


def _time_zone(value: str) -> Iterator[Mistake]:
    cities = {zone.rpartition("/")[2].lower(): zone for zone in TIME_ZONES}
    change = "write UTC, or the zone of the nearest large city"
    if value.lower() in cities:
        change = f"did you mean {cities[value.lower()]}?"
    allowed = "UTC, or a place of the tz database, e.g. Europe/Berlin"
    return unknown(value, TIME_ZONES, "is no time zone", change, allowed=allowed)


TimeOfDay = Annotated[
    str,
    checked(_time_of_day, BeforeValidator),
    WithJsonSchema({"type": "string", "pattern": f"^({_TIME_OF_DAY})$"}),
]
TimeZone = Annotated[str, checked(_time_zone)]
