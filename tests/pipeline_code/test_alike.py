"""Which of two columns that say the same is left out by training, and who is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from alike import Alike, alike
from evaluation_page import Findings, write_page
from fast_transform import FastTransform, read_out
from hyperparameters import XGBOOST, defaults
from hypothesis import given, settings
from hypothesis import strategies as st
from tabular import Features, Part
from train import fit
from transform import fit_transform

from tests.pipeline_code.conftest import BOATS

GENERATOR = np.random.default_rng(11)
NUMBERS = GENERATOR.normal(size=200)
NOISE = GENERATOR.normal(size=200)
HOLES = np.where(np.arange(200) % 40 == 0, np.nan, NUMBERS)
DERIVED = {"Feet": "3.28084 * Length", "Old": "-Age", "Per_Year": "Length / Age"}
SCHEMA = replace(BOATS, derived=DERIVED, drop_correlated_above=0.95)


@pytest.mark.parametrize(
    ("columns", "left_out"),
    [
        ({"a": NUMBERS, "b": -2 * NUMBERS + 1}, [("b", "a")]),
        ({"a": NUMBERS, "b": NUMBERS + 0.1 * NOISE, "c": NUMBERS - 0.1 * NOISE}, [("b", "a"), ("c", "a")]),
        ({"a": HOLES, "b": NUMBERS}, [("a", "b")]),
        ({"a": NUMBERS, "b": NOISE}, []),
        ({"a": NUMBERS, "b": NUMBERS + 0.5 * NOISE}, []),
        ({"a": np.ones(200), "b": np.ones(200)}, []),
        ({"a": np.full(200, np.nan), "b": NUMBERS}, []),
        ({"a": NUMBERS}, []),
        ({}, []),
    ],
)
def test_of_two_columns_that_are_alike_the_emptier_one_goes_or_the_later_one(
    columns: Features, left_out: list[tuple[str, str]]
) -> None:
    assert [(each.name, each.kept) for each in alike(columns, 0.95)] == left_out


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.99))
def test_what_is_left_out_is_like_what_is_kept_and_what_is_kept_is_not_alike(seed: int, least: float) -> None:
    generator = np.random.default_rng(seed)
    mixed = generator.normal(size=(60, 3)) @ generator.normal(size=(3, 6))
    columns = {f"c{number}": column for number, column in enumerate(mixed.T)}
    found = alike(columns, least)
    gone = {each.name for each in found}
    kept = [name for name in columns if name not in gone]
    correlations = np.abs(np.atleast_2d(np.corrcoef([columns[name] for name in kept])))
    assert (correlations - np.eye(len(kept)) < least + 1e-9).all()
    assert all(each.kept in kept and each.correlation >= least for each in found)


def test_training_decides_serving_does_the_same_and_clients_still_send_all(
    boat_part: Part, tmp_path: Path
) -> None:
    pipeline, matrix = fit_transform(SCHEMA, boat_part.features)
    fast = read_out(pipeline, SCHEMA)
    fast.save(tmp_path / "transform.json")
    served = FastTransform.load(tmp_path / "transform.json")
    assert served.left_out == fast.left_out
    assert [(each.name, each.kept) for each in served.left_out] == [("Feet", "Length"), ("Old", "Age")]
    assert served.sources[:3] == ("Length", "Age", "Per_Year")
    assert np.array_equal(served.transform(boat_part.features), matrix)


def test_by_default_nothing_is_left_out(boat_part: Part) -> None:
    schema = replace(SCHEMA, drop_correlated_above=None)
    assert read_out(fit_transform(schema, boat_part.features)[0], schema).left_out == ()


def test_the_log_and_the_page_tell_what_was_left_out(
    boat_part: Part, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {**defaults(XGBOOST, "regression"), "n_estimators": 3}
    model = fit(SCHEMA, boat_part, boat_part, settings)
    told = "note: Feet is left out, its correlation with Length is 1\n"
    assert told in capsys.readouterr().out
    for name in ("predicted_against_actual", "residuals", "importance"):
        (tmp_path / f"{name}.png").write_bytes(b"")
    found = Findings({}, {}, {}, 0.0, (), left_out=model.transform.left_out)
    write_page(SCHEMA, 1, found, tmp_path)
    page = (tmp_path / "evaluation.html").read_text("utf-8")
    assert "What was left out" in page
    assert "<td>Feet</td><td>Length</td>" in page
    write_page(BOATS, 1, replace(found, left_out=()), tmp_path)
    assert "What was left out" not in (tmp_path / "evaluation.html").read_text("utf-8")


def test_a_correlation_is_told_with_four_digits() -> None:
    assert str(Alike("a", "b", 0.987654)) == "a is left out, its correlation with b is 0.9877"
