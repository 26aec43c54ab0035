"""SHAP values are of features, add up to the answer, and reach the registry in Clarify's shape."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import explanations
import numpy as np
import plots
import pytest
from explanations import Explanation, explain
from model import Model
from registry_files import explanations as report
from tabular import Part


@pytest.fixture(scope="module")
def found(boat_model: Model, boat_part: Part) -> Explanation:
    explained = explain(boat_model, boat_part.features)
    assert explained is not None
    return explained


def test_they_add_up_to_what_the_model_answers(
    found: Explanation, boat_model: Model, boat_part: Part
) -> None:
    """The model of boats learns the logarithm of the price."""
    added = found.values["Price"].sum(axis=1) + found.expected["Price"]
    assert np.exp(added) == pytest.approx(boat_model.predict(boat_part.features), rel=1e-4)
    assert found.unit == "logarithms of Price"


def test_a_category_is_one_feature_whose_columns_count_together(
    found: Explanation, boat_model: Model, boat_part: Part
) -> None:
    """Columns of one category move a row in opposite directions, so their sizes must not be added up."""
    assert found.names == ("Length", "Age", "Hull")
    columns = boat_model.contributions(boat_part.features)
    assert columns is not None
    of_hull = [place for place, source in enumerate(boat_model.transform.sources) if source == "Hull"]
    assert len(of_hull) > 1
    together = np.abs(columns[:, 0, of_hull].sum(axis=1)).mean()
    assert found.means["Price"]["Hull"] == pytest.approx(together, rel=1e-5)
    assert together < np.abs(columns[:, 0, of_hull]).sum(axis=1).mean()


def test_what_sets_prices_apart_comes_first(found: Explanation) -> None:
    """A boat of 15 m costs three times one of 5 m, and one of steel half as much again as another."""
    assert found.order[-1] == "Hull"
    longer = found.features["Length"] > 10
    assert found.values["Price"][longer, 0].min() > found.values["Price"][~longer, 0].mean()


def test_of_many_rows_as_many_are_explained_as_can_be(
    monkeypatch: pytest.MonkeyPatch, boat_model: Model, boat_part: Part
) -> None:
    monkeypatch.setattr(explanations, "MOST_ROWS", 50)
    some = explain(boat_model, boat_part.features)
    assert some is not None
    assert some.rows == 50
    assert some.features["Length"][[0, -1]].tolist() == boat_part.features["Length"][[0, -1]].tolist()


def test_the_report_has_clarifys_shape(found: Explanation) -> None:
    content = json.loads(json.dumps(report(found)))
    (answer,) = content["explanations"]["kernel_shap"].values()
    assert answer == {"global_shap_values": found.means["Price"], "expected_value": found.expected["Price"]}
    assert report(None) == {"version": "1.0"}


def test_a_number_beyond_single_precision_is_explained_as_it_is_predicted(boat_model: Model) -> None:
    rows = np.full((2, len(boat_model.transform.sources)), 1e39)
    told = boat_model.learned.contributions(rows)
    assert told is not None
    assert told.sum(axis=2)[:, 0] == pytest.approx(boat_model.learned.predict(rows), rel=1e-4)


def test_a_dollar_in_a_name_is_no_formula(tmp_path: Path) -> None:
    plots.importance({"Price_$_per_$": 0.7, "$0_$10": 0.3}, "the trees' gain", tmp_path / "importance.png")
    assert (tmp_path / "importance.png").is_file()


def test_a_model_that_cannot_tell_is_not_explained(boat_model: Model, boat_part: Part) -> None:
    class Silent(Model):
        def contributions(self, features: object) -> None:
            del features

    silent = Silent(boat_model.schema, boat_model.transform, boat_model.learned, boat_model.labels)
    assert explain(replace(silent), boat_part.features) is None
