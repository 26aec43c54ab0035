"""Whether groups fare worse than when the version was registered, by more than chance.

The rule is Clarify's: what chance makes of a metric now has nothing in common with what was registered, and
the metric is farther from equal. https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from bias_metrics import POST_TRAINING, counted
from drift_check import group_name, groups
from scipy.special import ndtri
from tabular import numbers_of
from window import read

Json = dict[str, Any]
SECTION = "post_training_bias_metrics"
OF_ANSWERS = ("DPPL", "DI")
"""Metrics that need no labels."""
FEWEST_ROWS = 10
"""Of a group, and of all other rows: fewer say nothing."""
RESAMPLES = 1000
SEED = 0


@dataclass(frozen=True)
class Group:
    """A facet of the configuration that Clarify would read: a column, and categories or a number."""

    column: str
    values: tuple[Any, ...]

    @property
    def told(self) -> str:
        """What stands for it in constraint_violations.json."""
        return ",".join(map(str, self.values))

    @property
    def name(self) -> str:
        """As the registered intervals call it."""
        is_number = isinstance(self.values[0], int | float)
        return group_name(self.column, f"({float(self.values[0])}, " if is_number else self.told)

    def has(self, cells: Sequence[str]) -> np.ndarray:
        if isinstance(self.values[0], int | float):
            return numbers_of(cells) > self.values[0]
        return _among(cells, self.values)


def _among(cells: Sequence[str], values: Sequence[str]) -> np.ndarray:
    """As np.isin, which would make every cell as long as the longest."""
    wanted = set(values)
    return np.fromiter((cell in wanted for cell in cells), bool, len(cells))


@dataclass(frozen=True)
class Fares:
    """A metric of a group, now and as it was registered."""

    group: Group
    metric: str
    registered: float
    registered_between: tuple[float, float]
    value: float
    between: tuple[float, float]
    """What chance makes of it."""

    @property
    def beyond(self) -> float:
        """How far it is from what was registered; 0 where chance explains it, or equality is nearer."""
        equal = POST_TRAINING[self.metric].equal or 0.0
        if abs(self.value - equal) <= abs(self.registered - equal):
            return 0.0
        low, high = self.registered_between
        return max(0.0, self.between[0] - high, low - self.between[1])

    def violation(self) -> Json:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-bias-drift-violations.html."""
        low, high = self.between
        return {
            "feature_name": self.group.column,
            "facet": self.group.column,
            "facet_value": self.group.told,
            "metric_name": self.metric,
            "constraint_check_type": "bias_drift_check",
            "description": f"{self.metric} of {self.group.name} is {low:.4g} to {high:.4g}, "
            f"and was registered with {self.registered:.4g}",
        }


class Outcomes(NamedTuple):
    """Of the same rows, as texts."""

    answers: Sequence[str]
    labels: Sequence[str] | None = None
    """None where nobody has told what really happened."""


@dataclass(frozen=True)
class Registered:
    """What a version's evaluation has found about groups, and which outcome counts as positive."""

    groups: tuple[Group, ...]
    positives: tuple[Any, ...]
    """Labels, or the number above which an outcome counts."""
    threshold: float | None
    """Of the probability that a classifier of two classes answers."""
    values: Mapping[str, Mapping[str, float | None]]
    intervals: Mapping[str, Mapping[str, Sequence[float]]]

    @classmethod
    def of(cls, evaluation: Path) -> Registered | None:
        """None where the version compares no groups, or is older than what this needs."""
        names = ("analysis_config", "analysis", "intervals")
        files = [evaluation / "bias" / f"{name}.json" for name in names]
        if not all(file.is_file() for file in files):
            return None
        config, analysis, intervals = map(read, files)
        positive = read(evaluation / "evaluation.json").get("positive")
        return cls(
            tuple(
                Group(each["name_or_index"], tuple(each["value_or_threshold"])) for each in config["facet"]
            ),
            tuple(config["label_values_or_threshold"]),
            positive and float(positive["from_probability"]),
            groups(analysis[SECTION]),
            intervals[SECTION],
        )

    def claims(self, answers: Sequence[str]) -> np.ndarray:
        """Which of the answers are the positive outcome."""
        if self.threshold is not None:
            return numbers_of(answers) >= self.threshold
        return self.happened(answers)

    def happened(self, labels: Sequence[str]) -> np.ndarray:
        """Which of what really happened is the positive outcome."""
        if isinstance(self.positives[0], int | float):
            return numbers_of(labels) > self.positives[0]
        return _among(labels, self.positives)

    def compare(
        self, cells: Mapping[str, Sequence[str]], outcomes: Outcomes, false_alarms: float
    ) -> list[Fares]:
        """Every group that has rows enough, by answers alone or beside what happened.

        `false_alarms` is how often one of all metrics may seem to have moved.
        """
        claims = self.claims(outcomes.answers)
        happened = claims if outcomes.labels is None else self.happened(outcomes.labels)
        metrics = OF_ANSWERS if outcomes.labels is None else tuple(POST_TRAINING)
        reach = -float(ndtri(false_alarms / (len(self.groups) * len(metrics))))
        found: list[Fares] = []
        for group in self.groups:
            counts = counted(group.has(cells[group.column]), happened, claims)
            if counts.sum(axis=(-2, -1)).min() >= FEWEST_ROWS:
                found += self._of_group(group, counts, metrics, reach)
        return found

    def _of_group(
        self, group: Group, counts: np.ndarray, metrics: Sequence[str], reach: float
    ) -> list[Fares]:
        draws = _drawn(counts)
        found = []
        for name in metrics:
            metric, registered = POST_TRAINING[name], self.values.get(group.name, {}).get(name)
            interval = self.intervals.get(group.name, {}).get(name)
            value = float(metric.formula(counts))
            if metric.equal is None or registered is None or interval is None or not np.isfinite(value):
                continue
            deviation = max(_deviation(metric.formula(each)) for each in draws)
            between = (value - reach * deviation, value + reach * deviation)
            found.append(Fares(group, name, registered, (interval[0], interval[1]), value, between))
        return found


def _drawn(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What such counts may come from, and windows of as many rows of groups that fare alike.

    With half a row more in each cell: a share of nothing is not known to be nothing. Of a small group with no
    positive row by chance, only the second knows that there could have been some.
    """
    generator = np.random.default_rng(SEED)
    likely = generator.dirichlet(counts.ravel() + 0.5, RESAMPLES) * counts.sum()
    alike = counts.sum(axis=0).ravel() + 0.5
    windows = [generator.multinomial(group.sum(), alike / alike.sum(), RESAMPLES) for group in counts]
    return likely.reshape(-1, 2, 2, 2), np.stack(windows, axis=1).reshape(-1, 2, 2, 2)


def _deviation(values: np.ndarray) -> float:
    """Of ratios those count that are finite."""
    finite = values[np.isfinite(values)]
    return float(finite.std()) if len(finite) else 0.0
