"""A part is read as it was written, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabular import DataError, Schema, read_part
from texts import as_csv

NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
SCHEMA = Schema("regression", "Price", "none", ("Age",), ("Hull",))
CLASSES = Schema("multiclass-classification", "Hull", "none", ("Price", "Age"), ())
HEADER = "Price,Age,Hull\n"


def written(folder: Path, content: str) -> Path:
    (folder / "train.csv").write_text(content, encoding="utf-8", newline="")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("part")


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, WORDS), min_size=1, max_size=8))
def test_every_number_and_word_is_read_back_as_it_was(folder, rows) -> None:  # type: ignore[no-untyped-def]
    numbers, words = list(zip(*rows, strict=True))[:2], [row[2] for row in rows]
    arrays = [pa.array(cells, pa.float64()) for cells in numbers]
    cells = [
        as_csv(array).to_pylist()
        for array in (*arrays, pa.array(words).cast(pa.string()).dictionary_encode())
    ]
    lines = [",".join(row) + "\n" for row in zip(*cells, strict=True)]
    part = read_part(written(folder, HEADER + "".join(lines)), "train", SCHEMA)
    for found, expected in zip((part.target, part.features["Age"]), numbers, strict=True):
        assert np.array_equal(found, np.array(expected, dtype=np.float64), equal_nan=True)
    assert part.features["Hull"].tolist() == words


def test_classes_are_words_whatever_they_are_written_like(tmp_path: Path) -> None:
    lines = "Hull,Price,Age\n007,1,2\n1.0,3,4\nNA,5,\n"
    part = read_part(written(tmp_path, lines), "train", CLASSES)
    assert part.target.tolist() == ["007", "1.0", "NA"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "train.csv is not what schema.json beside it says"),
        (HEADER, "train.csv has no rows"),
        ("Price,Hull,Age\n1,2,3\n", "train.csv has other columns than schema.json"),
        (f"{HEADER}1,SECRET,steel\n", "train.csv is not what schema.json beside it says"),
        (f"{HEADER}1,SECRET\n", "train.csv is not what schema.json beside it says"),
    ],
)
def test_a_part_that_is_not_as_it_was_written_is_refused_without_its_values(
    tmp_path: Path, content: str, expected: str
) -> None:
    with pytest.raises(DataError, match=expected) as caught:
        read_part(written(tmp_path, content), "train", SCHEMA)
    assert "SECRET" not in str(caught.value)
