"""The day that captured requests and schedules go by: days pass when they are told to.

Everything else goes by the machine's clock, CloudWatch too: it takes no data of a day that has not come.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass
class Calendar:
    """How far the embedded AWS is ahead of today."""

    passed: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def pass_days(self, days: int) -> dict[str, Any]:
        """The control `pass-days`; tells what day it is now."""
        if days < 0:
            raise ValueError("days do not come back")
        self.passed += timedelta(days=days)
        return {"now": self.now().isoformat()}
