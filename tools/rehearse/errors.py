"""What can go wrong in a rehearsal."""

from pathlib import Path


class RehearsalError(Exception):
    """A step failed: why, and where the log is."""

    def __init__(self, reason: str, log: Path | str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.log = log


class NotThereError(RehearsalError):
    """The configuration has not what was asked for."""
