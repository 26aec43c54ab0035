"""Writing the parts of a table, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from columns import Columns
from tabular import Schema
from texts import CHUNK_ROWS, as_csv, quoted


def write_parts(output: Path, columns: Columns, parts: Mapping[str, np.ndarray], schema: Schema) -> None:
    """Write `<output>/<name>/<name>.csv` with the rows of each part, and schema.json: all of them or none."""
    written: list[tuple[Path, Path]] = []
    try:
        for name, rows in parts.items():
            folder = output / name
            folder.mkdir(parents=True, exist_ok=True)
            # Beside its final place, because each output folder can be a mount of its own.
            partial = folder / f".{name}.csv.partial"
            written.append((partial, folder / f"{name}.csv"))
            _write_csv(partial, columns, rows)
    except BaseException:
        for partial, _ in written:
            partial.unlink(missing_ok=True)
        raise
    for partial, final in written:
        partial.replace(final)
        schema.write(final.parent)


def _write_csv(path: Path, columns: Columns, rows: np.ndarray) -> None:
    header = ",".join(map(quoted, columns.values))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{header}\n")
        for start in range(0, len(rows), CHUNK_ROWS):
            chunk = columns.take(rows[start : start + CHUNK_ROWS])
            lines = pc.binary_join_element_wise(*map(as_csv, chunk.values.values()), ",")
            file.write("\n".join([*lines.to_pylist(), ""]))
