"""What stands for a missing cell is what the use case says, the same while training and in every answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from columns import check_settings
from fast_transform import FastTransform, read_out
from hypothesis import given, settings
from hypothesis import strategies as st
from impute import impute_of
from tabular import DataError, Features, to_features
from transform import fit_transform, to_frame

from tests.pipeline_code.conftest import BOATS

Row = tuple[float | None, float | None, str | None]
LENGTHS = [1.0, 1.0, None, 4.0, 10.0]
HULLS = ["steel"] * 3 + ["wood"] + [None]
NUMBERS, WORDS = st.none() | st.floats(-1e6, 1e6), st.sampled_from(["steel", "wood", "none", "new", None])


def boats(rows: Sequence[Row]) -> Features:
    columns = dict(zip(("Length", "Age", "Hull"), zip(*rows, strict=True), strict=True))
    return to_features(columns, BOATS)


TRAINING = boats([(length, 1.0, hull) for length, hull in zip(LENGTHS, HULLS, strict=True)] * 10)


@pytest.mark.parametrize(
    ("method", "fill"),
    [
        ("median", 2.5),
        ("mean", 4.0),
        ("most_frequent", 1.0),
        ("constant -3.5", -3.5),
        ("mean indicator", 4.0),
    ],
)
@pytest.mark.parametrize("key", ["Length", "numeric"])
def test_a_missing_number_becomes_what_is_said_of_it(key: str, method: str, fill: float) -> None:
    schema = replace(BOATS, impute={key: method})
    fast = read_out(fit_transform(schema, TRAINING)[0], schema)
    assert fast.scaling.fills[0] == fill
    assert fast.scaling.indicators == ((0, 1) if key == "numeric" else (0,)) * method.endswith("indicator")


def test_a_column_counts_before_its_kind() -> None:
    schema = replace(
        BOATS, impute={"numeric": "mean", "Length": "constant 7", "categorical": "constant none"}
    )
    fast = read_out(fit_transform(schema, TRAINING)[0], schema)
    assert fast.scaling.fills.tolist() == [7.0, 1.0]
    assert [*fast.encodings[0].positions] == ["none", "steel", "wood"]


METHODS = st.fixed_dictionaries(
    {
        "Length": st.sampled_from(["median", "mean indicator", "constant 2 indicator"]),
        "Age": st.sampled_from(["most_frequent", "median indicator", "constant -1"]),
        "Hull": st.sampled_from(["most_frequent", "constant none"]),
    }
)


@settings(max_examples=40, deadline=None)
@given(METHODS, st.lists(st.tuples(NUMBERS, NUMBERS, WORDS), min_size=1, max_size=8))
def test_serving_fills_as_training_did(impute: dict[str, str], rows: list[Row]) -> None:
    schema = replace(BOATS, impute=impute)
    pipeline, matrix = fit_transform(schema, TRAINING)
    fast = read_out(pipeline, schema)
    assert len(fast.sources) == matrix.shape[1]
    assert np.array_equal(fast.transform(TRAINING), matrix)
    asked = boats(rows)
    assert np.array_equal(fast.transform(asked), pipeline.transform(to_frame(asked)))


def test_an_indicator_is_a_column_of_its_feature_and_is_kept_with_the_model(tmp_path: Path) -> None:
    schema = replace(BOATS, impute={"Length": "median indicator"})
    fast = read_out(fit_transform(schema, TRAINING)[0], schema)
    fast.save(tmp_path / "transform.json")
    served = FastTransform.load(tmp_path / "transform.json")
    assert served.sources[:3] == ("Length", "Age", "Length")
    known, missing = served.transform(boats([(2.5, 1.0, "wood"), (None, 1.0, "wood")]))
    assert np.flatnonzero(known != missing).tolist() == [2]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["mode:Length"], "Length: mode is nothing that fills numeric columns"),
        (["constant:Length"], "Length: constant is nothing"),
        (["constant big:Length"], "Length: constant big is nothing"),
        (["constant inf:Length"], "Length: constant inf is nothing"),
        (["mean:Hull"], "Hull: mean is nothing that fills categorical columns"),
        (["most_frequent indicator:Hull"], "Hull: most_frequent indicator is nothing"),
        (["mean:Price"], "Price: is no feature"),
        (["mean"], "write a method and a colon"),
    ],
)
def test_what_cannot_fill_a_column_is_refused(arguments: list[str], expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        check_settings(replace(BOATS, impute=impute_of(arguments)), (), ())


def test_what_can_fill_columns_is_not() -> None:
    arguments = ["constant 0:Length,constant 0 indicator:Age", "constant not known:Hull,mean:numeric"]
    check_settings(replace(BOATS, impute=impute_of(arguments)), (), ())
