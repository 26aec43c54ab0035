"""Reading what DynamoDB exports to S3: an item per line, and the type of each value beside it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path

import pyarrow as pa
from raw_table import (
    READERS,
    Chunk,
    RawTable,
    check_memory,
    files_below,
    numbered,
    physical_memory_bytes,
    raw_files,
    read_raw,
)
from tabular import DataError
from texts import CHUNK_ROWS

SUFFIX = ".json.gz"
NO_ITEM = "the export of DynamoDB has not a single item"
MEMORY_BYTES_PER_BYTE = 2
"""Names and types stand beside every value."""
_SIZE_BYTES = 4
_PLAIN = ("S", "N", "BOOL", "NULL")


def read_delivery(folder: Path, table: RawTable) -> Iterator[Chunk]:
    """All rows below the folder: those of an export, if there is one, else of files; raises DataError."""
    paths = delivered(folder)
    if not is_export(paths):
        yield from read_raw(folder, table)
        return
    check_memory(sum(map(_size, paths)) * MEMORY_BYTES_PER_BYTE, physical_memory_bytes())
    for path in paths:
        yield from _read_part(path, path.relative_to(folder).as_posix(), table)
    table.check_rows(NO_ITEM)


def delivered(folder: Path) -> list[Path]:
    """The parts of an export, if there is one, else the files that hold rows; raises DataError."""
    parts = sorted(folder.rglob(f"*{SUFFIX}"))
    if parts and files_below(folder):
        raise DataError("there is an export of DynamoDB and other files beside it; a delivery is one table")
    return parts or raw_files(folder)


def is_export(paths: Sequence[Path]) -> bool:
    return paths[0].name.endswith(SUFFIX)


def reader_of(path: Path) -> Callable[[Path, str, RawTable], Iterator[Chunk]]:
    return _read_part if is_export([path]) else READERS[path.suffix]


def _read_part(path: Path, name: str, table: RawTable) -> Iterator[Chunk]:
    """Items need not have every attribute: the table's columns are those of all items of all parts."""
    names = dict.fromkeys(table.header)
    for rows in _rows(path, name, table):
        table.row_count += len(rows)
        names |= dict.fromkeys(column for row in rows for column in row)
        yield {name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in table.wanted}
    table.header = tuple(names)


def _size(path: Path) -> int:
    """Unpacked, as the end of the file says."""
    with path.open("rb") as file:
        file.seek(-min(_SIZE_BYTES, path.stat().st_size), 2)
        return int.from_bytes(file.read(), "little")


def _rows(path: Path, name: str, table: RawTable) -> Iterator[list[dict[str, str]]]:
    rows: list[dict[str, str]] = []
    wrong: list[int] = []
    try:
        with gzip.open(path) as file:
            for line, content in enumerate(file, start=1):
                row = _row(content, table.wanted)
                rows += [row] if row is not None else []
                wrong += [line] if row is None else []
                if len(rows) == CHUNK_ROWS:
                    yield rows
                    rows = []
    except (OSError, EOFError, zlib.error):
        table.mistakes.append(f"{name} is damaged: it cannot be unpacked")
    if wrong:
        lines = numbered(wrong, "line")
        table.mistakes.append(f"{name} has {len(wrong)} lines that are no item of plain values ({lines})")
    if rows:
        yield rows


def _row(line: bytes, wanted: Set[str]) -> dict[str, str] | None:
    """The cells by attribute; None when it is no item, or a wanted one is a set, a list, a map or bytes."""
    try:
        item = json.loads(line)["Item"]
        return {name: _cell(value) if name in wanted else "" for name, value in item.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _cell(value: Mapping[str, object]) -> str:
    """Raises ValueError for what is not plain, and for half a character, which nothing can write."""
    ((kind, content),) = value.items()
    if kind not in _PLAIN:
        raise ValueError(kind)
    if kind == "NULL":
        return ""
    text = content if isinstance(content, str) else str(content).lower()
    text.encode()
    return text
