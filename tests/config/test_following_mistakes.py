"""An environment that serves what another one trains: which one that can be, and what then has no meaning."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.config.catalogue import DEV, PROD, RENTS

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

FOLLOWER = "environments/prod"


@pytest.fixture
def following(workspace: "Workspace") -> "Workspace":
    """`prod` serves what `dev` trains, in another account of the same region."""
    workspace.set(PROD, "region", "eu-west-1")
    workspace.set(PROD, "network.availability_zones", ["eu-west-1a", "eu-west-1b"])
    workspace.set(PROD, "trained_in", "dev")
    return workspace


def test_an_environment_follows_another_account(following: "Workspace") -> None:
    settings = following.load()
    (dev, prod) = settings.environments
    assert settings.trainer_of(prod) is dev
    assert settings.followers_of(dev) == [prod]
    assert settings.trainer_of(dev) is None


@pytest.mark.parametrize(
    ("file", "key", "value", "words"),
    [
        (PROD, "trained_in", "devel", ["trained_in", "is no environment", "did you mean dev?"]),
        (PROD, "trained_in", "prod", ["trained_in", "this environment itself", "allowed: dev"]),
        (PROD, "use_cases.rents.training", {"instances": 2}, ["rents.training", "nothing is trained here"]),
        (PROD, "use_cases.rents.retraining", {}, ["rents.retraining", "trains anew", "move it to dev"]),
        (PROD, "registration", "pipeline-only", ["registration", "versions come from dev"]),
        (RENTS, "image", "own", ["image", "is built in dev", "environments/prod.yaml cannot pull it"]),
        (
            DEV,
            "use_cases.rents.monitoring",
            {"engine": "model-monitor"},
            [
                "use_cases.rents.monitoring.engine",
                "another baseline than dev makes",
                "write model-monitor here",
            ],
        ),
    ],
)
def test_what_cannot_be_followed_or_has_no_meaning_is_told(
    following: "Workspace", file: str, key: str, value: Any, words: list[str]
) -> None:
    following.set(file, key, value)
    (line,) = following.mistakes()
    assert all(word in line for word in words), line


def test_the_catalog_belongs_where_data_come(following: "Workspace") -> None:
    following.set(PROD, "catalog", {})
    (line,) = [line for line in following.mistakes() if "nothing is trained here" in line]
    assert "catalog" in line


def test_another_region_is_told(workspace: "Workspace") -> None:
    workspace.set(PROD, "trained_in", "dev")
    (line,) = workspace.mistakes()
    assert "is in eu-west-1, and this environment in us-east-1" in line


def test_a_use_case_that_nobody_trains_is_told(following: "Workspace") -> None:
    following.copy(RENTS, "use_cases/sales")
    following.set(PROD, "use_cases.sales", {"model": "none"})
    (line,) = following.mistakes()
    assert "use_cases.sales" in line
    assert "is not trained in dev" in line
    assert "add it to dev, or remove it here" in line


@pytest.mark.parametrize("trained_in", ["prod", "stage"])
def test_whoever_is_followed_trains(following: "Workspace", trained_in: str) -> None:
    """Neither in a circle nor in a row."""
    if trained_in == "stage":
        following.copy(DEV, "environments/stage")
        following.set("environments/stage", "network.cidr", "10.9.0.0/16")
    following.set(DEV, "trained_in", trained_in)
    told = [line for line in following.mistakes() if "trains nothing itself" in line]
    assert any(f"it is trained in {trained_in}" in line for line in told), told


def test_jobs_that_never_run_may_have_any_instance_type(following: "Workspace") -> None:
    following.set(PROD, "allowed_instance_types", ["ml.c5.xlarge"])
    lines = following.mistakes()
    assert not [line for line in lines if ".training." in line], lines
