"""An expression gives what pandas gives, whatever the other rows are, and nothing else can be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from derived import Derivation
from expressions import evaluate, mistakes_of
from fast_transform import FastTransform, read_out
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tabular import DataError, Features, Part
from transform import fit_transform

from tests.pipeline_code.conftest import BOATS

NAMES = ["Length", "Age", "`Gross Weight (t)`", "`Größe`"]
CELLS = st.floats(-1e6, 1e6) | st.sampled_from([0.0, -1.0, 1e-300, float("nan")])
NUMBERS = st.sampled_from(["2", "0", "0.5", "365.25", "1e3"])
LEAVES = st.sampled_from(NAMES) | NUMBERS
TREES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds("({} {} {})".format, parts, st.sampled_from(["+", "-", "*", "/", "**"]), parts),
        st.builds("(-{})".format, parts),
        st.builds("{}({})".format, st.sampled_from(["abs", "log"]), parts),
    ),
    max_leaves=6,
)


TREES = TREES.filter(lambda text: any(name in text for name in NAMES))
ROWS = st.lists(st.tuples(*[CELLS] * len(NAMES)), min_size=1, max_size=9)


def columns(rows: list[tuple[float, ...]]) -> Features:
    cells = map(np.array, zip(*rows, strict=True))
    return {name.strip("`"): column for name, column in zip(NAMES, cells, strict=True)}


@contextmanager
def no_numbers_alone() -> Iterator[None]:
    """Of numbers without a column Python computes before pandas does, and refuses what has no value."""
    try:
        yield
    except (ZeroDivisionError, OverflowError):
        assume(condition=False)


@settings(max_examples=60, deadline=None)
@given(TREES, ROWS)
def test_an_expression_gives_what_pandas_gives_and_does_not_depend_on_other_rows(
    text: str, rows: list[tuple[float, ...]]
) -> None:
    """What is missing here is not finite for pandas, in the expression or in a part of it."""
    features = columns(rows)
    ours = evaluate({"derived": text}, features)["derived"]
    with np.errstate(all="ignore"), no_numbers_alone():
        theirs = np.broadcast_to(pd.DataFrame(features).eval(text, engine="python"), len(rows))
    finite = np.isfinite(ours)
    assert np.array_equal(ours[finite], np.asarray(theirs, np.float64)[finite])
    one_by_one = [evaluate({"derived": text}, columns([row]))["derived"][0] for row in rows]
    assert np.array_equal(ours, one_by_one, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Length / Age", [0.5, None, None]),
        ("log(Length - 3)", [None, None, None]),
        ("1 / (1 / Age)", [4.0, None, None]),
        ("0 * Age", [0.0, 0.0, None]),
        ("min(Age, 3)", [3.0, 0.0, None]),
        ("max(`Age`, Length) ** 2", [16.0, 4.0, None]),
        ("-abs(-Length)", [-2.0, -2.0, -2.0]),
    ],
)
def test_what_has_no_finite_value_is_missing(text: str, expected: list[float | None]) -> None:
    features = {"Length": np.array([2.0, 2.0, 2.0]), "Age": np.array([4.0, 0.0, np.nan])}
    found = evaluate({"derived": text}, features)["derived"]
    assert [None if np.isnan(value) else value for value in found] == expected


@given(st.dates(date(1, 1, 1)), st.floats(0, 0.999))
def test_years_and_months_are_those_of_the_calendar(day: date, of_day: float) -> None:
    days = {"day": np.array([(day - date(1970, 1, 1)).days + of_day, np.nan, 1e30])}
    found = evaluate({"year": "year(day)", "month": "month(day)"}, days)
    assert [found["year"][0], found["month"][0]] == [day.year, day.month]
    assert np.isnan([*found["year"][1:], *found["month"][1:]]).all()


def test_an_expression_may_use_those_before_it_and_serving_computes_the_same(
    boat_part: Part, tmp_path: Path
) -> None:
    derived = {"Per_Year": "Length / Age", "Squared": "Per_Year ** 2"}
    schema = replace(BOATS, derived=derived)
    pipeline, matrix = fit_transform(schema, boat_part.features)
    read_out(pipeline, schema).save(tmp_path / "transform.json")
    fast = FastTransform.load(tmp_path / "transform.json")
    assert fast.sources[:4] == ("Length", "Age", "Per_Year", "Squared")
    assert (boat_part.features["Age"] == 0).any(), "the data must have a division by zero in it"
    assert np.array_equal(fast.transform(boat_part.features), matrix)
    found = Derivation.of(schema).columns(boat_part.features)
    assert np.array_equal(found["Squared"], found["Per_Year"] ** 2, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Length +", "is no expression"),
        ("Length; Age", "is no expression"),
        ("__import__('os')", "has Call in it"),
        ("Length.real", "has Attribute in it"),
        ("Length if Age else 0", "has IfExp in it"),
        ("Length < Age", "has Compare in it"),
        ("'a' * Age", "has Constant in it"),
        ("True * Age", "has Constant in it"),
        ("1e999 * Age", "a number that is too large"),
        ("min(Length)", "min has 2 arguments"),
        ("sqrt(Length)", "has Call in it"),
        ("Hull * 2", "Hull is no numeric column"),
        ("Price / 2", "Price is no numeric column"),
        ("Later + 1", "Later is no numeric column"),
        ("1 + 2", "names no column"),
    ],
)
def test_nothing_else_can_be_written(text: str, expected: str) -> None:
    found = [*mistakes_of({"derived": text, "Later": "Age + 1"}, BOATS.numeric)]
    assert len(found) == 1, found
    assert found[0].startswith("--derived derived: ")
    assert expected in found[0]


def test_an_expression_that_cannot_be_read_is_never_computed() -> None:
    with pytest.raises(DataError, match="is no expression"):
        evaluate({"derived": "1 +"}, {"Age": np.array([1.0])})
