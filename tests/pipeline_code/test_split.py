from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from split import Fractions, digests, part_of

FRACTIONS = Fractions(0.7, 0.2, 0.1)
ROWS = st.lists(
    st.tuples(st.none() | st.floats(allow_nan=False, allow_infinity=False), st.none() | st.text(max_size=5)),
    min_size=1,
    max_size=20,
)


def parts(rows: list[tuple[float | None, str | None]]) -> list[str]:
    keys = digests({"number": [row[0] for row in rows], "text": [row[1] for row in rows]})
    return [part_of(key, FRACTIONS) for key in keys]


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_a_row_stays_in_its_part_whatever_rows_are_around_it(rows, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(rows, len(rows))
    assert parts(shuffled) == [parts([row])[0] for row in shuffled]


def test_a_rows_digest_does_not_depend_on_the_order_of_columns() -> None:
    assert digests({"a": [1.0], "b": ["x"]}) == digests({"b": ["x"], "a": [1.0]})


def test_cells_cannot_run_into_each_other() -> None:
    left, right = digests({"a": ["x,", "x"], "b": ["y", ",y"]})
    assert left != right


def test_the_parts_are_as_large_as_asked() -> None:
    counts = Counter(
        part_of(key, FRACTIONS) for key in digests({"number": [float(n) for n in range(20_000)]})
    )
    assert abs(counts["train"] / 20_000 - 0.7) < 0.01
    assert abs(counts["validation"] / 20_000 - 0.2) < 0.01


def test_the_split_of_a_known_row_never_changes_between_releases() -> None:
    assert digests({"Length": [7.5], "Hull": ["steel"]})[0].hex() == "0b864e2bd244e15f30c45055d0a7d9bf"
