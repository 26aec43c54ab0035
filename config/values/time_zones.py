"""The time zones that a schedule may be written in."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from config.mistakes.errors import Mistake, MistakesFoundError, suggest

TIME_ZONES = tuple(Path(__file__).with_name("time_zones.txt").read_text("utf-8").split())
"""UTC and the zones of the tz database that are named after places; a machine's own list may be missing."""


def _check_time_zone(value: str) -> str:
    if value not in TIME_ZONES:
        cities = {zone.rpartition("/")[2].lower(): zone for zone in TIME_ZONES}
        change = suggest(value, TIME_ZONES, "write UTC, or the zone of the nearest large city")
        if value.lower() in cities:
            change = f"did you mean {cities[value.lower()]}?"
        allowed = "UTC, or a place of the tz database, e.g. Europe/Berlin"
        raise MistakesFoundError(Mistake((), value, "is no time zone", allowed, change))
    return value


TimeZone = Annotated[str, AfterValidator(_check_time_zone)]
