"""How good the shipped models are on rows they have not learnt from, against a plain peer."""

import json
import math
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
DIVISIONS = 5
GOALS = {
    "house-prices": {"median_absolute_percentage_error": 0.054, "within_10_percent": 0.75},
    "churn": {"auc": 0.92, "recall_at_precision_0.9": 0.80},
    "used-cars": {"mean_absolute_percentage_error": 0.07},
}
LOWER_IS_BETTER = "_error"


@dataclass(frozen=True)
class Accuracy:
    """One figure of held-out parts: ours, a peer's with the same rows, and what it should be."""

    what: str
    ours: list[float]
    theirs: list[float]
    goal: float

    def lines(self) -> list[str]:
        """The mean of all divisions, with its standard error."""
        is_low = self.what.endswith(LOWER_IS_BETTER)
        mean = statistics.mean(self.ours)
        is_reached = mean <= self.goal if is_low else mean >= self.goal
        differences = [ours - theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]
        verdict = (
            f"{'at most' if is_low else 'at least'} {self.goal:.3f}, {'reached' if is_reached else 'missed'}"
        )
        return [
            f"{self.what:<58}{_shown(self.ours):>20}",
            f"  {'scikit-learn HistGradientBoosting as it comes':<56}{_shown(self.theirs):>20}",
            f"  {'difference to it':<56}{_shown(differences):>20}",
            f"  {'goal':<56}{verdict:>20}",
        ]


def _shown(values: list[float]) -> str:
    error = statistics.stdev(values) / math.sqrt(len(values))
    return f"{statistics.mean(values):.4f} (± {error:.4f})"


def measure() -> list[Accuracy]:
    """Each use case with so many divisions of its sample, in a process of its own."""
    return [figure for name in GOALS for figure in _measured(name)]


def _measured(name: str) -> list[Accuracy]:
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'pipeline_code'}"}
    command = [sys.executable, str(REPOSITORY / "benchmarks" / "held_out.py"), name, str(DIVISIONS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return [
        Accuracy(
            f"{name}: {metric}",
            [each[metric] for each in found["ours"]],
            [each[metric] for each in found["theirs"]],
            goal,
        )
        for metric, goal in GOALS[name].items()
    ]
