"""Schedules: what AWS documents is accepted, what it refuses is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.mistakes.errors import MistakesFoundError
from config.values.cron import check_cron


# The first eight are the examples of
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 10 * * ? *)",
        "cron(15 12 * * ? *)",
        "cron(0 18 ? * MON-FRI *)",
        "cron(0 8 1 * ? *)",
        "cron(0/10 * ? * MON-FRI *)",
        "cron(0/5 8-17 ? * MON-FRI *)",
        "cron(0 9 ? * 2#1 *)",
        "cron(0/30 20-2 ? * MON-FRI *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 15W JAN,JUL ? 2030-2035)",
        "cron(0 0 ? * 6L *)",
    ],
)
def test_a_schedule_of_aws_is_accepted(schedule: str) -> None:
    assert check_cron(schedule) == schedule


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("0 10 * * ? *", "is not written as cron(...)"),
        ("cron(0 10 * * ?)", "has 5 fields"),
        ("cron(0  10 * * ? *)", "has 7 fields"),
        ("cron(61 10 * * ? *)", "'61' where minute 0 to 59 is expected"),
        ("cron(0 24 * * ? *)", "hour 0 to 23"),
        ("cron(0 0 0 * ? *)", "day of the month 1 to 31, or ?"),
        ("cron(0 0 32W * ? *)", "day of the month 1 to 31, or ?"),
        ("cron(0 0 ? 13 1 *)", "month 1 to 12, JAN to DEC"),
        ("cron(0 0 ? * 0 *)", "day of the week 1 to 7, SUN to SAT, or ?"),
        ("cron(0 0 ? * MON-FUN *)", "day of the week"),
        ("cron(0 0 ? * 2#6 *)", "day of the week"),
        ("cron(0 0 * * ? 1969)", "year 1970 to 2199"),
        ("cron(0/0 0 * * ? *)", "minute"),
        ("cron(? 0 * * ? *)", "minute"),
        ("cron(0 0 ? * ? *)", "not for both or neither"),
        ("cron(0 0 * * * *)", "not for both or neither"),
        ("cron(, 0 * * ? *)", "minute"),
        ("cron()", "is not written as cron(...)"),
    ],
)
def test_another_schedule_is_refused_for_the_part_that_is_wrong(schedule: str, words: str) -> None:
    with pytest.raises(MistakesFoundError) as caught:
        check_cron(schedule)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("unix", "aws"),
    [
        ("0 19 * * 1-5", "cron(0 19 ? * MON-FRI *)"),
        ("0 19 * * 0/2", "cron(0 19 ? * SUN/2 *)"),
        ("30 4 1 * *", "cron(30 4 1 * ? *)"),
        ("cron(0 5 * * *)", "cron(0 5 * * ? *)"),
    ],
)
def test_the_five_fields_of_unix_are_told_the_form_of_aws(unix: str, aws: str) -> None:
    with pytest.raises(MistakesFoundError) as caught:
        check_cron(unix)
    assert f"in the form of AWS it would be {aws}" in str(caught.value)


@given(st.text(max_size=30) | st.text("0123456789*?/,-LW#MON ", max_size=30))
def test_whatever_is_written_is_accepted_or_told_as_a_mistake(text: str) -> None:
    for schedule in (text, f"cron({text})"):
        with suppress(MistakesFoundError):
            assert check_cron(schedule) == schedule


def test_digits_are_those_of_ascii() -> None:
    with pytest.raises(MistakesFoundError):
        check_cron("cron(\N{ARABIC-INDIC DIGIT FIVE} 0 * * ? *)")
