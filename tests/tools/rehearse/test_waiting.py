"""Waiting: for something to come true, and for an hour that is long enough."""

import pytest

from tools.rehearse.errors import RehearsalError
from tools.rehearse.waiting import seconds_to_wait_for_room, wait_for

HOUR = 3600
SOME_HOUR = 494_000 * HOUR


@pytest.mark.parametrize(
    ("second", "waits"), [(0, 0), (1800, 0), (HOUR - 90, 0), (HOUR - 89, 89), (HOUR - 1, 1)]
)
def test_traffic_that_would_cross_the_hour_waits_for_the_next(second: int, waits: int) -> None:
    assert seconds_to_wait_for_room(SOME_HOUR + second, 90) == waits


def test_what_does_not_come_true_is_told() -> None:
    assert wait_for("a number", lambda: 7, 1) == 7
    with pytest.raises(RehearsalError, match="waited 0 s for a miracle, in vain"):
        wait_for("a miracle", lambda: None, 0)
