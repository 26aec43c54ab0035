"""Whether the features that move answers are still those that moved them when the version was registered.

https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift.html
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from archive import load_archive
from explanations import MOST_ROWS, Explanation, explain
from tabular import Features, Schema, evenly, numbers_of, to_features
from window import read

Json = dict[str, Any]
LEAST = 0.90
"""The agreement below which Clarify tells of a drift."""
FEWEST_ROWS = 50
CERTAINTY = 0.999
RESAMPLES = 1000
SEED = 0


@dataclass(frozen=True)
class Ranking:
    """How much each feature moves one answer: as registered, and now."""

    label: str
    """The target, the positive label, or one of several classes."""
    registered: Mapping[str, float]
    now: Mapping[str, float]
    agreement: float
    """1 where the features stand in the same order; those that moved most count most."""
    at_best: float
    """What other rows like these would hardly exceed."""

    def violation(self) -> Json:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-model-attribution-drift-violations.html."""
        return {
            "feature_name": self.label,
            "label": self.label,
            "metric_name": "shap",
            "constraint_check_type": "feature_attribution_drift_check",
            "description": f"Feature attribution drift {self.agreement:.4g}, {self.at_best:.4g} at best, "
            f"exceeds threshold {LEAST:g}",
        }


def rank(version: Path, table: Mapping[str, Sequence[str]]) -> list[Ranking]:
    """Of a version's folder and captured rows; none of a model that does not tell, or of too few rows."""
    analysis = version / "evaluation" / "explainability" / "analysis.json"
    if not analysis.is_file() or len(next(iter(table.values()), ())) < FEWEST_ROWS:
        return []
    registered = read(analysis).get("explanations", {}).get("kernel_shap", {})
    if not registered:
        return []
    with tempfile.TemporaryDirectory() as folder:
        model = load_archive(version / "model.tar.gz", Path(folder))
    found = explain(model, _features(table, model.schema))
    return _ranked(registered, found) if found else []


def _features(table: Mapping[str, Sequence[str]], schema: Schema) -> Features:
    """Of the rows that are explained; a cell that is not what the schema says is missing."""
    chosen = evenly(len(next(iter(table.values()))), MOST_ROWS)
    taken = {name: [table[name][place] for place in chosen] for name in schema.features}
    numbers = {name: numbers_of(taken[name]) for name in schema.numeric}
    words = {name: [cell or None for cell in taken[name]] for name in schema.categorical}
    return to_features({**numbers, **words}, schema)


def _ranked(registered: Mapping[str, Json], found: Explanation) -> list[Ranking]:
    draws = np.random.default_rng(SEED).multinomial(found.rows, [1 / found.rows] * found.rows, RESAMPLES)
    rankings = []
    for label, values in found.values.items():
        if label not in registered:
            continue
        before = registered[label]["global_shap_values"]
        scores = np.array([before.get(name, 0.0) for name in found.names])
        agrees = float(agreement(scores, np.abs(values).mean(axis=0)))
        best = float(np.quantile(agreement(scores, draws @ np.abs(values)), CERTAINTY))
        rankings.append(Ranking(label, before, found.means[label], agrees, max(best, agrees)))
    return rankings


def agreement(scores: np.ndarray, now: np.ndarray) -> np.ndarray:
    """The normalized discounted cumulative gain of each order of features, [..., features]."""
    discounts = 1 / np.log2(np.arange(len(scores)) + 2)
    gain = scores[np.argsort(-now, axis=-1)] @ discounts
    ideal = np.sort(scores)[::-1] @ discounts
    return np.asarray(gain / ideal if ideal else np.ones_like(gain))
