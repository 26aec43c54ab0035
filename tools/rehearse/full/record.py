"""What a full story has seen, for its page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tools.rehearse.full.clients import Asked
from tools.rehearse.narrator import Narrator
from tools.rehearse.people import PERSONAS
from tools.rehearse.pipeline import Criterion

PEOPLE = tuple(PERSONAS)
_LANES = {**{person: person for person in PEOPLE}, "requests": "clients", "The monitor": "monitor"}
MACHINES = "platform"


@dataclass
class Moment:
    """A step of the story."""

    at: float
    """Seconds of the story."""
    told: str
    seconds: float = 0.0
    details: list[str] = field(default_factory=list)

    @property
    def what(self) -> str:
        """Without who does it."""
        return self.told.removeprefix(f"The {self.who} ")

    @property
    def who(self) -> str:
        """The first of those whom its title names."""
        named = {self.told.index(word): who for word, who in _LANES.items() if word in self.told}
        return named[min(named)] if named else MACHINES


@dataclass(frozen=True)
class Mail:
    """What the alert topic has told people."""

    at: float
    subject: str
    message: str

    @property
    def is_alarm(self) -> bool:
        return "NewStateReason" in self._content

    @property
    def reason(self) -> str:
        """Why it was sent, as far as it says that."""
        content = self._content
        endpoint = content.get("Endpoint", {})
        reasons = (content.get("NewStateReason"), endpoint.get("FailureReason"), content.get("because"))
        return next((str(reason) for reason in reasons if reason), "")

    @property
    def _content(self) -> dict[str, Any]:
        try:
            content = json.loads(self.message)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class Step:
    """One of a pipeline's execution."""

    name: str
    status: str
    seconds: float
    after: Sequence[str]


@dataclass(frozen=True)
class Window:
    """What one run of the monitors saw."""

    told: str
    month: datetime
    version: str
    requests: int
    distances: Mapping[str, float]
    named: Sequence[str]
    """Columns that violate a constraint."""
    live: float
    """The metric of the criterion, by what really happened."""
    at_best: float


@dataclass
class Version:
    """A model, from its training on."""

    number: str
    learnt_from: str
    metrics: Mapping[str, float]
    steps: Sequence[Step]
    beside_live: str
    fate: str = "waits for approval"


@dataclass(frozen=True)
class Fleet:
    """One side of a rollout, by CloudWatch."""

    version: str
    requests: int
    p99_ms: float


@dataclass(frozen=True)
class Rollout:
    """A version that takes over, or tries to, while clients ask."""

    version: str
    asked: Sequence[Asked]
    fleets: Sequence[Fleet]
    statuses: Sequence[str]
    """What DescribeEndpoint said, one after the other."""
    reason: str
    """The endpoint's FailureReason; empty when the version has taken over."""
    mails: Sequence[Mail]

    @property
    def failed(self) -> int:
        return sum(each.answer is None for each in self.asked)


@dataclass
class Record:
    """All of it."""

    name: str
    began: datetime
    criterion: Criterion
    people: Mapping[str, str]
    """Their names by persona."""
    moments: Sequence[Moment]
    drift_limit: float = 0.0
    latency_limit_ms: float = 0.0
    windows: list[Window] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    rollouts: list[Rollout] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        return sum(each.answer is None for each in self.asked)


class Recorder(Narrator):
    """Tells the story, and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[Moment] = []

    def detail(self, text: str) -> None:
        super().detail(text)
        if self.moments:
            self.moments[-1].details.append(text)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        moment = Moment(self.elapsed_seconds, title)
        self.moments.append(moment)
        with super().step(title):
            yield
        moment.seconds = self.elapsed_seconds - moment.at
