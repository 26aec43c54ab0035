"""The rehearsal, phase by phase."""

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import Measurement
from tools.rehearse.choice import Wanted
from tools.rehearse.narrator import Narrator
from tools.rehearse.story import Rehearsal

BUDGET_SECONDS = 90.0
_TITLE_LENGTH = 54


class Stopwatch(Narrator):
    """Keeps how long each step took instead of telling it."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.steps: list[Measurement] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        started = time.perf_counter()
        with super().step(title):
            yield
        self.steps.append(Measurement(f"  {_shortened(title)}", time.perf_counter() - started))


def measure() -> list[Measurement]:
    """One rehearsal; it is too long to be repeated."""
    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        rehearsal = Rehearsal(Wanted(), folder=Path(folder) / "rehearsal", narrator=stopwatch)
        with rehearsal.run(0):
            seconds = time.perf_counter() - started
    return [*stopwatch.steps, Measurement("Rehearsal, one run", seconds, budget_seconds=BUDGET_SECONDS)]


def _shortened(title: str) -> str:
    return title if len(title) <= _TITLE_LENGTH else f"{title[: _TITLE_LENGTH - 1]}…"
