"""How a state machine tries again what fails for a moment, as data."""

from typing import Any

RETRY: dict[str, Any] = {
    "ErrorEquals": ["States.TaskFailed"],
    "IntervalSeconds": 5,
    "BackoffRate": 2,
    "MaxAttempts": 4,
}
"""Of every call: after 5, 10, 20 and 40 seconds."""
