"""One of the use cases that a rehearsal tells of."""

from dataclasses import dataclass, field
from pathlib import Path

from tools.rehearse.acts import HeldOut, Monitor, Results
from tools.rehearse.choice import Choice
from tools.rehearse.pipeline import Criterion
from tools.rehearse.samples import Sample
from tools.rehearse.served import Served


@dataclass
class Case:
    """What is known of a use case, which grows as the story is told."""

    choice: Choice
    folder: Path
    """Where its pictures go."""
    results: Results = field(default_factory=Results)
    criterion: Criterion = field(init=False)
    held_out: HeldOut = field(init=False)
    delivery: str = field(init=False)
    """Address in S3 of the raw file."""
    execution: str = field(init=False)
    """ARN of the pipeline's execution."""
    package: str = field(init=False)
    """ARN of the version that waits for approval."""
    served: Served = field(init=False)
    """Where its model answers, once it is deployed."""
    monitor: Monitor | None = None
    """None when nobody watches its endpoint."""
    quality: Monitor | None = None
    """None when nobody compares its answers with what happened."""
    retraining: str = ""
    """ARN of the machine that trains anew; empty when none does."""
    next_delivery: str = ""
    """Address in S3 of what comes later, for that machine."""
    happened: dict[str, list[str]] = field(default_factory=dict)
    """What really happened to its live requests, by inference id."""

    @property
    def name(self) -> str:
        """Of the pipeline, the group of versions and the endpoint."""
        return self.choice.name

    @property
    def dashboard(self) -> Path:
        """The page that it is drawn on."""
        return self.folder / f"dashboard-{self.sample.use_case}.html"

    @property
    def sample(self) -> Sample:
        """What is delivered and asked."""
        return self.choice.sample
