from __future__ import annotations

import json
from pathlib import Path

import pytest
from hyperparameters import read_hyperparameters
from tabular import DataError, Problem


def read(
    folder: Path, content: dict[str, str], problem: Problem = "regression"
) -> dict[str, int | float | str]:
    path = folder / "hyperparameters.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_hyperparameters(path, problem)


def test_texts_become_numbers_and_the_rest_keeps_its_default(tmp_path: Path) -> None:
    values = read(tmp_path, {"max_depth": "6", "learning_rate": "0.1"})
    assert (values["max_depth"], values["learning_rate"]) == (6, 0.1)
    assert (values["objective"], values["random_state"]) == ("reg:squarederror", 0)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    values = read_hyperparameters(tmp_path / "hyperparameters.json", "binary-classification")
    assert values["objective"] == "binary:logistic"


def test_what_sagemaker_adds_itself_is_no_mistake(tmp_path: Path) -> None:
    added = {"_tuning_objective_metric": "validation_rmse", "sagemaker_region": "us-east-1"}
    assert read(tmp_path, added) == read(tmp_path, {})


def test_all_mistakes_are_reported_at_once_with_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(
            tmp_path,
            {
                "max_dept": "6",
                "max_depth": "6.5",
                "subsample": "0",
                "gamma": "nan",
                "objective": "binary:logistic",
            },
        )
    message = str(caught.value)
    assert "max_dept=6: unknown; known are colsample_bytree, " in message
    assert "max_depth=6.5: must be a whole number from 1 to 50" in message
    assert "subsample=0: must be a number above 0, at most 1" in message
    assert "gamma=nan: must be a number of at least 0" in message
    assert (
        "objective=binary:logistic: for regression allowed are reg:squarederror, reg:absoluteerror" in message
    )
