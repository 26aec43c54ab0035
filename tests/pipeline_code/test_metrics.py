from __future__ import annotations

import numpy as np
import pytest
from metrics import confusion, measure, plain, standard_deviations

ACTUAL, PREDICTED = np.array([100.0, 200.0, 400.0, 50.0]), np.array([104.0, 180.0, 400.0, 75.0])
CLASSES, PROBABILITIES = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.6, 0.4, 0.9])


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
    assert confusion(CLASSES, PROBABILITIES) == {"0": {"0": 1, "1": 1}, "1": {"0": 1, "1": 1}}


def test_a_model_that_never_claims_the_label_has_precision_zero_not_nan() -> None:
    assert measure("binary-classification", CLASSES, np.zeros(4))["precision"] == 0.0


def test_standard_deviations_are_repeatable_finite_and_zero_for_a_perfect_model() -> None:
    first = standard_deviations("regression", ACTUAL, PREDICTED)
    assert first == standard_deviations("regression", ACTUAL, PREDICTED)
    assert all(np.isfinite(value) and value > 0 for value in first.values())
    assert standard_deviations("regression", ACTUAL, ACTUAL)["mae"] == 0
    classes = standard_deviations("binary-classification", CLASSES, PROBABILITIES)
    assert all(np.isfinite(value) for value in classes.values())


@pytest.mark.parametrize(
    ("value", "text"), [(80_756_200.0, "80756200"), (0.0000123, "0.0000123"), (0.5, "0.5")]
)
def test_a_logged_metric_never_has_an_exponent(value: float, text: str) -> None:
    assert plain(value) == text
