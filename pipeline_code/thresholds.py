"""What a binary classifier would decide from other probabilities on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
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


def decide(actual: np.ndarray, predicted: np.ndarray, threshold: float) -> Decided:
    """What is claimed from this probability on."""
    claimed = predicted >= threshold
    return Decided(threshold, *precision_and_recall(actual, claimed), float(np.mean(claimed)))


def sweep(actual: np.ndarray, predicted: np.ndarray) -> list[Decided]:
    """Every twentieth."""
    return [decide(actual, predicted, threshold) for threshold in STEPS]


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
