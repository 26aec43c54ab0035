"""Times of day and time zones: what is written is what is meant, whichever YAML somebody has in mind."""

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import pytest

from config.values.fields import TIME_ZONES
from tests.config.catalogue import DEV, Example, Set, elsewhere, in_dev, refuse

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

OFF_HOURS = {"stop": "19:00", "start": "07:00"}
TIMES: tuple[tuple[object, str, str], ...] = (
    ("7:00", '"7:00"', 'write "07:00"'),
    ("7", '"7"', 'write "07:00"'),
    (7, "7", 'write "07:00"'),
    # How YAML 1.1 reads 19:00 without quotes, and what a tool that follows it writes back.
    (1140, "1140", 'write "19:00"'),
    ("19.00", '"19.00"', 'write "19:00"'),
    ("24:00", '"24:00"', 'write "19:00"'),
    ("07:60", '"07:60"', 'write "19:00"'),
    ("19:00:00", '"19:00:00"', 'write "19:00"'),
    ("١٩:00", '"١٩:00"', 'write "19:00"'),
    (True, "true", 'write "19:00"'),
)
EXAMPLES = [
    *(
        in_dev(
            f"off_hours.stop: {shown}", "off_hours", {**OFF_HOURS, "stop": value}, "is no time of day", words
        )
        for value, shown, words in TIMES
    ),
    in_dev("off_hours.days: []", "off_hours", {**OFF_HOURS, "days": []}, "has 0 days", "1 to 7"),
    in_dev('off_hours.days: ["MON", "MON"]', "off_hours", {**OFF_HOURS, "days": ["MON"] * 2}, "repeats MON"),
    in_dev('off_hours.days[0]: "Mon"', "off_hours", {**OFF_HOURS, "days": ["Mon"]}, "SUN, MON, TUE"),
    in_dev(
        'off_hours.timezone: "berlin"', "off_hours", {**OFF_HOURS, "timezone": "berlin"}, "Europe/Berlin?"
    ),
    elsewhere(
        "environments/dev.yaml: off_hours.start_cron: ",
        (Set(DEV, "off_hours", {**OFF_HOURS, "start_cron": "cron(0 7 ? * MON-FRI *)"}),),
        "is an unknown key",
        "did you mean start?",
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.beginning[30:] for example in EXAMPLES])
def test_a_mistake_is_told_where_it_is(example: Example, workspace: "Workspace") -> None:
    refuse(example, workspace)


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_time_of_day_is_the_same_with_and_without_quotes(workspace: "Workspace", quote: str) -> None:
    written = f"off_hours: {{stop: {quote}19:00{quote}, start: {quote}07:30{quote}}}\nregion:"
    workspace.replace(DEV, "region:", written)
    off_hours = workspace.load().environments[0].off_hours
    assert off_hours
    assert (off_hours.stop, off_hours.start) == ("19:00", "07:30")


def test_people_work_from_monday_to_friday_unless_it_is_said(workspace: "Workspace") -> None:
    workspace.set(DEV, "off_hours", OFF_HOURS)
    off_hours = workspace.load().environments[0].off_hours
    assert off_hours
    assert off_hours.days == ("MON", "TUE", "WED", "THU", "FRI")
    assert off_hours.timezone == "UTC"


def test_the_time_zones_are_utc_and_places_of_the_tz_database() -> None:
    assert set(TIME_ZONES) <= available_timezones()
    assert {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia"} <= set(TIME_ZONES)
    assert [zone for zone in TIME_ZONES if "/" not in zone] == ["UTC"]
