"""Rows of a request into typed columns, checked against the schema of the model."""

from __future__ import annotations

import math
from collections.abc import Sequence

from request_body import shown_names
from request_errors import RequestError
from tabular import Schema, is_date, parse_number

Cells = dict[str, list[float | str | None]]
MISTAKES_SHOWN = 10


def cells_of_csv(rows: Sequence[Sequence[str]], schema: Schema) -> Cells:
    """Typed columns of text cells; raises one RequestError that names the first mistakes."""
    if tuple(rows[0]) == schema.features:
        raise RequestError("row 1: is a header; send rows only, in the order of the features")
    width = len(schema.features)
    mistakes = [
        f"row {number}: {len(row)} fields instead of {width}"
        for number, row in enumerate(rows, start=1)
        if len(row) != width
    ]
    _raise(mistakes)
    columns = dict(zip(schema.features, zip(*rows, strict=True), strict=True))
    missing = frozenset(("", *schema.missing_values))
    cells: Cells = {
        name: [None if text in missing else _number(text) for text in columns[name]]
        for name in schema.numeric
    }
    for name in schema.numeric:
        mistakes += [
            f"row {number}: {name} must be a finite number"
            for number, cell in enumerate(cells[name], start=1)
            if cell is not None and not math.isfinite(float(cell))
        ]
    _raise(mistakes)
    return cells | {
        name: [None if text in missing else text for text in columns[name]] for name in schema.categorical
    }


def cells_of_json(rows: Sequence[dict[str, object]], schema: Schema) -> Cells:
    """Typed columns of JSON values, nothing coerced; raises one RequestError naming the first mistakes."""
    names, mistakes = set(schema.features), []
    for number, row in enumerate(rows, start=1):
        if row.keys() != names:
            mistakes += _differences(number, row, schema)
    _raise(mistakes)
    for number, row in enumerate(rows, start=1):
        mistakes += [
            f"row {number}: {name} must be a number or null"
            for name in schema.numeric
            if not (row[name] is None or isinstance(row[name], float) or _is_day(row[name]))
        ]
        mistakes += [
            f"row {number}: {name} must be text or null"
            for name in schema.categorical
            if not _is_text(row[name])
        ]
    _raise(mistakes)
    missing = frozenset(("", *schema.missing_values))
    cells: Cells = {name: [_cell(row[name], missing) for row in rows] for name in schema.categorical}
    return cells | {name: [_number_of(row[name]) for row in rows] for name in schema.numeric}


def _number(text: str) -> float:
    """NaN stands for what is no number until every mistake has been collected."""
    number = parse_number(text)
    return math.nan if number is None else number


def _differences(number: int, row: dict[str, object], schema: Schema) -> list[str]:
    missing = [name for name in schema.features if name not in row]
    extra = sorted(set(row) - set(schema.features))
    found = []
    if missing:
        found.append(f"row {number}: missing features {shown_names(missing)}")
    if extra:
        found.append(f"row {number}: unknown features {shown_names(extra)}")
    return found


def _is_text(value: object) -> bool:
    """Text that can be encoded (a lone surrogate cannot), or nothing."""
    if not isinstance(value, str):
        return value is None
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and is_date(value) and parse_number(value) is not None


def _number_of(value: object) -> float | None:
    return parse_number(value) if isinstance(value, str) else value if isinstance(value, float) else None


def _cell(value: object, missing: frozenset[str]) -> str | None:
    return None if value is None or value in missing else str(value)


def _raise(mistakes: Sequence[str]) -> None:
    if mistakes:
        more = len(mistakes) - MISTAKES_SHOWN
        shown = "; ".join(mistakes[:MISTAKES_SHOWN])
        raise RequestError(shown + (f"; and {more} more mistakes" if more > 0 else ""))
