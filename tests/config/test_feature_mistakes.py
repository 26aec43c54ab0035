"""What becomes of features before a model sees them: what is configured arrives, what cannot be is told."""

from typing import TYPE_CHECKING, get_args

import pytest
from distances import DISTANCES
from preprocess import parse_arguments

from config.models.use_case import DISTANCES_OF_NUMBERS, Distance
from stacks.training.pipeline_definition import preprocess_arguments

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

RENTS = "use_cases/rents"
IMPUTE = {"numeric": "median indicator", "Per_Room": "constant -1.5", "District": "constant not known"}


def test_what_is_configured_is_what_training_does(workspace: "Workspace") -> None:
    workspace.set(RENTS, "features.derived", {"Per_Room": "Area / Rooms"})
    workspace.set(RENTS, "features.impute", IMPUTE)
    workspace.set(RENTS, "features.drop_correlated_above", 0.95)
    schema = parse_arguments(preprocess_arguments(workspace.load().use_cases["rents"])).schema
    assert schema.derived == {"Per_Room": "Area / Rooms"}
    assert schema.impute == IMPUTE
    assert schema.drop_correlated_above == 0.95


@pytest.mark.parametrize(
    ("impute", "words"),
    [
        ({"Aera": "mean"}, ["impute.Aera", "is no feature", "did you mean Area?"]),
        ({"Rent": "mean"}, ["impute.Rent", "is no feature"]),
        ({"Area": "mode"}, ['impute.Area: "mode"', "does not say", "write e.g. mean"]),
        ({"Area": "constant"}, ["does not say what stands for a missing cell"]),
        ({"Area": "constant big"}, ["does not fill numbers", "write e.g. constant 0"]),
        ({"numeric": "constant 1e999"}, ["impute.numeric", "does not fill numbers"]),
        ({"District": "mean"}, ["does not fill categories", "write e.g. constant unknown"]),
        ({"District": "most_frequent indicator"}, ["does not fill categories"]),
        ({"categorical": "median"}, ["impute.categorical", "does not fill categories"]),
        ({"District": "constant a,b"}, ["does not say"]),
        ({"Area": 0}, ["impute.Area", "is not text"]),
    ],
)
def test_what_cannot_stand_for_a_missing_cell_is_told(
    workspace: "Workspace", impute: dict[str, object], words: list[str]
) -> None:
    workspace.set(RENTS, "features.impute", impute)
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines


@pytest.mark.parametrize(
    ("distances", "words"),
    [
        ({"Aera": "wasserstein"}, ["drift.distances.Aera", "is no feature", "did you mean Area?"]),
        ({"Area": "kullback-leibler"}, ["drift.distances.Area", "population-stability-index"]),
        ({"District": "wasserstein"}, ["needs an order, which categories have not", "jensen-shannon"]),
        ({"categorical": "kolmogorov-smirnov"}, ["drift.distances.categorical", "needs an order"]),
    ],
)
def test_a_distance_that_fits_no_column_is_told(
    workspace: "Workspace", distances: dict[str, str], words: list[str]
) -> None:
    workspace.set(RENTS, "drift.distances", distances)
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines


def test_every_distance_of_the_configuration_is_one_that_the_monitor_knows() -> None:
    known = set(get_args(Distance))
    assert known == set(DISTANCES)
    assert set(DISTANCES_OF_NUMBERS) == {name for name, each in DISTANCES.items() if each.is_ordered}


@pytest.mark.parametrize("least", [0.0, 1.0, 95])
def test_a_correlation_is_between_none_and_all(workspace: "Workspace", least: float) -> None:
    workspace.set(RENTS, "features.drop_correlated_above", least)
    assert ["drop_correlated_above" in line for line in workspace.mistakes()] == [True]
