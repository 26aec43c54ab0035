"""How a group that people want to watch fares, in what a model learnt from and in what it predicts.

A facet sets the group apart from all other rows; its metrics are Clarify's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from bias_metrics import FACET, POST_TRAINING, PRE_TRAINING, Metric, counted
from model import Model, actual_values
from tabular import Arguments, DataError, Features, Part

RESAMPLES = 1000
SEED = 0


@dataclass(frozen=True)
class Facet:
    """A column and what sets a group apart: categories, or a number that rows of the group are above."""

    column: str
    categories: tuple[str, ...] = ()
    above: float = np.nan

    def has(self, features: Features) -> np.ndarray:
        cells = features[self.column]
        return np.asarray(pd.Series(cells).isin(self.categories)) if self.categories else cells > self.above

    def told(self, features: Features) -> str:
        """As Clarify tells a group."""
        return ",".join(self.categories) or _interval(self.above, features[self.column])


@dataclass(frozen=True)
class Question:
    """Whose outcomes are compared, and which outcome counts as positive.

    Of two classes it is the positive label, of several one of `labels`, of a number what is above `above`.
    """

    facets: tuple[Facet, ...]
    labels: tuple[str, ...] = ()
    above: float = np.nan

    def outcomes(self, model: Model, values: np.ndarray) -> np.ndarray:
        """Which of the rows have the positive outcome, by actual values or predictions."""
        schema = model.schema
        if schema.target_is_number:
            return values > self.above
        if schema.positive is not None:
            return values >= schema.decision_threshold
        numbers = values if values.ndim == 1 else values.argmax(axis=1)
        return np.isin(numbers, [place for place, label in enumerate(model.labels) if label in self.labels])

    def told(self, model: Model, values: np.ndarray) -> str:
        """As Clarify tells the positive outcome."""
        if model.schema.target_is_number:
            return _interval(self.above, values)
        return model.schema.positive or ",".join(self.labels)


@dataclass(frozen=True)
class Measured:
    """A metric of one group."""

    name: str
    metric: Metric
    value: float
    """NaN where it is not defined."""
    interval: tuple[float, float]
    """What other rows like these would show, in 95 of 100 cases."""

    @property
    def is_unequal(self) -> bool:
        """By more than chance."""
        low, high = self.interval
        return self.metric.equal is not None and (high < self.metric.equal or low > self.metric.equal)


@dataclass(frozen=True)
class Watched:
    """A group in a part of the data."""

    facet: Facet
    told: str
    rows: int
    """Of the group."""
    all_rows: int
    measured: tuple[Measured, ...]


@dataclass(frozen=True)
class Bias:
    """Every group, before training in the training part and after it in the test part."""

    label: str
    told: str
    """The outcome that counts as positive."""
    before: tuple[Watched, ...]
    after: tuple[Watched, ...]


def add_arguments(parser: Arguments) -> None:
    """The question as arguments, none without `--facet`: `--facet Plan =gold|silver --facet Age >60`."""
    parser.add_argument(
        "--facet", nargs=2, action="append", default=[], metavar=("COLUMN", "=A|B or >NUMBER")
    )
    parser.add_argument("--positive-labels", default="", metavar="A|B|...")
    parser.add_argument("--positive-above", type=float, default=np.nan)


def asked(facets: Iterable[Sequence[str]], labels: str, above: float) -> Question | None:
    """The question of the arguments; raises DataError for what is none."""
    read = tuple(_facet(*facet) for facet in facets)
    return Question(read, tuple(label for label in labels.split("|") if label), above) if read else None


def _facet(column: str, test: str) -> Facet:
    try:
        if test.startswith(">"):
            return Facet(column, above=float(test[1:]))
    except ValueError as error:
        raise DataError(f"--facet {column}: {test} is not > and a number") from error
    if not test.startswith("=") or not test[1:]:
        raise DataError(f"--facet {column}: {test} is neither =A|B nor >NUMBER")
    return Facet(column, tuple(test[1:].split("|")))


def compare(question: Question, model: Model, training: Part, test: Part, predicted: np.ndarray) -> Bias:
    """What the groups of the facets show; raises DataError for a facet that is no column."""
    unknown = sorted({facet.column for facet in question.facets} - set(test.features))
    if unknown:
        raise DataError(f"no features of this model, so no facets: {', '.join(unknown)}")
    learnt, actual = (actual_values(model, part.target) for part in (training, test))
    before = question.outcomes(model, learnt)
    after = question.outcomes(model, actual), question.outcomes(model, predicted)
    return Bias(
        model.schema.target,
        question.told(model, learnt),
        tuple(_watch(facet, training, (before, before), PRE_TRAINING) for facet in question.facets),
        tuple(_watch(facet, test, after, POST_TRAINING) for facet in question.facets),
    )


def _watch(
    facet: Facet, part: Part, outcomes: tuple[np.ndarray, np.ndarray], metrics: Mapping[str, Metric]
) -> Watched:
    counts = counted(facet.has(part.features), *outcomes)
    rows = int(counts.sum())
    # All metrics follow from eight counts, so that a resample of the rows is a draw of eight numbers.
    draws = np.random.default_rng(SEED).multinomial(rows, counts.ravel() / rows, RESAMPLES)
    resamples = draws.reshape(RESAMPLES, 2, 2, 2)
    measured = tuple(
        Measured(name, metric, float(metric.formula(counts)), _spread(metric.formula(resamples)))
        for name, metric in metrics.items()
    )
    return Watched(facet, facet.told(part.features), int(counts[FACET].sum()), rows, measured)


def _spread(values: np.ndarray) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not known.size:
        return np.nan, np.nan
    # Between infinite values there is nothing to interpolate.
    low, high = np.quantile(known, (0.025, 0.975), method="inverted_cdf")
    return float(low), float(high)


def _interval(above: float, values: np.ndarray) -> str:
    return f"({float(above)}, {float(np.nanmax(values))}]"
