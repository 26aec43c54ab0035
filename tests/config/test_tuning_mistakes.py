"""What a search for hyperparameters must not be, told before anything is deployed."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from metrics import measure
from tabular import Problem
from train import XGBOOST_NAMES

from config.models.tuning import OBJECTIVES, Tuning, objectives_of
from config.values.hyperparameters import LIMITS, TUNABLE
from tools.local_aws.sagemaker.jobs.log_metrics import with_definitions

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

RENTS, DEV = "use_cases/rents", "environments/dev"
DEPTHS = {"min": 3, "max": 8}
TUNING = {"objective": "validation:rmse", "max_jobs": 4, "ranges": {"max_depth": DEPTHS}}
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"


def test_a_search_becomes_typed_settings(workspace: "Workspace") -> None:
    workspace.set(RENTS, "tuning", TUNING)
    tuning = workspace.load().use_cases["rents"].tuning
    assert isinstance(tuning, Tuning)
    assert (tuning.strategy, tuning.ranges["max_depth"].numbers) == ("Bayesian", (3, 8))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"objective": "validation:auc"}, ["is no metric of regression", "validation:mae"]),
        ({"objective": "rmse"}, ["is no metric that a tuning job can compare"]),
        ({"max_jobs": None}, ["tuning.max_jobs", "is needed to end the search"]),
        ({"strategy": "Grid", "ranges": {"max_depth": {"values": [3, 4]}}}, ["Grid tries every combination"]),
        ({"strategy": "Grid", "max_jobs": None}, ["tuning.ranges.max_depth", "write values: [...]"]),
        ({"strategy": "Hyperband", "early_stopping": True}, ["Hyperband stops trainings by itself"]),
        ({"strategy": "bayesian"}, ["Bayesian"]),
        ({"ranges": {}}, ["tuning.ranges"]),
        ({"ranges": {"max_dept": DEPTHS}}, ["tuning.ranges.max_dept", "did you mean max_depth?"]),
        ({"ranges": {"random_state": DEPTHS}}, ["is no hyperparameter that a tuning job may change"]),
        ({"ranges": {"max_depth": {"min": 0, "max": 8}}}, ["tuning.ranges.max_depth", "from 1 to 50"]),
        ({"ranges": {"max_depth": {"min": 2.5, "max": 8}}}, ["2.5", "a whole number"]),
        ({"ranges": {"max_depth": {"min": 8, "max": 3}}}, ["max_depth.min", "is not below max"]),
        ({"ranges": {"max_depth": {"min": 3}}}, ["is no range", "write min and max, or values"]),
        ({"ranges": {"max_depth": {"values": [3], "min": 1, "max": 2}}}, ["is no range"]),
        ({"ranges": {"gamma": {"min": 0, "max": 2, "scaling": "Logarithmic"}}}, ["has no logarithm"]),
    ],
)  # fmt: skip
def test_what_cannot_be_searched_is_told(
    workspace: "Workspace", changes: dict[str, object], words: list[str]
) -> None:
    given = {key: value for key, value in {**TUNING, **changes}.items() if value is not None}
    workspace.set(RENTS, "tuning", given)
    (line,) = workspace.mistakes()
    assert all(word in line for word in words), line


def test_spot_machines_do_not_wait(workspace: "Workspace") -> None:
    workspace.set(DEV, "use_cases.rents.training", {"spot": True, "keep_alive_minutes": 10})
    (line,) = workspace.mistakes()
    assert "training.keep_alive_minutes: 10: spot machines do not wait" in line


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "means nothing without tuning"),
        ({**TUNING, "strategy": "Hyperband"}, "means nothing with Hyperband"),
    ],
)
def test_a_warm_start_needs_a_search_that_knows_others(
    workspace: "Workspace", given: dict[str, object] | None, words: str
) -> None:
    workspace.set(DEV, "use_cases.rents.training", {"warm_start": ["m12345-abc-def"]})
    if given:
        workspace.set(RENTS, "tuning", given)
    (line,) = workspace.mistakes()
    assert f'use_cases.rents.training.warm_start: ["m12345-abc-def"]: {words}' in line
    workspace.set(RENTS, "tuning", TUNING)
    assert workspace.load().environments[0].use_cases["rents"].training.warm_start == ("m12345-abc-def",)


@pytest.mark.parametrize("name", ["m12345_abc", "-abc", "a" * 33, ""])
def test_what_is_no_name_of_a_tuning_job_is_told(workspace: "Workspace", name: str) -> None:
    workspace.set(RENTS, "tuning", TUNING)
    workspace.set(DEV, "use_cases.rents.training", {"warm_start": [name]})
    (line,) = workspace.mistakes()
    assert "is no name of a tuning job" in line


def test_a_tuning_job_that_is_named_twice_is_told(workspace: "Workspace") -> None:
    workspace.set(RENTS, "tuning", TUNING)
    workspace.set(DEV, "use_cases.rents.training", {"warm_start": ["first", "first"]})
    (line,) = workspace.mistakes()
    assert 'training.warm_start[1]: "first": is named twice' in line


def test_what_is_compared_and_changed_is_known() -> None:
    known = with_definitions({"TrainingImage": IMAGE})["MetricDefinitions"]
    assert set(OBJECTIVES) <= {item["Name"] for item in known}
    assert set(TUNABLE) <= set(LIMITS)


@pytest.mark.parametrize(
    ("problem", "answers"),
    [
        ("regression", [0.4, 0.6]),
        ("binary-classification", [0.4, 0.6]),
        ("multiclass-classification", [[0.6, 0.4], [0.3, 0.7]]),
    ],
)
def test_training_prints_what_can_be_compared(problem: Problem, answers: list[float]) -> None:
    measured = measure(problem, np.array([0.0, 1.0]), np.array(answers))
    printed = {f"validation:{XGBOOST_NAMES.get((problem, name), name)}" for name in measured}
    assert objectives_of(problem)
    assert set(objectives_of(problem)) <= printed
