"""How good predictions are, with the standard deviation that another sample of the same size would show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from costs import METRIC, per_row
from tabular import Problem

Measures = Callable[[np.ndarray, np.ndarray], dict[str, float]]
REPORT_NAMES: dict[Problem, str] = {
    "regression": "regression_metrics",
    "binary-classification": "binary_classification_metrics",
    "multiclass-classification": "multiclass_classification_metrics",
}
"""The section of an evaluation's report."""
RESAMPLES = 200
SEED = 0
THRESHOLD = 0.5
LOWER_IS_BETTER = frozenset({"rmse", "mse", "mae", "median_absolute_percentage_error", "log_loss", METRIC})


def measure(
    problem: Problem,
    actual: np.ndarray,
    predicted: np.ndarray,
    threshold: float = THRESHOLD,
    costs: np.ndarray | None = None,
) -> dict[str, float]:
    """The problem's metrics by name; fractions are from 0 to 1.

    Classes are numbered, 1 being the positive one of two; the threshold decides between two classes. Costs
    are by the class that is so, then by the one that is decided.
    """
    if problem == "binary-classification":
        found = binary_classification(actual, predicted, threshold)
    else:
        found = MEASURES[problem](actual, predicted)
    if costs is not None:
        decided = predicted >= threshold if predicted.ndim == 1 else predicted.argmax(axis=1)
        found[METRIC] = per_row(costs, actual, decided)
    return found


def plain(value: float) -> str:
    """Six digits and never an exponent, for logs that are searched with regular expressions."""
    return np.format_float_positional(value, precision=6, fractional=False, trim="-")


def resample(
    problem: Problem,
    actual: np.ndarray,
    predicted: np.ndarray,
    threshold: float = THRESHOLD,
    costs: np.ndarray | None = None,
    *,
    draws: int = RESAMPLES,
) -> dict[str, np.ndarray]:
    """Every metric of bootstrap resamples of the rows; the seed is fixed."""
    generator = np.random.default_rng(SEED)
    samples: list[dict[str, float]] = []
    while len(samples) < draws:
        rows = generator.integers(0, len(actual), len(actual))
        # A resample with one class only has no AUC; a constant target has no R2.
        if len(np.unique(actual[rows])) > 1 or len(np.unique(actual)) == 1:
            samples.append(measure(problem, actual[rows], predicted[rows], threshold, costs))
    return {name: np.array([sample[name] for sample in samples]) for name in samples[0]}


def regression(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Errors in the target's unit, R2, and errors relative to the actual value."""
    error = predicted - actual
    spread = float(np.sum((actual - actual.mean()) ** 2))
    # A row whose actual value is zero has no relative error; it counts as entirely wrong.
    relative = np.ones(len(actual))
    np.divide(np.abs(error), np.abs(actual), out=relative, where=actual != 0)
    return {
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mse": float(np.mean(error**2)),
        "mae": float(np.mean(np.abs(error))),
        "r2": 1.0 - float(np.sum(error**2)) / spread if spread else 0.0,
        "median_absolute_percentage_error": float(np.median(relative)),
        "within_5_percent": float(np.mean(relative <= 0.05)),
        "within_10_percent": float(np.mean(relative <= 0.10)),
    }


def binary_classification(actual: np.ndarray, predicted: np.ndarray, threshold: float) -> dict[str, float]:
    """Metrics of the positive label from this probability on, and the area under the ROC curve."""
    # It takes two seconds to import, and what only names metrics or measures a regression starts without it.
    from sklearn.metrics import roc_auc_score

    claimed = predicted >= threshold
    precision, recall = precision_and_recall(actual, claimed)
    both = precision + recall
    return {
        "accuracy": float(np.mean((actual == 1) == claimed)),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / both if both else 0.0,
        # Of one class there is none.
        "auc": float(roc_auc_score(actual, predicted)) if len(np.unique(actual)) > 1 else float("nan"),
        "log_loss": _log_loss(actual, predicted),
    }


def precision_and_recall(actual: np.ndarray, claimed: np.ndarray) -> tuple[float, float]:
    """Of the rows that are claimed to be positive, and of those that are; 0 where there are none."""
    hits, claims, positives = (int(np.sum(each)) for each in ((actual == 1) & claimed, claimed, actual == 1))
    return hits / claims if claims else 0.0, hits / positives if positives else 0.0


def multiclass_classification(actual: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Metrics of the likeliest class; what is weighted counts each class by its rows, balanced all alike.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    claimed = predicted.argmax(axis=1)
    present = np.unique(actual)
    hits, claims, rows = (
        np.array([np.sum(chosen) for chosen in each])
        for each in (
            [(actual == label) & (claimed == label) for label in present],
            [claimed == label for label in present],
            [actual == label for label in present],
        )
    )
    precision, recall = hits / np.maximum(claims, 1), hits / rows
    both = np.where(precision + recall > 0, precision + recall, 1.0)
    certainty = predicted[np.arange(len(actual)), actual.astype(int)]
    return {
        "accuracy": float(hits.sum() / len(actual)),
        "balanced_accuracy": float(recall.mean()),
        "weighted_precision": float(np.average(precision, weights=rows)),
        "weighted_recall": float(np.average(recall, weights=rows)),
        "weighted_f1": float(np.average(2 * precision * recall / both, weights=rows)),
        "log_loss": float(-np.mean(np.log(np.clip(certainty, 1e-15, 1.0)))),
    }


def confusion(actual: np.ndarray, claimed: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, int]]:
    """Row counts by actual, then by claimed class, as the Model Registry shows them."""
    return {
        label: {
            other: int(np.sum((actual == row) & (claimed == column))) for column, other in enumerate(labels)
        }
        for row, label in enumerate(labels)
    }


def _log_loss(actual: np.ndarray, predicted: np.ndarray) -> float:
    safe = np.clip(predicted, 1e-15, 1 - 1e-15)
    return float(-np.mean(actual * np.log(safe) + (1 - actual) * np.log(1 - safe)))


MEASURES: dict[Problem, Measures] = {
    "regression": regression,
    "multiclass-classification": multiclass_classification,
}
