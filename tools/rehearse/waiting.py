"""Waiting for something to come true."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tools.rehearse.errors import RehearsalError

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Pace:
    """How often one looks, and how much longer than in a rehearsal on a quiet machine things may take."""

    seconds_between_looks: float
    patience: float


# A machine that does something else besides is slow, and nothing is wrong.
EMBEDDED, REAL = Pace(0.2, 3), Pace(15, 12)
_SECONDS_OF_AN_HOUR = 3600


def wait_for(
    what: str, look: Callable[[], Answer | None], timeout_seconds: float, pace: Pace = EMBEDDED
) -> Answer:
    """Call `look` until it returns something; RehearsalError says what was waited for in vain."""
    timeout_seconds *= pace.patience
    deadline = time.monotonic() + timeout_seconds
    while (answer := look()) is None:
        if time.monotonic() > deadline:
            raise RehearsalError(f"waited {timeout_seconds:g} s for {what}, in vain")
        time.sleep(pace.seconds_between_looks)
    return answer


def seconds_to_wait_for_room(now: float, needed_seconds: float) -> float:
    """How long to wait so that the hour does not turn before `needed_seconds` have passed.

    `now` is in seconds since the epoch. A monitor looks at whole hours: what comes later is for its next run.
    """
    left = _SECONDS_OF_AN_HOUR - now % _SECONDS_OF_AN_HOUR
    return left if left < needed_seconds else 0.0
