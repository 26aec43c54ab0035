"""Classes that are rare are learnt as well as those that are not, when the use case says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hyperparameters import XGBOOST, defaults
from tabular import Part, Problem, Schema
from train import _weights, fit

GENERATOR = np.random.default_rng(3)
LENGTH = GENERATOR.random(900)
RARE = LENGTH + GENERATOR.normal(0, 0.3, 900) > 1.1
TARGETS: dict[Problem, Any] = {
    "binary-classification": np.where(RARE, "yes", "no").astype(object),
    "multiclass-classification": np.where(RARE, "yawl", np.where(LENGTH > 0.4, "ketch", "dinghy")).astype(
        object
    ),
}


def part(problem: Problem, rows: slice) -> Part:
    return Part({"Length": LENGTH[rows]}, TARGETS[problem][rows])


def schema_of(problem: Problem) -> Schema:
    positive = "yes" if problem == "binary-classification" else None
    return Schema(problem, "Kind", "none", ("Length",), (), positive=positive)


@pytest.mark.parametrize("problem", list(TARGETS))
def test_balanced_classes_count_the_same_together(problem: Problem) -> None:
    training, schema = part(problem, slice(700)), schema_of(problem)
    assert _weights(training, schema, training) is None
    weights = _weights(training, replace(schema, class_weight="balanced"), training)
    assert weights is not None
    assert weights.mean() == pytest.approx(1)
    together = [weights[training.target == label].sum() for label in set(training.target)]
    assert together == pytest.approx([together[0]] * len(together))


@pytest.mark.parametrize("problem", list(TARGETS))
def test_a_model_of_balanced_classes_claims_the_rare_one_more_often(problem: Problem) -> None:
    training, validation = part(problem, slice(700)), part(problem, slice(700, None))
    settings = defaults(XGBOOST, problem)
    claims = []
    for weight in ("none", "balanced"):
        model = fit(replace(schema_of(problem), class_weight=weight), training, validation, settings)
        predicted = model.predict(validation.features)
        rare = predicted if predicted.ndim == 1 else predicted[:, model.labels.index("yawl")]
        claims.append(rare.mean())
    assert claims[1] > 1.5 * claims[0]
