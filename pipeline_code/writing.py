"""Writing the parts of a table, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from columns import Columns
from tabular import Schema
from texts import CHUNK_ROWS, as_csv, quoted

Lines = Iterable[Sequence[str]]
"""Rows of CSV, some at a time."""


def write_parts(output: Path, parts: Iterable[tuple[str, Lines]], schema: Schema) -> None:
    """Write `<output>/<name>/<name>.csv` with the rows of each part, and schema.json: all of them or none."""
    written: list[tuple[Path, Path]] = []
    try:
        for name, lines in parts:
            folder = output / name
            folder.mkdir(parents=True, exist_ok=True)
            # Beside its final place, because each output folder can be a mount of its own.
            partial = folder / f".{name}.csv.partial"
            written.append((partial, folder / f"{name}.csv"))
            _write_csv(partial, schema.columns, lines)
    except BaseException:
        for partial, _ in written:
            partial.unlink(missing_ok=True)
        raise
    for partial, final in written:
        partial.replace(final)
        schema.write(final.parent)


def lines_of(columns: Columns, rows: np.ndarray) -> Iterator[list[str]]:
    """These rows, in this order."""
    for start in range(0, len(rows), CHUNK_ROWS):
        yield as_lines(columns.take(rows[start : start + CHUNK_ROWS]))


def as_lines(columns: Columns) -> list[str]:
    lines: list[str] = pc.binary_join_element_wise(*map(as_csv, columns.values.values()), ",").to_pylist()
    return lines


def _write_csv(path: Path, header: Sequence[str], lines: Lines) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(map(quoted, header)) + "\n")
        for chunk in lines:
            file.write("\n".join([*chunk, ""]))
