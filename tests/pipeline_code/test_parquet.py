from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import parquet
import preprocess
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parquet import ParquetError, check_types, chunks, opened, size_as_csv
from raw_table import RawTable, read_raw
from tabular import DataError, parse_number

from tests.pipeline_code.conftest import ARGUMENTS, HEADER, boat_lines, table, write_raw

LINES = boat_lines(240)


def column(folder: Path, values: object) -> list[str]:
    pq.write_table(pa.table({"Column": values}), folder / "a.parquet")
    with opened(folder / "a.parquet") as file:
        check_types(file.schema_arrow, ["Column"])
        return [cell for chunk in chunks(file, ["Column"], 100) for cell in chunk["Column"].to_pylist()]


def _parts(base: Path) -> Mapping[str, bytes]:
    preprocess.main(ARGUMENTS)
    return {path.name: path.read_bytes() for path in (base / "processing" / "output").rglob("*.csv")}


def test_typed_columns_become_the_same_parts_as_csv(base: Path) -> None:
    write_raw(base, table(LINES))
    as_csv = _parts(base)
    raw = base / "processing" / "input" / "raw"
    frame = pd.read_csv(raw / "boats.csv", keep_default_na=False, na_values=[""])
    (raw / "boats.csv").unlink()
    frame["Hull"] = frame["Hull"].astype("category")
    frame[:100].to_parquet(raw / "a.parquet")
    frame[100:].to_parquet(raw / "b.parquet", compression="zstd")
    assert _parts(base) == as_csv


def test_a_delivery_may_mix_formats(base: Path) -> None:
    write_raw(base, table(LINES))
    as_csv = _parts(base)
    raw = base / "processing" / "input" / "raw"
    write_raw(base, table(LINES[:70]))
    rows = [line.split(",") for line in LINES[70:]]
    pd.DataFrame(rows, columns=HEADER.split(",")).to_parquet(raw / "rest.parquet")
    assert _parts(base) == as_csv


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_every_number_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    cells = column(tmp_path_factory.mktemp("numbers"), pa.array(numbers, pa.float64()))
    assert [parse_number(cell) for cell in cells] == numbers


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (pa.array([1, None, 2**62]), ["1", "", str(2**62)]),
        (pa.array([1.5, float("nan"), None]), ["1.5", "", ""]),
        (pa.array([1.5, float("nan")], pa.float16()), ["1.5", ""]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array([date(2026, 1, 2)]), ["2026-01-02"]),
        (pa.array(["a,b\n", ""]).dictionary_encode(), ["a,b\n", ""]),
        (pa.nulls(2), ["", ""]),
    ],
)
def test_a_cell_is_written_as_csv_would_write_it(tmp_path: Path, values: pa.Array, cells: list[str]) -> None:
    assert column(tmp_path, values) == cells


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_a_moment_is_a_number_of_days_in_utc(tmp_path: Path, zone: str | None) -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    values = pa.array([noon if zone else noon.replace(tzinfo=None)], pa.timestamp("ns", zone))
    assert [parse_number(cell) for cell in column(tmp_path, values)] == [20455.5]


@pytest.mark.parametrize("values", [pa.array([[1], [2]]), pa.array([{"a": 1}]), pa.array([b"\xff"])])
def test_nested_and_binary_values_are_refused_by_position(tmp_path: Path, values: pa.Array) -> None:
    with pytest.raises(ParquetError, match="no plain values, such as numbers and texts, in column 1"):
        column(tmp_path, values)


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1 and then something else PAR1", b"Length,Age\n1,2\n"]
)
def test_a_file_that_is_no_parquet_is_told_and_nothing_of_it_is_shown(base: Path, content: bytes) -> None:
    write_raw(base, content, "boats.parquet")
    with pytest.raises(DataError, match=r"boats\.parquet is no Parquet file that can be read$"):
        preprocess.main(ARGUMENTS)


def test_another_header_than_that_of_the_file_before_is_refused(base: Path) -> None:
    write_raw(base, table(LINES), "a.csv")
    frame = pd.DataFrame({"Length": [1.0], "Age": [2]})
    frame.to_parquet(base / "processing" / "input" / "raw" / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet has another header .*: columns 3, 4, 5"):
        preprocess.main(ARGUMENTS)


def test_memory_is_asked_for_what_a_small_file_unfolds_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"Same": pa.array([7] * 1_000_000)}), tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 10_000
    assert size_as_csv(tmp_path / "a.parquet") == 1_000_000 * parquet.CELL_BYTES
    monkeypatch.setattr("raw_table.physical_memory_bytes", lambda: 30_000_000)
    with pytest.raises(DataError, match="choose a larger processing_instance_type"):
        list(read_raw(tmp_path, RawTable(frozenset())))
