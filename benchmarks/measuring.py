"""Medians of several runs, and how a measurement is printed."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


class Printed(Protocol):
    """Whatever a part of the benchmarks has found."""

    def lines(self) -> list[str]:
        """What is printed."""


@dataclass(frozen=True)
class Peer:
    """What somebody else's code takes for the same thing, measured in the same run."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Measurement:
    """One figure: seconds, and what it is compared with."""

    what: str
    seconds: float
    peer: Peer | None = None
    budget_seconds: float | None = None

    def lines(self) -> list[str]:
        """The figure, then its peer and its budget, where it has them."""
        lines = [f"{self.what:<58}{duration(self.seconds):>12}"]
        if self.peer:
            lines.append(f"  {self.peer.name:<56}{duration(self.peer.seconds):>12}")
            lines.append(f"  ratio to it{self.seconds / self.peer.seconds:>57.2f}")
        if self.budget_seconds:
            share = self.seconds / self.budget_seconds
            lines.append(f"  budget{duration(self.budget_seconds):>62}   used {share:.0%}")
        return lines


def duration(seconds: float) -> str:
    """Seconds in the largest unit that leaves something before the point."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.2f} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def seconds_of(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def medians(runs: int, *works: Callable[[], object]) -> list[float]:
    """The median of several calls of each, taken in turns so that a busy moment hits all of them."""
    taken = [[seconds_of(work) for work in works] for _ in range(runs)]
    return [statistics.median(times) for times in zip(*taken, strict=True)]
