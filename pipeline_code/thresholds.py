"""What a binary classifier would decide from other probabilities on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from costs import per_row
from metrics import precision_and_recall
from sklearn.metrics import precision_recall_curve

STEPS = tuple(step / 20 for step in range(1, 20))
WANTED_PRECISIONS = (0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Decided:
    """What counting rows as positive from this probability on leads to; all are shares from 0 to 1."""

    threshold: float
    precision: float
    recall: float
    claimed: float
    """Of all rows."""
    cost: float | None = None
    """Per row; None where nobody says what mistakes cost."""


def decide(
    actual: np.ndarray, predicted: np.ndarray, threshold: float, costs: np.ndarray | None = None
) -> Decided:
    """What is claimed from this probability on."""
    claimed = predicted >= threshold
    cost = None if costs is None else per_row(costs, actual, claimed)
    return Decided(threshold, *precision_and_recall(actual, claimed), float(np.mean(claimed)), cost)


def sweep(actual: np.ndarray, predicted: np.ndarray, costs: np.ndarray | None = None) -> list[Decided]:
    """Every twentieth."""
    return [decide(actual, predicted, threshold, costs) for threshold in STEPS]


def cheapest(actual: np.ndarray, predicted: np.ndarray, costs: np.ndarray) -> Decided:
    """The threshold from which on decisions about these rows cost least; the lowest of several."""
    thresholds = np.append(np.unique(predicted), 1.0)
    left_out = [
        np.searchsorted(np.sort(predicted[actual == label]), thresholds, side="left") for label in (0, 1)
    ]
    # What is left out below a threshold is decided as negative, all others of the class as positive.
    spent = sum(
        costs[label, 0] * below + costs[label, 1] * (np.sum(actual == label) - below)
        for label, below in enumerate(left_out)
    )
    return decide(actual, predicted, float(thresholds[int(np.argmin(spent))]), costs)


def most_found(actual: np.ndarray, predicted: np.ndarray) -> list[Decided]:
    """For each wanted precision that can be reached, the threshold which finds most of the positive rows."""
    precision, recall, thresholds = precision_recall_curve(actual, predicted)
    found = []
    for wanted in WANTED_PRECISIONS:
        # The last point of the curve claims nothing, and has no threshold.
        possible = np.flatnonzero(precision[:-1] >= wanted)
        if possible.size:
            best = possible[np.argmax(recall[possible])]
            found.append(decide(actual, predicted, float(thresholds[best])))
    return found
