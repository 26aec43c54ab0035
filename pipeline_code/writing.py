"""Writing the parts of a table, all of them or none."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from columns import Cell, Columns
from tabular import Schema

LARGEST_EXACT_INTEGER = 2**53


def write_parts(output: Path, parts: Mapping[str, Columns], schema: Schema) -> None:
    """Write `<output>/<name>/<name>.csv` per part, beside it schema.json; a failure leaves none of them."""
    written: list[tuple[Path, Path]] = []
    try:
        for name, columns in parts.items():
            folder = output / name
            folder.mkdir(parents=True, exist_ok=True)
            # Beside its final place, because each output folder can be a mount of its own.
            partial = folder / f".{name}.csv.partial"
            written.append((partial, folder / f"{name}.csv"))
            _write_csv(partial, columns)
    except BaseException:
        for partial, _ in written:
            partial.unlink(missing_ok=True)
        raise
    for partial, final in written:
        partial.replace(final)
        schema.write(final.parent)


def _write_csv(path: Path, columns: Columns) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns.values)
        writer.writerows(_texts(row) for row in zip(*columns.values.values(), strict=True))


def _texts(row: Iterable[Cell]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: Cell) -> str:
    """Numbers in their shortest exact form, a whole one without a point; a missing cell is empty."""
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < LARGEST_EXACT_INTEGER
        return str(int(cell)) if whole else repr(cell)
    return cell or ""
