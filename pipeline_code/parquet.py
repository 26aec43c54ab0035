"""Parquet as the text that a CSV file would hold, so that every table is held against the same rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import ParquetFile

CELL_BYTES = 8
"""Of a cell in CSV, about."""


class ParquetError(ValueError):
    """The file is no Parquet, or holds what no table of plain values holds; never says what is in it."""


@contextmanager
def opened(path: Path) -> Iterator[ParquetFile]:
    """Whatever pyarrow cannot read is a ParquetError."""
    try:
        with ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, UnicodeDecodeError):
        raise ParquetError("is no Parquet file that can be read") from None


def size_as_csv(path: Path) -> int:
    """In bytes, about: a file of repeated values is a hundredth of what it holds."""
    try:
        with opened(path) as file:
            return int(file.metadata.num_rows * file.metadata.num_columns * CELL_BYTES)
    except ParquetError:
        return path.stat().st_size


def check_types(schema: pa.Schema, wanted: Collection[str]) -> None:
    """Raise ParquetError where a wanted column has no plain values."""
    types = enumerate(zip(schema.names, schema.types, strict=True), start=1)
    refused = [str(position) for position, (name, kind) in types if name in wanted and not _is_plain(kind)]
    if refused:
        raise ParquetError(f"has no plain values, such as numbers and texts, in column {', '.join(refused)}")


def chunks(file: ParquetFile, wanted: Collection[str], rows: int) -> Iterator[pa.RecordBatch]:
    """The wanted columns as text, so many rows at a time."""
    for batch in file.iter_batches(batch_size=rows):
        columns = {
            name: _as_text(column)
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
            if name in wanted
        }
        yield pa.record_batch(columns) if columns else batch.select([])


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    is_binary = (
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    )
    return not pa.types.is_nested(kind) and not is_binary


def _as_text(column: pa.Array) -> pa.Array:
    """Numbers as they are read back, dates in ISO 8601 and UTC, nothing for null and NaN."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        # A NaN is how many libraries write that a value is missing.
        known = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        column = known.cast(pa.float64()) if pa.types.is_float16(kind) else known
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    return pc.fill_null(column.cast(pa.string()), "")
