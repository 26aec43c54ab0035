"""Parquet as the text that a CSV file would hold, so that every table is held against the same rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import ParquetFile

CELL_BYTES = 8
"""Of a cell in CSV, about."""


class ParquetError(ValueError):
    """The file is no Parquet, or holds what no table of plain values holds; never says what is in it."""


def size_as_csv(path: Path) -> int:
    """In bytes, about: a file of repeated values is a hundredth of what it holds."""
    try:
        metadata = ParquetFile(path).metadata
    except pa.ArrowException:
        return path.stat().st_size
    return int(metadata.num_rows * metadata.num_columns * CELL_BYTES)


def read_parquet(path: Path) -> tuple[tuple[str, ...], list[list[str]]]:
    """Names of the columns, and rows; raises ParquetError."""
    try:
        table = ParquetFile(path).read()
        columns = [_as_text(column) for column in table.columns]
        nested = [position for position, column in enumerate(columns, start=1) if column is None]
        if nested:
            positions = ", ".join(str(position) for position in nested)
            raise ParquetError(f"has no plain values, such as numbers and texts, in column {positions}")
        names = tuple(table.column_names)
        return names, [list(row) for row in zip(*_cells(columns), strict=True)]
    except (pa.ArrowException, UnicodeDecodeError):
        raise ParquetError("is no Parquet file that can be read") from None


def _cells(columns: Sequence[pa.ChunkedArray | None]) -> Iterator[list[str]]:
    for column in columns:
        if column is not None:
            yield pc.fill_null(column, "").to_pylist()


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Numbers as they are read back, dates in ISO 8601 and UTC; None for nested and binary values."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        # A NaN is how many libraries write that a value is missing.
        known = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        return known.cast(pa.float64() if pa.types.is_float16(kind) else kind).cast(pa.string())
    if pa.types.is_timestamp(kind) and kind.tz:
        return column.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.string())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return None
    return column.cast(pa.string())
