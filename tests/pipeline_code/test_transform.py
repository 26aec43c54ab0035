from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import features_house_prices
import numpy as np
import pandas as pd
import pytest
from derived import Derivation, load_hook
from expressions import evaluate
from fast_transform import MANY_ROWS, FastTransform, read_out
from hypothesis import given, settings
from hypothesis import strategies as st
from model import Model
from sklearn.pipeline import Pipeline
from tabular import DataError, Features, Part, Schema, to_features
from transform import fit_transform, to_frame

from config.settings import load_settings
from tests.pipeline_code.conftest import BOATS

SAMPLE = load_settings(Path(__file__).parents[1] / "sample").use_cases
# A customer's bill: minutes times prices.
BILL = {
    "bill": "0.17 * total_day_minutes + 0.085 * total_eve_minutes + 0.045 * total_night_minutes"
    " + 0.27 * total_intl_minutes"
}
CATEGORIES = st.sampled_from(["steel", "wood", "NA", "never seen", "", None])
NUMBERS = st.none() | st.floats(-1e6, 1e6)


def boats(lengths: list[float | None], ages: list[float | None], hulls: list[str | None]) -> Features:
    return to_features({"Length": lengths, "Age": ages, "Hull": hulls}, BOATS)


@pytest.fixture(scope="module")
def ways(boat_part: Part, tmp_path_factory: pytest.TempPathFactory) -> tuple[Pipeline, FastTransform]:
    """A fitted pipeline, and what a model that was saved and read again has of it."""
    pipeline, _ = fit_transform(BOATS, boat_part.features)
    return pipeline, saved(read_out(pipeline, BOATS), tmp_path_factory.mktemp("transform"))


def saved(transform: FastTransform, folder: Path) -> FastTransform:
    transform.save(folder / "transform.json")
    return FastTransform.load(folder / "transform.json")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, CATEGORIES), min_size=1, max_size=8))
def test_the_fast_transform_does_exactly_what_the_fitted_pipeline_does(ways, rows) -> None:  # type: ignore[no-untyped-def]
    """Of the few rows of a request as of many."""
    pipeline, fast = ways
    for times in (1, MANY_ROWS):
        features = boats(*map(list, zip(*rows * times, strict=True)))
        assert np.array_equal(fast.transform(features), pipeline.transform(to_frame(features)))


def test_rare_and_unseen_categories_share_a_column_and_all_missing_columns_are_kept() -> None:
    hulls = ["steel"] * 20 + ["wood"] * 20 + ["rare"] * 2
    training = boats([float(n) for n in range(42)], [None] * 42, list(hulls))
    pipeline, matrix = fit_transform(BOATS, training)
    fast = read_out(pipeline, BOATS)
    assert fast.sources == ("Length", "Age", "Hull", "Hull", "Hull")
    assert np.array_equal(fast.transform(training), matrix)
    odd = boats([1.0, 1.0], [2.0, None], ["rare", "never seen"])
    assert np.array_equal(fast.transform(odd), pipeline.transform(to_frame(odd)))
    assert fast.transform(odd)[:, 2:].tolist() == [[0, 0, 1], [0, 0, 1]]
    assert fast.unseen_categories(odd) == {"Hull": 1}


def test_a_category_missing_in_the_whole_training_part_does_not_break_serving(tmp_path: Path) -> None:
    training = boats([1.0, 2.0], [3.0, 4.0], [None, None])
    pipeline, matrix = fit_transform(BOATS, training)
    fast = read_out(pipeline, BOATS)
    assert saved(fast, tmp_path).encodings == fast.encodings
    assert np.array_equal(saved(fast, tmp_path).transform(training), matrix)


@pytest.mark.parametrize(("numeric", "categorical"), [((), ("Hull",)), (("Length", "Age"), ())])
def test_a_table_of_only_numbers_or_only_categories_is_fine(
    boat_part: Part, tmp_path: Path, numeric: tuple[str, ...], categorical: tuple[str, ...]
) -> None:
    schema = Schema("regression", "Price", "log", numeric, categorical)
    features = {name: boat_part.features[name] for name in schema.features}
    pipeline, matrix = fit_transform(schema, features)
    fast = saved(read_out(pipeline, schema), tmp_path)
    assert np.array_equal(fast.transform(features), matrix)


def test_nothing_is_learnt_from_rows_outside_the_training_part(boat_model: Model, boat_part: Part) -> None:
    known = boat_part.features
    scaling = boat_model.transform.scaling
    filled = np.where(np.isnan(known["Age"]), np.nanmedian(known["Age"]), known["Age"])
    assert scaling.fills[1] == np.nanmedian(known["Age"])
    assert scaling.means[1] == pytest.approx(filled.mean())
    assert boat_model.transform.encodings[0].fill in {"NA", "steel", "wood"}


def hook_module(monkeypatch: pytest.MonkeyPatch, hook: object) -> Schema:
    module = ModuleType("features_boats")
    module.derive = hook  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "features_boats", module)
    load_hook.cache_clear()
    return Schema("regression", "Price", "log", ("Length", "Age"), ("Hull",), "features_boats")


def test_derived_columns_reach_the_model_and_infinite_ones_count_as_missing(
    monkeypatch: pytest.MonkeyPatch, boat_part: Part
) -> None:
    schema = hook_module(monkeypatch, lambda rows: {"Length_Per_Year": rows["Length"] / rows["Age"]})
    pipeline, matrix = fit_transform(schema, boat_part.features)
    fast = read_out(pipeline, schema)
    assert fast.sources[:3] == ("Length", "Age", "Length_Per_Year")
    assert (boat_part.features["Age"] == 0).any(), "the data must have a division by zero in it"
    assert np.array_equal(fast.transform(boat_part.features), matrix)
    assert np.isfinite(matrix).all()


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (lambda rows: {"Age": rows["Age"]}, "columns that exist already: Age"),
        (lambda rows: {"Sum": rows["Age"].sum()}, "one number per row for Sum"),
        ("not callable", r"must define derive\(rows\)"),
    ],
)
def test_a_features_module_that_breaks_its_contract_is_refused(
    monkeypatch: pytest.MonkeyPatch, boat_part: Part, hook: object, expected: str
) -> None:
    schema = hook_module(monkeypatch, hook)
    with pytest.raises(DataError, match=expected):
        fit_transform(schema, boat_part.features)


def test_a_features_module_that_does_not_exist_is_refused(boat_part: Part) -> None:
    schema = Schema("regression", "Price", "log", ("Length", "Age"), ("Hull",), "features_of_nothing")
    with pytest.raises(DataError, match="features_of_nothing cannot be imported"):
        fit_transform(schema, boat_part.features)


def test_a_house_gets_the_ages_areas_and_bathrooms_a_buyer_would_work_out() -> None:
    house: dict[str, list[object]] = {
        "Year_Sold": [2010],
        "Mo_Sold": [5],
        "Year_Built": [1960],
        "Year_Remod_Add": [1990],
        "Gr_Liv_Area": [1656],
        "Total_Bsmt_SF": [1080],
        "Bsmt_Unf_SF": [441],
        "First_Flr_SF": [1656],
        "Open_Porch_SF": [62],
        "Enclosed_Porch": [0],
        "Three_season_porch": [0],
        "Screen_Porch": [0],
        "Wood_Deck_SF": [210],
        "Lot_Area": [31770],
        "Full_Bath": [1],
        "Half_Bath": [1],
        "Bsmt_Full_Bath": [1],
        "Bsmt_Half_Bath": [0],
        "TotRms_AbvGrd": [7],
        **{name: ["Excellent"] for name in features_house_prices.LEVELS},
    }
    listing = {name: np.array(cells) for name, cells in house.items()}
    derived = Derivation(SAMPLE["house-prices"].features.derived, "features_house_prices").columns(listing)
    assert derived["Age"] == [50]
    assert derived["Years_Since_Remodel"] == [20]
    assert derived["Total_Area"] == [2736]
    assert derived["Finished_Basement_Area"] == [639]
    assert derived["Outdoor_Area"] == [272]
    assert derived["Bathrooms"] == [2.5]
    assert derived["Overall_Cond_Level"] == [9]
    assert np.isnan(derived["Bsmt_Exposure_Level"])


def test_a_bill_is_all_charges_to_the_cent() -> None:
    customers = pd.read_csv(Path(__file__).parents[2] / "data" / "churn.csv")
    charges = customers.filter(regex="_charge$").sum(axis=1)
    given = {name: customers[name].to_numpy() for name in customers}
    bill = evaluate(BILL, given)["bill"]
    assert np.abs(bill - charges).max() < 0.021
