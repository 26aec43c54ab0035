"""Days, times of day and time zones."""

import re
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from config.mistakes.errors import Mistake, MistakesFoundError, suggest
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


def _check_time_of_day(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(_TIME_OF_DAY, value):
        change = f'write "{_nearest_time(value) or "19:00"}"'
        raise MistakesFoundError(
            Mistake((), value, "is no time of day", "two digits, a colon, two digits: 00:00 to 23:59", change)
        )
    return value


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


def _check_time_zone(value: str) -> str:
    if value not in TIME_ZONES:
        cities = {zone.rpartition("/")[2].lower(): zone for zone in TIME_ZONES}
        change = suggest(value, TIME_ZONES, "write UTC, or the zone of the nearest large city")
        if value.lower() in cities:
            change = f"did you mean {cities[value.lower()]}?"
        allowed = "UTC, or a place of the tz database, e.g. Europe/Berlin"
        raise MistakesFoundError(Mistake((), value, "is no time zone", allowed, change))
    return value


TimeOfDay = Annotated[
    str,
    BeforeValidator(_check_time_of_day),
    WithJsonSchema({"type": "string", "pattern": f"^({_TIME_OF_DAY})$"}),
]
TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
