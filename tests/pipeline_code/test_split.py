from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from split import Fractions, Split, digests, parts_of

FRACTIONS = Fractions(0.7, 0.2, 0.1)
BY_HASH = Split(FRACTIONS)
ROWS = st.lists(
    st.tuples(
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    ),
    min_size=1,
    max_size=20,
)


def numbers(cells: Sequence[float | None]) -> pa.Array:
    return pa.array(cells, pa.float64())


def words(cells: Sequence[str | None]) -> pa.Array:
    return pa.array(cells, pa.string()).dictionary_encode()


def parts(rows: list[tuple[float | None, str | None]]) -> list[int]:
    keys = digests({"number": numbers([row[0] for row in rows]), "text": words([row[1] for row in rows])})
    return [int(part) for part in parts_of(BY_HASH, keys, pa.nulls(len(keys)))]


@given(ROWS)
def test_a_digest_is_that_of_the_row_as_json(rows) -> None:  # type: ignore[no-untyped-def]
    keys = digests({"a": numbers([row[0] for row in rows]), "b": words([row[1] for row in rows])})
    expected = [hashlib.blake2b(json.dumps(row).encode(), digest_size=16).digest() for row in rows]
    assert keys.astype(">u8").tobytes() == b"".join(expected)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_a_row_stays_in_its_part_whatever_rows_are_around_it(rows, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(rows, len(rows))
    assert parts(shuffled) == [parts([row])[0] for row in shuffled]


def test_a_rows_digest_does_not_depend_on_the_order_of_columns() -> None:
    columns = {"a": numbers([1.0]), "b": words(["x"])}
    assert (digests(columns) == digests(dict(reversed(columns.items())))).all()


def test_cells_cannot_run_into_each_other() -> None:
    left, right = digests({"a": words(["x,", "x"]), "b": words(["y", ",y"])}).tolist()
    assert left != right


def test_the_parts_are_as_large_as_asked() -> None:
    keys = digests({"number": numbers(range(20_000))})
    shares = np.bincount(parts_of(BY_HASH, keys, pa.nulls(len(keys)))) / len(keys)
    assert abs(shares - (0.7, 0.2, 0.1)).max() < 0.01


def test_the_split_of_a_known_row_never_changes_between_releases() -> None:
    (key,) = digests({"Length": numbers([7.5]), "Hull": words(["steel"])})
    assert key.astype(">u8").tobytes().hex() == "0b864e2bd244e15f30c45055d0a7d9bf"
