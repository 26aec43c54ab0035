"""How differently two groups fare, in data and in predictions: Clarify's metrics, from counts alone.

Formulas and names: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-data-bias.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-measure-post-training-bias.html. Where those leave
something open, as AWS's smclarify does: https://pypi.org/project/smclarify/

Counts are arrays of [..., group, label, claim], each 0 or 1. Group 1 is the facet, group 0 all other rows;
label 1 is the outcome that counts as positive, and claim 1 that the model predicts it. Undefined is NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

OTHERS, FACET = 0, 1
Formula = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Metric:
    """A metric of bias."""

    description: str
    formula: Formula
    equal: float | None = 0.0
    """Its value where both groups fare alike; none where chance alone moves it away from there."""


def counted(group: np.ndarray, label: np.ndarray, claim: np.ndarray) -> np.ndarray:
    """The counts of rows, which are booleans."""
    cells = 4 * group.astype(int) + 2 * label.astype(int) + claim.astype(int)
    return np.bincount(cells, minlength=8).reshape(2, 2, 2)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Nothing of nothing is 0, something of nothing infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where((part == 0) & (whole == 0), 0.0, np.divide(part, whole)))


def _minus(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(left == right, 0.0, left - right)


def _of_two_groups(formula: Formula) -> Formula:
    def defined(counts: np.ndarray) -> np.ndarray:
        is_empty = (counts.sum(axis=(-2, -1)) == 0).any(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(is_empty, np.nan, formula(counts))

    return defined


def _between(formula: Callable[[np.ndarray], np.ndarray], *, facet_first: bool = False) -> Formula:
    """The formula's value of one group less that of the other."""

    def difference(counts: np.ndarray) -> np.ndarray:
        values = formula(counts.astype(np.float64))
        others, facet = values[..., OTHERS], values[..., FACET]
        return _minus(facet, others) if facet_first else _minus(others, facet)

    return _of_two_groups(difference)


def _labels(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shares of both labels among all other rows and in the facet; NaN where one has none of a label."""
    rows = counts.sum(axis=-1)
    shares = rows / rows.sum(axis=-1, keepdims=True)
    shares = np.where((rows > 0).all(axis=-2, keepdims=True), shares, np.nan)
    return shares[..., OTHERS, :], shares[..., FACET, :]


def _of_labels(formula: Callable[[np.ndarray, np.ndarray], np.ndarray], total: str = "sum") -> Formula:
    """Totals what the labels yield that both groups have; no value where they have none in common."""

    def distance(counts: np.ndarray) -> np.ndarray:
        values = formula(*_labels(counts))
        has_none = np.isnan(values).all(axis=-1)
        known = np.where(np.isnan(values), 0.0, values)
        return np.where(has_none, np.nan, known.sum(axis=-1) if total == "sum" else known.max(axis=-1))

    return _of_two_groups(distance)


def _divergence(others: np.ndarray, facet: np.ndarray) -> np.ndarray:
    return np.asarray(others * np.log(others / facet))


def _to_the_middle(others: np.ndarray, facet: np.ndarray) -> np.ndarray:
    middle = (others + facet) / 2
    return np.asarray((_divergence(others, middle) + _divergence(facet, middle)) / 2)


def _size(others: np.ndarray, facet: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(others - facet))


_DISTANCE = _of_labels(lambda others, facet: _size(others, facet) ** 2)
_TOTAL = _of_labels(_size)


def _imbalance(counts: np.ndarray) -> np.ndarray:
    rows = counts.sum(axis=(-2, -1))
    return np.asarray((rows[..., OTHERS] - rows[..., FACET]) / rows.sum(axis=-1))


def _impact(counts: np.ndarray) -> np.ndarray:
    """Where nobody is predicted to be positive there is no impact to compare."""
    shares = _claimed(counts)
    ratio = _ratio(shares[..., FACET], shares[..., OTHERS])
    return np.where((shares == 0).all(axis=-1), np.nan, ratio)


def _entropy(counts: np.ndarray) -> np.ndarray:
    """Half the squared variation of what rows gain: 2 those overrated, 0 those underrated, 1 all others."""
    both = counts.sum(axis=-3)
    rows, overrated, underrated = both.sum(axis=(-2, -1)), both[..., 0, 1], both[..., 1, 0]
    right = rows - overrated - underrated
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((rows * (4 * overrated + right) / (2 * overrated + right) ** 2.0 - 1) / 2)


def _positive(counts: np.ndarray) -> np.ndarray:
    rows = counts.sum(axis=-1)
    return _ratio(rows[..., 1], rows.sum(axis=-1))


def _claimed(counts: np.ndarray) -> np.ndarray:
    return _positive(np.swapaxes(counts, -1, -2))


def _right(counts: np.ndarray) -> np.ndarray:
    return _ratio(counts[..., 0, 0] + counts[..., 1, 1], counts.sum(axis=(-2, -1)))


def _of_label(value: int) -> Formula:
    """The share of the rows with this label that are predicted to have it."""
    return lambda counts: _ratio(counts[..., value, value], counts[..., value, :].sum(axis=-1))


def _of_claim(value: int) -> Formula:
    """The share of the rows that are predicted to have this label that have it."""
    return lambda counts: _ratio(counts[..., value, value], counts[..., :, value].sum(axis=-1))


def _per_claim(value: int) -> Formula:
    """How many have this label for each that is predicted to have it."""
    return lambda counts: _ratio(counts[..., value, :].sum(axis=-1), counts[..., :, value].sum(axis=-1))


def _missed_per_alarm(counts: np.ndarray) -> np.ndarray:
    return _ratio(counts[..., 1, 0], counts[..., 0, 1])


PRE_TRAINING = {
    "CI": Metric("Class Imbalance (CI)", _of_two_groups(_imbalance), equal=None),
    "DPL": Metric("Difference in Positive Proportions in Labels (DPL)", _between(_positive)),
    "JS": Metric("Jensen-Shannon Divergence (JS)", _of_labels(_to_the_middle), equal=None),
    "KL": Metric("Kullback-Liebler Divergence (KL)", _of_labels(_divergence), equal=None),
    "KS": Metric("Kolmogorov-Smirnov Distance (KS)", _of_labels(_size, "max"), equal=None),
    "LP": Metric("L-p Norm (LP)", lambda counts: np.sqrt(_DISTANCE(counts)), equal=None),
    "TVD": Metric("Total Variation Distance (TVD)", lambda counts: _TOTAL(counts) / 2, equal=None),
}
POST_TRAINING = {
    "AD": Metric("Accuracy Difference (AD)", _between(_right)),
    "DAR": Metric("Difference in Acceptance Rates (DAR)", _between(_of_claim(1))),
    "DCA": Metric("Difference in Conditional Acceptance (DCA)", _between(_per_claim(1))),
    "DCR": Metric("Difference in Conditional Rejection (DCR)", _between(_per_claim(0), facet_first=True)),
    "DI": Metric("Disparate Impact (DI)", _of_two_groups(_impact), equal=1.0),
    "DPPL": Metric("Difference in Positive Proportions in Predicted Labels (DPPL)", _between(_claimed)),
    "DRR": Metric("Difference in Rejection Rates (DRR)", _between(_of_claim(0), facet_first=True)),
    "GE": Metric("Generalized Entropy (GE)", _entropy, equal=None),
    "RD": Metric("Recall Difference (RD)", _between(_of_label(1))),
    "SD": Metric("Specificity Difference (SD)", _between(_of_label(0), facet_first=True)),
    "TE": Metric("Treatment Equality (TE)", _between(_missed_per_alarm, facet_first=True)),
}
