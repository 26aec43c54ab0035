"""What an algorithm has no use for, told before anything is deployed."""

import pytest

from tests.config.conftest import Workspace

RENTS, DEV = "use_cases/rents", "environments/dev"
TUNING = {"objective": "validation:rmse", "max_jobs": 4, "ranges": {"max_depth": {"min": 3, "max": 8}}}


@pytest.mark.parametrize(
    ("algorithm", "hyperparameters"),
    [
        ("xgboost", {"max_depth": 3, "objective": "reg:absoluteerror"}),
        ("linear", {"l2_penalty": 0.5}),
        ("knn", {"n_neighbors": 7, "sample_size": 500}),
        ("lightgbm", {"num_leaves": 7, "learning_rate": 0.1, "objective": "reg:absoluteerror"}),
        ("auto", {"max_depth": 3, "objective": "reg:absoluteerror", "l2_penalty": 2, "n_neighbors": 7}),
    ],
)
def test_an_algorithm_takes_its_own_hyperparameters_and_auto_those_of_all(
    workspace: Workspace, algorithm: str, hyperparameters: dict[str, object]
) -> None:
    workspace.set(RENTS, "algorithm", algorithm)
    workspace.set(RENTS, "image", "own")
    workspace.set(RENTS, "hyperparameters", hyperparameters)
    assert workspace.load().use_cases["rents"].hyperparameters == hyperparameters


@pytest.mark.parametrize(
    ("algorithm", "name", "value", "words"),
    [
        ("linear", "max_depth", 3, ["of linear; allowed: l2_penalty;", "write algorithm: xgboost"]),
        ("linear", "objective", "reg:absoluteerror", ["is no hyperparameter of linear"]),
        ("linear", "n_neighbors", 3, ["allowed: l2_penalty;", "remove it, or write algorithm: knn"]),
        ("knn", "l2_penalty", 3, ["allowed: n_neighbors, sample_size;", "algorithm: linear"]),
        ("auto", "num_leaves", 7, ["is no hyperparameter of auto", "write algorithm: lightgbm"]),
        ("xgboost", "l2_penalty", 3, ["is no hyperparameter of xgboost; allowed: n_estimators, "]),
        ("linear", "l2_penalty", 0, ["cannot be used; allowed: a number above 0;"]),
        ("knn", "n_neighbors", 1.5, ["cannot be used; allowed: a whole number from 1 to 1000;"]),
        ("knn", "sample_size", 2_000_000, ["allowed: a whole number from 1 to 1000000;"]),
        ("knn", "n_neighbor", 3, ["is an unknown hyperparameter", "did you mean n_neighbors?"]),
    ],
)  # fmt: skip
def test_a_hyperparameter_of_another_algorithm_is_told(
    workspace: Workspace, algorithm: str, name: str, value: object, words: list[str]
) -> None:
    workspace.set(RENTS, "algorithm", algorithm)
    workspace.set(RENTS, "hyperparameters", {name: value})
    (line,) = workspace.mistakes()
    assert line.startswith(f"config/use_cases/rents.yaml: hyperparameters.{name}: ")
    assert all(word in line for word in words), line


@pytest.mark.parametrize("algorithm", ["linear", "knn", "auto"])
@pytest.mark.parametrize(
    ("training", "key", "words"),
    [
        ({"instances": 2}, "instances: 2", "only xgboost trains on several machines; allowed: 1"),
        (
            {"training_instance_type": "ml.g5.xlarge"},
            'training_instance_type: "ml.g5.xlarge"',
            "only xgboost trains on them; allowed: instance types without GPUs",
        ),
    ],
)
def test_machines_that_only_boosting_has_a_use_for_are_told(
    workspace: Workspace, algorithm: str, training: dict[str, object], key: str, words: str
) -> None:
    workspace.set(DEV, "use_cases.rents.training", training)
    workspace.set(DEV, "allowed_instance_types", ["ml.m5.large", "ml.g5.xlarge"])
    assert workspace.load()
    workspace.set(RENTS, "algorithm", algorithm)
    (line,) = workspace.mistakes()
    assert line.startswith(f"config/environments/dev.yaml: use_cases.rents.training.{key}: ")
    assert words in line
    assert "write algorithm: xgboost in use_cases/rents.yaml" in line


def test_an_algorithm_that_the_image_lacks_is_told(workspace: Workspace) -> None:
    workspace.set(RENTS, "algorithm", "lightgbm")
    (line,) = workspace.mistakes()
    assert line.startswith('config/use_cases/rents.yaml: algorithm: "lightgbm": needs a library that AWS')
    assert "change: add image: own, or write xgboost" in line
    workspace.set(RENTS, "image", "own")
    assert workspace.load()


def test_spot_machines_serve_every_algorithm(workspace: Workspace) -> None:
    """What trains in seconds begins anew when its machine is taken away."""
    workspace.set(DEV, "use_cases.rents.training", {"spot": True})
    workspace.set(RENTS, "algorithm", "linear")
    assert workspace.load()


@pytest.mark.parametrize("algorithm", ["linear", "knn", "auto"])
def test_a_search_of_aws_over_another_algorithm_is_told(workspace: Workspace, algorithm: str) -> None:
    workspace.set(RENTS, "tuning", TUNING)
    workspace.set(RENTS, "algorithm", algorithm)
    (line,) = workspace.mistakes()
    assert line.startswith(f'config/use_cases/rents.yaml: algorithm: "{algorithm}": ')
    assert "nothing that a tuning job of AWS's XGBoost image could change" in line
    assert f"change: remove tuning, {algorithm} chooses by the validation part itself" in line
