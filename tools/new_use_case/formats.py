"""A table of any format that a delivery may have, as rows of text, and as the CSV that a sample is."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import read_table

Rows = Sequence[Sequence[str]]
"""The header, then the rows; a missing cell is empty."""


def read_rows(path: Path) -> Rows:
    """What a file holds; ValueError where it is none of its format, OSError where there is none."""
    return FORMATS[path.suffix](path)


def write_csv(rows: Rows, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _csv(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def _json_lines(path: Path) -> Rows:
    lines = path.read_text("utf-8-sig").split("\n")
    # Numbers stay as they are written.
    objects = [json.loads(line, parse_int=str, parse_float=str) for line in lines if line.strip()]
    if wrong := sum(not isinstance(each, dict) for each in objects):
        raise ValueError(f"{path}: {wrong} of {len(objects)} lines are no object")
    names = list(dict.fromkeys(name for each in objects for name in each))
    return [names, *([_cell(each.get(name)) for name in names] for each in objects)]


def _cell(value: object) -> str:
    if isinstance(value, list | dict):
        raise ValueError("an object has a list or an object in it")
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value)


def _parquet(path: Path) -> Rows:
    try:
        table = read_table(path)
        columns = [_texts(column) for column in table.columns]
    except pa.ArrowException as error:
        raise ValueError(f"{path} cannot be read as plain values: {error}") from None
    return [table.column_names, *zip(*columns, strict=True)]


def _texts(column: pa.ChunkedArray) -> list[str]:
    if pa.types.is_floating(column.type):
        # A NaN is how many libraries write that a value is missing.
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    texts: list[str] = pc.fill_null(column.cast(pa.string()), "").to_pylist()
    return texts


FORMATS: dict[str, Callable[[Path], Rows]] = {".csv": _csv, ".jsonl": _json_lines, ".parquet": _parquet}
