from __future__ import annotations

import numpy as np
import pytest
from metrics import LOWER_IS_BETTER, confusion, measure, plain, resample
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    precision_recall_fscore_support,
)

from config.models.use_case import METRICS

ACTUAL, PREDICTED = np.array([100.0, 200.0, 400.0, 50.0]), np.array([104.0, 180.0, 400.0, 75.0])
CLASSES, PROBABILITIES = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.6, 0.4, 0.9])


def test_the_metrics_that_are_better_when_low_are_those_of_the_configuration() -> None:
    assert {name for name, metric in METRICS.items() if metric.comparison == "at_most"} == LOWER_IS_BETTER


def test_regression_metrics_are_those_worked_out_by_hand() -> None:
    values = measure("regression", ACTUAL, PREDICTED)
    assert values["mae"] == pytest.approx((4 + 20 + 0 + 25) / 4)
    assert values["mse"] == pytest.approx((16 + 400 + 0 + 625) / 4)
    assert values["rmse"] == pytest.approx(values["mse"] ** 0.5)
    assert values["median_absolute_percentage_error"] == pytest.approx((0.04 + 0.1) / 2)
    assert values["within_5_percent"] == 0.5
    assert values["within_10_percent"] == 0.75


def test_an_actual_value_of_zero_counts_as_missed_and_makes_nothing_infinite() -> None:
    values = measure("regression", np.array([0.0, 0.0]), np.array([0.0, 1.0]))
    assert all(np.isfinite(value) for value in values.values())
    assert values["within_10_percent"] == 0


def test_classification_metrics_are_those_worked_out_by_hand() -> None:
    values = measure("binary-classification", CLASSES, PROBABILITIES)
    assert (values["accuracy"], values["precision"], values["recall"], values["f1"]) == (0.5, 0.5, 0.5, 0.5)
    assert values["auc"] == 0.75
    claimed = PROBABILITIES >= 0.5
    assert confusion(CLASSES, claimed, ("0", "1")) == {"0": {"0": 1, "1": 1}, "1": {"0": 1, "1": 1}}


def test_a_higher_threshold_makes_a_classifier_claim_less() -> None:
    values = measure("binary-classification", CLASSES, PROBABILITIES, 0.7)
    assert (values["precision"], values["recall"]) == (1.0, 0.5)


def test_metrics_of_several_classes_are_those_of_scikit_learn() -> None:
    generator = np.random.default_rng(1)
    actual, predicted = generator.integers(0, 4, 200), generator.dirichlet(np.ones(4), 200)
    claimed = predicted.argmax(axis=1)
    values = measure("multiclass-classification", actual, predicted)
    weighted = precision_recall_fscore_support(actual, claimed, average="weighted")[:3]
    assert values["accuracy"] == pytest.approx(accuracy_score(actual, claimed))
    assert values["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(actual, claimed))
    assert [values[f"weighted_{name}"] for name in ("precision", "recall", "f1")] == pytest.approx(
        list(weighted)
    )
    assert values["log_loss"] == pytest.approx(log_loss(actual, predicted))


def test_a_model_that_never_claims_the_label_has_precision_zero_not_nan() -> None:
    assert measure("binary-classification", CLASSES, np.zeros(4))["precision"] == 0.0


def test_resamples_are_repeatable_finite_and_without_spread_for_a_perfect_model() -> None:
    first, again = (resample("regression", ACTUAL, PREDICTED) for _ in range(2))
    assert {name: values.tolist() for name, values in first.items()} == {
        name: values.tolist() for name, values in again.items()
    }
    assert all(np.isfinite(values).all() and values.std() > 0 for values in first.values())
    assert resample("regression", ACTUAL, ACTUAL)["mae"].std() == 0
    classes = resample("binary-classification", CLASSES, PROBABILITIES)
    assert all(np.isfinite(values).all() for values in classes.values())


@pytest.mark.parametrize(
    ("value", "text"), [(80_756_200.0, "80756200"), (0.0000123, "0.0000123"), (0.5, "0.5")]
)
def test_a_logged_metric_never_has_an_exponent(value: float, text: str) -> None:
    assert plain(value) == text
