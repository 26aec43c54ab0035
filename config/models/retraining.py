"""When a model is trained anew by itself."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.values import fields

AskingAlarm = Literal["drift", "quality"]
AskingAlarms = Annotated[tuple[AskingAlarm, ...], Field(strict=False), fields.between(1, 2, "alarms")]


class Retraining(ConfigurationModel):
    """The model is trained anew by itself, on the newest delivery; what comes of it waits for approval.

    Unless a rule approves it, which `approve_when_better_by` makes.
    """

    alarms: AskingAlarms = ("drift",)
    """What asks for it: drift, quality (needs monitoring.ground_truth), or both."""
    at_most_every_days: int = Field(default=7, ge=1, le=90)
    """Days that pass between two of them at least, whatever asks for one."""
    approve_when_better_by: float | None = Field(default=None, gt=0)
    """By how much the success criterion's metric must be better than the live version's, on the same rows and
    in 95 of 100 cases, so that nobody has to approve; only people approve when left out."""
    because: fields.Reason | None = None
    """Why no person decides; needed with approve_when_better_by where termination_protection is true."""

    def mistakes(self) -> Iterator[Mistake]:
        if self.because and self.approve_when_better_by is None:
            problem, change = "is the reason for a rule, and there is none", "remove it"
            yield Mistake(
                ("because",), self.because, problem, "left out without approve_when_better_by", change
            )
