"""Reading raw CSV, JSON Lines and Parquet strictly: what pandas would repair is a mistake with its line."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from tabular import DataError

if TYPE_CHECKING:
    from _csv import Reader

# A cell of a few characters becomes a Python string of about 55 bytes and two pointers to it.
MEMORY_BYTES_PER_FILE_BYTE = 20
POSITIONS_NAMED = 5
PARQUET = ".parquet"
SUFFIXES = (".csv", ".jsonl", PARQUET)
# The largest cell; the csv module's own default of 128 KiB would reject long free text.
csv.field_size_limit(16 * 1024 * 1024)


@dataclass
class RawTable:
    """The rows of all files as text, the header they share, and every mistake found while reading."""

    header: tuple[str, ...] = ()
    rows: list[list[str]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """All cells of one column; the name must be in the header."""
        position = self.header.index(name)
        return [row[position] for row in self.rows]


def read_raw(folder: Path) -> RawTable:
    """Read all files below the folder as one table; raises DataError when it cannot."""
    paths = sorted(path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}"))
    if not paths:
        raise DataError(
            f"no *.csv file below {folder}, and no *.jsonl or *.parquet; "
            "upload the raw data there or change the input location"
        )
    check_memory(sum(_size_as_csv(path) for path in paths), physical_memory_bytes())
    table = RawTable()
    for path in paths:
        read = _read_parquet if path.suffix == PARQUET else _read_text
        read(path, path.relative_to(folder).as_posix(), table)
    if table.header and not table.rows and not table.mistakes:
        table.mistakes.append("there is a header but not a single row")
    return table


def physical_memory_bytes() -> int:
    """The memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_memory(file_bytes: int, memory_bytes: int) -> None:
    """Raise DataError when files of this size would not fit into this memory, before anything is read."""
    needed = file_bytes * MEMORY_BYTES_PER_FILE_BYTE
    if needed > memory_bytes:
        raise DataError(
            f"{file_bytes / 1e9:.1f} GB of raw CSV need about {needed / 1e9:.0f} GB of memory, "
            f"this instance has {memory_bytes / 1e9:.0f} GB; choose a larger processing_instance_type"
        )


def _size_as_csv(path: Path) -> int:
    if path.suffix != PARQUET:
        return path.stat().st_size
    # pyarrow takes half a second to import, which a delivery of CSV need not wait for.
    import parquet

    return parquet.size_as_csv(path)


def _read_parquet(path: Path, name: str, table: RawTable) -> None:
    import parquet

    try:
        header, rows = parquet.read_parquet(path)
    except parquet.ParquetError as error:
        table.mistakes.append(f"{name} {error}")
        return
    if _accept_header(header, name, table):
        table.rows += rows


def _read_text(path: Path, name: str, table: RawTable) -> None:
    content = path.read_bytes()
    if not content.strip():
        table.mistakes.append(f"{name} is empty")
        return
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        table.mistakes.append(f"{name} has a NUL byte in line {_line_of(content, content.index(0))}")
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_of(content, error.start)
        table.mistakes.append(f"{name} is not UTF-8 (line {line}); export it again as UTF-8")
        return
    if path.suffix == ".jsonl":
        read_json_lines(text, name, table)
    else:
        _read_rows(csv.reader(io.StringIO(text, newline=""), strict=True), name, table)


def read_json_lines(text: str, name: str, table: RawTable) -> None:
    """One object per line: what it lacks is missing, numbers stay as they are written, true is a text."""
    objects, wrong = [], []
    for line, content in enumerate(text.split("\n"), start=1):
        if content.strip():
            row = _json_object(content)
            objects += [row] if row is not None else []
            wrong += [line] if row is None else []
    if wrong:
        lines = numbered(wrong, "line")
        table.mistakes.append(f"{name} has {len(wrong)} lines that are no object of plain values ({lines})")
    names = tuple(dict.fromkeys(column for row in objects for column in row))
    # An object has no order: that of the first file holds.
    header = table.header if set(names) == set(table.header) else names
    if objects and _accept_header(header, name, table):
        table.rows += [[row.get(column, "") for column in header] for row in objects]


def _json_object(text: str) -> dict[str, str] | None:
    """The cells by column; None when it is no object, has lists or objects inside, or a key twice."""
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, _Pairs) or len(dict(pairs)) < len(pairs):
        return None
    if any(isinstance(value, list) for _, value in pairs):
        return None
    return {column: _cell(value) for column, value in pairs}


class _Pairs(list[tuple[str, object]]):
    """An object with its keys as often as they are written."""


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value).lower()


def _read_rows(reader: Reader, name: str, table: RawTable) -> None:
    ragged: list[int] = []
    try:
        header = tuple(next(reader))
        if not _accept_header(header, name, table):
            return
        for row in reader:
            if len(row) == len(header):
                table.rows.append(row)
            elif row:
                ragged.append(reader.line_num)
    except csv.Error as error:
        table.mistakes.append(f"{name} is not valid CSV in line {reader.line_num}: {error}")
    if ragged:
        lines = numbered(ragged, "line")
        table.mistakes.append(f"{name} has {len(ragged)} rows without {len(header)} fields ({lines})")


def _accept_header(header: tuple[str, ...], name: str, table: RawTable) -> bool:
    """Headers are told by position: where one is missing, its place holds somebody's data."""
    count = Counter(header)
    duplicates = [position for position, column in enumerate(header, start=1) if count[column] > 1]
    if duplicates:
        table.mistakes.append(f"{name} has duplicate columns: {numbered(duplicates, 'column')}")
        return False
    if table.header and header != table.header:
        pairs = enumerate(zip_longest(header, table.header), start=1)
        different = numbered([position for position, (here, there) in pairs if here != there], "column")
        table.mistakes.append(f"{name} has another header than the file before it: {different}")
        return False
    table.header = header
    return True


def numbered(positions: Sequence[int], what: str) -> str:
    """The first of some positions: `columns 3, 4, ...`."""
    shown = [str(position) for position in positions[:POSITIONS_NAMED]]
    more = ["..."] if len(positions) > POSITIONS_NAMED else []
    return f"{what}{'s' if len(positions) > 1 else ''} {', '.join([*shown, *more])}"


def _line_of(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1
