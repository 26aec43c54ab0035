"""Reads CSV files and captured requests into columns of text."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Value = str | None
# `None` is not among them: as text it may well be a category.
_MISSING = ("", "NaN", "nan")


class DataError(Exception):
    """The data cannot be analyzed; the text says where and why."""


@dataclass
class Dataset:
    """Columns of equal length. `None` is a missing value."""

    item_count: int = 0
    columns: dict[str, list[Value]] = field(default_factory=dict)

    def add(self, row: Mapping[str, Value]) -> None:
        """Appends a row; a column that others have and this one lacks is missing in it."""
        for name in row:
            if name not in self.columns:
                self.columns[name] = [None] * self.item_count
        for name, values in self.columns.items():
            values.append(row.get(name))
        self.item_count += 1


def read_csv(folder: Path, header: bool) -> Dataset:
    """All CSV files of a folder. Raises `DataError` when there are no rows or a row has another length."""
    dataset = Dataset()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open(newline="") as file:
                for row in _rows(path, csv.reader(file), header):
                    dataset.add(row)
    if not dataset.item_count:
        raise DataError(f"There are no rows in {folder}.")
    return dataset


def _rows(path: Path, lines: Iterator[list[str]], header: bool) -> Iterator[dict[str, Value]]:
    names: list[str] | None = next(lines, []) if header else None
    for number, line in enumerate(lines, start=2 if header else 1):
        names = names or positional_names(len(line))
        if len(line) != len(names):
            raise DataError(f"{path.name}, line {number}: {len(line)} values, expected {len(names)}.")
        yield dict(zip(names, map(present, line), strict=True))


def positional_names(count: int, start: int = 0) -> list[str]:
    """`_c0`, `_c1` …: what columns without names are called."""
    return [f"_c{number}" for number in range(start, start + count)]


def present(text: str) -> Value:
    """The value, or nothing for the spellings of a missing one."""
    return None if text.strip() in _MISSING else text.strip()


def read_capture(folder: Path, names: Sequence[str]) -> Dataset:
    """All captured requests of a folder.

    The columns of the answer come before those of the request. CSV has no names, so its columns are those of
    the baseline by position; JSON has names, and its predictions are what the baseline has first.
    Raises `DataError` for a line that does not fit.
    """
    dataset = Dataset()
    for path in sorted(folder.rglob("*.jsonl")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            try:
                for row in _captured_rows(json.loads(line)["captureData"], names):
                    dataset.add(row)
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"{path.name}, line {number}: {type(error).__name__}: {error}") from error
    return dataset


def _captured_rows(data: dict[str, Any], names: Sequence[str]) -> Iterator[dict[str, Value]]:
    sides = [data[side] for side in ("endpointOutput", "endpointInput") if side in data]
    _check_encodings(data)
    if all(side["encoding"] == "CSV" for side in sides):
        tables = [
            [list(map(present, row)) for row in csv.reader(io.StringIO(side["data"])) if row]
            for side in sides
        ]
        yield from (_named(row, names) for row in _side_by_side(tables))
    elif all(side["encoding"] == "JSON" for side in sides):
        yield from _json_rows(data, names)
    else:
        raise ValueError(f"encoding {sides[0]['encoding']}, expected CSV or JSON")


def _check_encodings(data: dict[str, Any]) -> None:
    """https://github.com/aws/sagemaker-python-sdk/issues/2785"""
    request, answer = (data.get(side, {}).get("encoding") for side in ("endpointInput", "endpointOutput"))
    if request and answer and request != answer:
        raise DataError(
            f"Encoding mismatch: Encoding is {request} for endpointInput, but Encoding is {answer} for "
            "endpointOutput. We currently only support the same type of input and output encoding at the "
            "moment."
        )


def _side_by_side(tables: Sequence[list[list[Value]]]) -> Iterator[list[Value]]:
    lengths = {len(table) for table in tables}
    if len(lengths) > 1:
        raise ValueError(f"{len(tables[0])} answers to {len(tables[1])} rows")
    for parts in zip(*tables, strict=True):
        yield [value for part in parts for value in part]


def _named(row: Sequence[Value], names: Sequence[str]) -> dict[str, Value]:
    extra = positional_names(max(len(row) - len(names), 0), len(names))
    return dict(zip([*names[: len(row)], *extra], row, strict=True))


def _json_rows(data: dict[str, Any], names: Sequence[str]) -> Iterator[dict[str, Value]]:
    requests = _as_list(json.loads(data["endpointInput"]["data"])) if "endpointInput" in data else None
    answers = None
    if "endpointOutput" in data:
        document = json.loads(data["endpointOutput"]["data"])
        answers = _as_list(document["predictions"] if isinstance(document, dict) else document)
    if requests is not None and answers is not None and len(requests) != len(answers):
        raise ValueError(f"{len(answers)} answers to {len(requests)} rows")
    prediction = names[0] if names else "prediction"
    for number in range(len(requests if requests is not None else answers or [])):
        row: dict[str, Value] = {}
        if answers is not None:
            row[prediction] = _text(answers[number])
        if requests is not None:
            row |= {name: _text(value) for name, value in requests[number].items()}
        yield row


def _as_list(document: Any) -> list[Any]:
    return document if isinstance(document, list) else [document]


def _text(value: Any) -> Value:
    if value is None:
        return None
    return present(value if isinstance(value, str) else json.dumps(value))


def texts(values: Iterable[Value]) -> list[str]:
    """The values that are not missing."""
    return [value for value in values if value is not None]
