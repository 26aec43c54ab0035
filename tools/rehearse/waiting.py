"""Waiting for something to come true."""

import time
from collections.abc import Callable
from typing import TypeVar

from tools.rehearse.errors import RehearsalError

Answer = TypeVar("Answer")
_POLL_SECONDS = 0.2


def wait_for(what: str, look: Callable[[], Answer | None], timeout_seconds: float) -> Answer:
    """Call `look` until it returns something; RehearsalError says what was waited for in vain."""
    deadline = time.monotonic() + timeout_seconds
    while (answer := look()) is None:
        if time.monotonic() > deadline:
            raise RehearsalError(f"waited {timeout_seconds:g} s for {what}, in vain")
        time.sleep(_POLL_SECONDS)
    return answer
