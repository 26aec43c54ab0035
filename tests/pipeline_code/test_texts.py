from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
import raw_table
from columns import Numbers
from hypothesis import example, given, settings
from hypothesis import strategies as st
from raw_table import Chunk, RawTable, read_raw
from tabular import parse_number
from texts import LARGEST_EXACT_INTEGER, as_csv, as_json

NUMBERS = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1)
WORDS = st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1)
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=4)
LIKE_NUMBERS = st.from_regex(r"[+-]?[0-9]{0,20}\.?[0-9]{0,20}(e-?[0-9]{1,3})?")
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8)


def numbers(cells: Sequence[float | None]) -> pa.Array:
    return pa.array(cells, pa.float64())


@given(NUMBERS)
def test_numbers_of_json_are_those_of_python(cells: list[float | None]) -> None:
    assert as_json(numbers(cells)).to_pylist() == [json.dumps(cell) for cell in cells]


@given(NUMBERS)
def test_numbers_of_csv_are_read_back_exactly_and_whole_ones_have_no_point(cells: list[float | None]) -> None:
    for cell, text in zip(cells, as_csv(numbers(cells)).to_pylist(), strict=True):
        assert (float(text) if text else None) == cell
        assert not text.endswith(".0") or abs(cell or 0) >= LARGEST_EXACT_INTEGER


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0, "0"), (-0.0, "0"), (2.0**52, "4503599627370496"), (1e16, "1e+16"), (1e-7, "1e-07"), (0.1, "0.1")],
)
def test_numbers_of_csv_are_written_as_python_writes_them(number: float, text: str) -> None:
    assert as_csv(numbers([number])).to_pylist() == [text]


@given(WORDS)
def test_words_are_read_back_as_python_reads_them(cells: list[str | None]) -> None:
    words = pa.array(cells, pa.string()).dictionary_encode()
    assert as_json(words).to_pylist() == [json.dumps(cell) for cell in cells]
    lines = io.StringIO("".join(f"{cell},end\n" for cell in as_csv(words).to_pylist()), newline="")
    assert [*csv.reader(lines, strict=True)] == [[cell or "", "end"] for cell in cells]


@given(
    st.lists(st.floats().map(repr) | st.from_regex(r"[+-]?[0-9]{0,20}\.?[0-9]{0,20}(e-?[0-9]{1,3})?") | CELLS)
)
@example(["1.", ".5", "+1", " 7 ", "1e999", "1e-999", "-0", "1_000", "nan", "inf", "2026-01-31", "٣", "1\n"])
def test_a_column_is_read_as_every_request_is(cells: list[str]) -> None:
    column = Numbers()
    column.add(pa.array(cells, pa.string()))
    assert column.column().to_pylist() == [parse_number(cell) for cell in cells]


def read(folder: Path, content: str, wanted: str = "ABC") -> tuple[list[tuple[str, ...]], RawTable]:
    (folder / "a.csv").write_text(content, "utf-8", newline="")
    table = RawTable(frozenset(wanted))
    chunks = [[chunk[name].to_pylist() for name in wanted] for chunk in read_raw(folder, table)]
    return [row for columns in chunks for row in zip(*columns, strict=True)], table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quoted")


@settings(deadline=None)
@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["A,B,C", '"A","B","C"']))
def test_a_table_is_the_same_however_its_file_is_quoted(
    folder: Path, rows: list[list[str]], end: str, header: str
) -> None:
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator=end, quoting=quoting).writerows(rows)
        found, table = read(folder, f"{header}{end}{text.getvalue()}")
        assert (found, table.mistakes) == ([tuple(row) for row in rows], [])


@pytest.mark.parametrize(
    ("content", "is_read_by_arrow"),
    [
        ('"A","B","C"\n1,2,3\n', True),
        ('"A","B","C"\r\n1,2,3\r\n', True),
        ('A,B,C\n1,"2",3\n', False),
        ('A,B,"C"\r"1",2,3\n', False),
        ('A,B,"C"\r"1",2,3\r', False),
        ('A,B,"C\nD"\n1,2,3\n', False),
    ],
)
def test_only_quotes_of_the_first_line_leave_a_file_to_arrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, is_read_by_arrow: bool
) -> None:
    asked: list[Path] = []
    by_arrow = raw_table._columns

    def columns(path: Path, table: RawTable) -> Generator[Chunk, None, bool]:
        asked.append(path)
        return by_arrow(path, table)

    monkeypatch.setattr(raw_table, "_columns", columns)
    (tmp_path / "a.csv").write_text(content, "utf-8", newline="")
    table = RawTable(frozenset("AB"))
    (chunk,) = read_raw(tmp_path, table)
    assert {name: cells.to_pylist() for name, cells in chunk.items()} == {"A": ["1"], "B": ["2"]}
    assert bool(asked) == is_read_by_arrow


@pytest.mark.parametrize("quote", ["", '"'])
def test_lines_are_counted_alike_with_and_without_quotes(tmp_path: Path, quote: str) -> None:
    found, table = read(tmp_path, f"A,B,C\n1,2,3\n\n4,5\n6,7,{quote}8{quote}\n9,9,9,9\n")
    assert found == [("1", "2", "3"), ("6", "7", "8")]
    assert table.mistakes == ["a.csv has 2 rows without 3 fields (lines 4, 6)"]


@pytest.mark.parametrize("quote", ["", '"'])
def test_columns_that_nobody_wants_are_not_kept(tmp_path: Path, quote: str) -> None:
    found, table = read(tmp_path, f"A,B,C\n1,2,{quote}3{quote}\n", "B")
    assert (found, table.row_count) == ([("2",)], 1)
    _, table = read(tmp_path, f"A,B,C\n1,2,{quote}3{quote}\n", "")
    assert table.row_count == 1


def test_a_row_that_is_larger_than_any_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_table, "LONGEST_ROW_BYTES", 1_000_000)
    _, table = read(tmp_path, "A,B,C\n" + f"{'x' * 3_000_000},2,3\n" * 2)
    assert table.mistakes == ["a.csv has a row of more than 1 MB"]
