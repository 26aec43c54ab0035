"""From cells of text to typed columns, with every mistake of every column collected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from raw_table import RawTable, numbered
from tabular import DataError, Schema, is_date, parse_number

Cell = float | str | None
MOST_LABELS = 100
SAME = 0.99999
"""The correlation from which on two columns say the same; cents that are rounded leave it below 1."""


@dataclass(frozen=True)
class Columns:
    """Typed columns of equal length: numbers as float, text as str, a missing cell as None."""

    values: dict[str, list[Cell]]

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), []))

    def take(self, rows: Sequence[int]) -> Columns:
        """Only these rows, in this order."""
        return Columns({name: [cells[row] for row in rows] for name, cells in self.values.items()})


@dataclass
class Findings:
    """What is wrong with the table (the step fails) and what is worth knowing (the step goes on)."""

    mistakes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_settings(schema: Schema, drop: Sequence[str]) -> None:
    """Raise DataError when the step's arguments contradict each other."""
    mistakes = []
    used = [*schema.columns, *drop]
    repeated = sorted({name for name in used if used.count(name) > 1})
    if repeated:
        mistakes.append(f"columns with more than one part to play: {', '.join(repeated)}")
    if not schema.features:
        mistakes.append("no features; give --numeric or --categorical")
    if schema.target_transform == "log" and not schema.target_is_number:
        mistakes.append("--target-transform log needs --problem regression")
    if (schema.positive is not None) != (schema.problem == "binary-classification"):
        mistakes.append("--positive belongs to --problem binary-classification, and it needs one")
    if mistakes:
        raise DataError("; ".join(mistakes))


def parse_columns(table: RawTable, schema: Schema, drop: Sequence[str]) -> tuple[Columns, Findings]:
    """The schema's columns of the table, typed. Rows of a column with mistakes are not to be used."""
    findings = Findings()
    if not table.header:
        return Columns({}), findings
    missing = [name for name in schema.columns if name not in table.header]
    if len(missing) == len(schema.columns):
        findings.mistakes.append("no column has a name that is configured; is the first line a header?")
    elif missing:
        findings.mistakes.append(f"missing columns: {', '.join(missing)}")
    used = {*schema.columns, *drop}
    extra = [position for position, name in enumerate(table.header, start=1) if name not in used]
    if extra:
        findings.notes.append(
            f"{len(extra)} columns that nothing uses are ignored: {numbered(extra, 'column')}"
        )
    numbers = {*schema.numeric, schema.target} if schema.target_is_number else set(schema.numeric)
    values: dict[str, list[Cell]] = {}
    missing_texts = frozenset(schema.missing_values)
    for name in schema.columns:
        if name in table.header:
            cells = ["" if cell in missing_texts else cell for cell in table.column(name)]
            values[name] = (
                _numbers(name, cells, findings) if name in numbers else [cell or None for cell in cells]
            )
            _look_at(name, values[name], findings)
    findings.notes += correlations({name: values[name] for name in schema.numeric if name in values})
    return Columns(values), findings


def check_target(columns: Columns, schema: Schema) -> list[str]:
    """Mistakes that make the target unusable for the problem; call with the rows that have one."""
    known = [cell for cell in columns.values.get(schema.target, []) if cell is not None]
    if not known:
        return []
    if not schema.target_is_number:
        return list(_mistakes_of_labels({str(cell) for cell in known}, schema))
    not_positive = sum(1 for cell in known if isinstance(cell, float) and cell <= 0)
    if schema.target_transform == "log" and not_positive:
        return [f"{schema.target} is not positive in {not_positive} rows, its logarithm needs that"]
    return []


def _mistakes_of_labels(labels: set[str], schema: Schema) -> Iterator[str]:
    found, is_binary = f"{schema.target} has {len(labels)} different labels", schema.positive is not None
    if is_binary and len(labels) != 2:
        more = "; multiclass-classification takes more" if len(labels) > 2 else ""
        yield f"{found}, binary-classification needs exactly 2{more}"
    elif is_binary and schema.positive not in labels:
        yield f"{schema.target} is nowhere {schema.positive}, which is configured as the positive label"
    elif not is_binary and len(labels) < 3:
        yield f"{found}, multiclass-classification needs 3 or more; binary-classification takes 2"
    elif len(labels) > MOST_LABELS:
        yield f"{found}, more than {MOST_LABELS}: is it a quantity, or does it identify rows?"


def correlations(numbers: Mapping[str, Sequence[Cell]]) -> list[str]:
    """Notes about columns that say the same as another one, which comes before them."""
    filled = {name: _filled(cells) for name, cells in numbers.items()}
    varying = {name: column for name, column in filled.items() if column.size > 2 and np.ptp(column) > 0}
    if len(varying) < 2:
        return []
    names, shares = [*varying], np.abs(np.corrcoef([*varying.values()]))
    first = [int(np.argmax(shares[row] >= SAME)) for row in range(len(names))]
    return [
        f"{name} and {names[before]} are perfectly correlated; one of them could be dropped"
        for row, (name, before) in enumerate(zip(names, first, strict=True))
        if before < row
    ]


def _filled(cells: Sequence[Cell]) -> np.ndarray:
    column = np.array([math.nan if cell is None else cell for cell in cells], dtype=np.float64)
    known = column[np.isfinite(column)]
    return np.where(np.isfinite(column), column, known.mean()) if known.size else np.empty(0)


def _numbers(name: str, cells: Sequence[str], findings: Findings) -> list[Cell]:
    parsed = [parse_number(cell) if cell else None for cell in cells]
    text = sum(1 for cell, number in zip(cells, parsed, strict=True) if cell and number is None)
    dates = sum(1 for cell in cells if is_date(cell))
    if 0 < dates < sum(1 for cell in cells if cell):
        findings.mistakes.append(f"{name} has dates in {dates} of {len(cells)} rows, and numbers in others")
    infinite = sum(1 for number in parsed if number is not None and math.isinf(number))
    if text:
        findings.mistakes.append(f"{name} is numeric but has text in {text} of {len(cells)} rows")
    if infinite:
        findings.mistakes.append(f"{name} is infinite in {infinite} of {len(cells)} rows")
    return list(parsed)


def _look_at(name: str, cells: Sequence[Cell], findings: Findings) -> None:
    missing = sum(1 for cell in cells if cell is None)
    already_reported = any(mistake.startswith(f"{name} ") for mistake in findings.mistakes)
    if cells and missing == len(cells) and not already_reported:
        findings.mistakes.append(f"{name} is missing in all {missing} rows")
    elif missing:
        findings.notes.append(f"{name} is missing in {missing} of {len(cells)} rows")
    if cells and not missing and len(set(cells)) == 1:
        findings.notes.append(f"{name} is the same in all rows and cannot help to predict")
