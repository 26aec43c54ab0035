"""Where a model is worse than elsewhere: its loss by what rows have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from tabular import Features, Problem, Schema

LEAST_ROWS = 30
QUARTERS = (0.25, 0.5, 0.75)
CERTAIN = 3.0
"""Standard errors: of a hundred slices that are like all others, hardly one seems worse by as much."""
LOSSES = {
    "regression": "mean absolute percentage error",
    "binary-classification": "log loss",
    "multiclass-classification": "log loss",
}


@dataclass(frozen=True)
class Slice:
    """Rows of the test part that have the same category, or a number of the same quarter."""

    feature: str
    value: str
    rows: int
    loss: float
    """The mean of its rows."""
    is_worse: bool
    """Than all rows together, by more than chance."""


def losses(problem: Problem, actual: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """How wrong each row is, as `LOSSES` says; the relative error counts as 1 where the actual value is 0."""
    if problem == "regression":
        relative = np.ones(len(actual))
        np.divide(np.abs(predicted - actual), np.abs(actual), out=relative, where=actual != 0)
        return relative
    if problem == "binary-classification":
        said = np.where(actual == 1, predicted, 1 - predicted)
    else:
        said = predicted[np.arange(len(actual)), actual.astype(int)]
    return np.asarray(-np.log(np.clip(said, 1e-15, 1.0)))


def slices(features: Features, schema: Schema, loss: np.ndarray) -> list[Slice]:
    """All slices with enough rows to say something, worst first."""
    overall = float(loss.mean())
    found = []
    for feature, value, chosen in _groups(features, schema):
        own = loss[chosen]
        if LEAST_ROWS <= len(own) < len(loss):
            error = float(own.std(ddof=1)) / len(own) ** 0.5
            is_worse = float(own.mean()) - CERTAIN * error > overall
            found.append(Slice(feature, value, len(own), float(own.mean()), is_worse))
    return sorted(found, key=lambda each: (-each.is_worse, -each.loss, each.feature, each.value))


def _groups(features: Features, schema: Schema) -> Iterator[tuple[str, str, np.ndarray]]:
    for name in schema.categorical:
        cells = features[name]
        for category in sorted({cell for cell in cells if cell is not None}):
            yield name, str(category), cells == category
        yield name, "(missing)", np.array([cell is None for cell in cells])
    for name in schema.numeric:
        numbers = features[name]
        known = np.isfinite(numbers)
        edges = np.unique(np.quantile(numbers[known], QUARTERS)) if known.any() else np.empty(0)
        quarter = np.searchsorted(edges, numbers, side="left")
        for position, text in enumerate(_between(edges)):
            yield name, text, known & (quarter == position)
        yield name, "(missing)", ~known


def _between(edges: np.ndarray) -> list[str]:
    shown = [f"{edge:,.6g}" for edge in edges]
    if not shown:
        return []
    inner = [f"above {low} to {high}" for low, high in pairwise(shown)]
    return [f"up to {shown[0]}", *inner, f"above {shown[-1]}"]
