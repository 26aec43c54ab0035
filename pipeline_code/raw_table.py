"""Reading raw CSV, JSON and Parquet strictly: what pandas would repair is a mistake with its line.

Files are read in chunks of rows, as columns of text, so that a table is never in memory as it was written.
"""

from __future__ import annotations

import codecs
import csv
import json
import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import parquet
import pyarrow as pa
from pyarrow.csv import ConvertOptions, InvalidRow, ParseOptions, ReadOptions, open_csv
from tabular import LONGEST_ROW_BYTES, DataError
from texts import CHUNK_ROWS

if TYPE_CHECKING:
    from _csv import Reader

Chunk = Mapping[str, pa.Array]
"""Some rows: the wanted columns as text, by name; an empty text is a cell without a value."""
BLOCK_BYTES = 1 << 20
NEWLINE = b"\n"
POSITIONS_NAMED = 5
MANIFESTS = ("manifest-files.json", "manifest-summary.json")
SURROGATES = "\ud800", "\udfff"
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
# The largest cell; the csv module's own default of 128 KiB would reject long free text.
csv.field_size_limit(16 * 1024 * 1024)


@dataclass
class RawTable:
    """What all files together are: the header that they share, and every mistake found while reading."""

    wanted: frozenset[str]
    """Columns that somebody uses; others are not kept."""
    header: tuple[str, ...] = ()
    row_count: int = 0
    mistakes: list[str] = field(default_factory=list)

    def accepts(self, header: tuple[str, ...], name: str) -> bool:
        """Headers are told by position: where one is missing, its place holds somebody's data."""
        count = Counter(header)
        if not header:
            self.mistakes.append(f"{name} begins with an empty line; the first one names the columns")
            return False
        duplicates = [position for position, column in enumerate(header, start=1) if count[column] > 1]
        if duplicates:
            self.mistakes.append(f"{name} has duplicate columns: {numbered(duplicates, 'column')}")
            return False
        if self.header and header != self.header:
            pairs = enumerate(zip_longest(header, self.header), start=1)
            different = numbered([position for position, (here, there) in pairs if here != there], "column")
            self.mistakes.append(f"{name} has another header than the file before it: {different}")
            return False
        self.header = header
        return True

    def check_rows(self, mistake: str) -> None:
        """When everything has been read."""
        if not self.row_count and not self.mistakes:
            self.mistakes.append(mistake)

    def chunk_of_rows(self, rows: Sequence[Sequence[str]]) -> Chunk:
        """Rows with a cell for each column of the header."""
        self.row_count += len(rows)
        columns = zip(self.header, zip(*rows, strict=True), strict=True)
        return {name: pa.array(cells, pa.string()) for name, cells in columns if name in self.wanted}


def read_raw(folder: Path, table: RawTable) -> Iterator[Chunk]:
    """All rows of all files below the folder, which are one table; raises DataError when there are none."""
    paths = raw_files(folder)
    check_memory(sum(map(memory_bytes, paths)), physical_memory_bytes())
    for path in paths:
        yield from READERS[path.suffix](path, path.relative_to(folder).as_posix(), table)
    table.check_rows("there is a header but not a single row")


def raw_files(folder: Path) -> list[Path]:
    """Those below the folder that hold rows, in the order in which they are read; raises DataError."""
    paths = files_below(folder)
    if not paths:
        raise DataError(
            f"no *.csv file below {folder}, and no *.jsonl or *.parquet; "
            "upload the raw data there or change the input location"
        )
    return paths


def files_below(folder: Path) -> list[Path]:
    """All files that are read, in their order; what DynamoDB says about an export is no data."""
    found = (path for suffix in READERS for path in folder.rglob(f"*{suffix}"))
    return sorted(path for path in found if path.name not in MANIFESTS)


def physical_memory_bytes() -> int:
    """The memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def check_memory(needed_bytes: int, memory_bytes: int) -> None:
    """Raise DataError when a table would not fit into this memory, before anything is read."""
    if needed_bytes > memory_bytes:
        raise DataError(
            f"the raw data need about {needed_bytes / 1e9:.1f} GB of memory, "
            f"this instance has {memory_bytes / 1e9:.1f} GB; choose a larger processing_instance_type"
        )


MEMORY_BYTES_PER_BYTE = {".csv": 4, ".json": 20, ".jsonl": 20, ".parquet": 4}
"""An object of JSON is one of Python until its file is read; of Parquet, a byte is one of CSV."""


def memory_bytes(path: Path) -> int:
    size = parquet.size_as_csv(path) if path.suffix == ".parquet" else path.stat().st_size
    return size * MEMORY_BYTES_PER_BYTE[path.suffix]


def _read_csv(path: Path, name: str, table: RawTable) -> Iterator[Chunk]:
    found = _look_at_bytes(path)
    if found.mistake:
        table.mistakes.append(f"{name} {found.mistake}")
        return
    ragged: list[int] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            if table.accepts(tuple(next(reader)), name):
                if found.has_quotes:
                    yield from map(table.chunk_of_rows, _rows(reader, len(table.header), ragged))
                elif not (yield from _columns(path, table)):
                    # Arrow counts no empty lines.
                    deque(_rows(reader, len(table.header), ragged), maxlen=0)
        except csv.Error as error:
            table.mistakes.append(f"{name} is not valid CSV in line {reader.line_num}: {error}")
        except pa.ArrowInvalid:
            table.mistakes.append(f"{name} has a row of more than {LONGEST_ROW_BYTES / 1e6:.0f} MB")
    if ragged:
        lines = numbered(ragged, "line")
        table.mistakes.append(f"{name} has {len(ragged)} rows without {len(table.header)} fields ({lines})")


def _columns(path: Path, table: RawTable) -> Generator[Chunk, None, bool]:
    """Of a file without a quote in its rows: a comma is a comma. Arrow and Python disagree about others.

    Returns whether all rows have a cell for each column; those that have not are skipped.
    """
    ragged: list[InvalidRow] = []

    def skip(row: InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    reading = ReadOptions(block_size=LONGEST_ROW_BYTES, column_names=table.header, skip_rows=1)
    parsing = ParseOptions(quote_char=False, invalid_row_handler=skip)
    used = [column for column in table.header if column in table.wanted]
    converting = ConvertOptions(
        column_types=dict.fromkeys(used, pa.string()),
        include_columns=used or [table.header[0]],
        check_utf8=False,
    )
    with open_csv(path, reading, parsing, converting) as reader:
        for batch in reader:
            table.row_count += batch.num_rows
            yield {column: batch[column] for column in used}
    return not ragged


def _rows(reader: Reader, width: int, ragged: list[int]) -> Iterator[list[list[str]]]:
    rows: list[list[str]] = []
    for row in reader:
        if len(row) == width:
            rows.append(row)
        elif row:
            ragged.append(reader.line_num)
        if len(rows) == CHUNK_ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


def has_quotes(path: Path) -> bool:
    """Whether Python must read this CSV, in which a line may be the middle of a row."""
    return _look_at_bytes(path).has_quotes


@dataclass(frozen=True)
class _Bytes:
    """What the bytes of a file of text say before anybody reads it as a table."""

    mistake: str = ""
    has_quotes: bool = False
    """Below its first line, which Python reads; many programs put the names of columns in quotes."""


def _look_at_bytes(path: Path) -> _Bytes:
    """Whether a file holds something, all of it UTF-8 and without a NUL; what is wrong is told by line."""
    decoder, line, is_empty, quotes = codecs.getincrementaldecoder("utf-8")(), 1, True, _Quotes()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(BLOCK_BYTES), b""):
            if b"\0" in block and not (is_empty and block.startswith(BYTE_ORDER_MARKS)):
                return _Bytes(f"has a NUL byte in line {line + block.count(NEWLINE, 0, block.index(0))}")
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                line += error.object.count(NEWLINE, 0, error.start)
                return _Bytes(f"is not UTF-8 (line {line}); export it again as UTF-8")
            line += block.count(NEWLINE)
            is_empty = is_empty and not block.strip()
            quotes.look_at(block)
    return _Bytes("is empty" if is_empty else "", quotes.are_there or quotes.in_first_line)


@dataclass
class _Quotes:
    """Looks for quotes below the first line of a file, block by block."""

    in_first_line: bool = True
    are_there: bool = False

    def look_at(self, block: bytes) -> None:
        if self.in_first_line:
            first, newline, rest = block.partition(NEWLINE)
            self.in_first_line = not newline
            # Where lines end with a carriage return alone, there are several of them.
            block = block if b"\r" in first[:-1] else rest
        self.are_there = self.are_there or b'"' in block


def _read_json_lines(path: Path, name: str, table: RawTable) -> Iterator[Chunk]:
    """One object per line: what it lacks is missing, numbers stay as they are written, true is a text."""
    if mistake := _look_at_bytes(path).mistake:
        table.mistakes.append(f"{name} {mistake}")
        return
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        numbered_rows = [
            (line, _json_object(content)) for line, content in enumerate(file, start=1) if content.strip()
        ]
    yield from _objects(numbered_rows, "line", name, table)


def _read_json(path: Path, name: str, table: RawTable) -> Iterator[Chunk]:
    """A list of objects; many programs write an object per line into such a file, too."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        is_list = file.read(BLOCK_BYTES).lstrip()[:1] == "["
    mistake = _look_at_bytes(path).mistake
    if not is_list or mistake:
        yield from _read_json_lines(path, name, table)
        return
    try:
        document = _loaded(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError):
        table.mistakes.append(f"{name} is not valid JSON")
        return
    yield from _objects(list(enumerate(map(_row, document), start=1)), "object", name, table)


def _objects(
    rows: Sequence[tuple[int, dict[str, str] | None]], what: str, name: str, table: RawTable
) -> Iterator[Chunk]:
    """Rows with their positions in the file; no row is a mistake."""
    if wrong := [position for position, row in rows if row is None]:
        places = numbered(wrong, what)
        table.mistakes.append(
            f"{name} has {len(wrong)} {what}s that are no object of plain values ({places})"
        )
    objects = [row for _, row in rows if row is not None]
    names = tuple(dict.fromkeys(column for row in objects for column in row))
    # An object has no order: that of the first file holds.
    header = table.header if set(names) == set(table.header) else names
    if objects and table.accepts(header, name):
        for start in range(0, len(objects), CHUNK_ROWS):
            chosen = objects[start : start + CHUNK_ROWS]
            yield table.chunk_of_rows([[row.get(column, "") for column in header] for row in chosen])


def _loaded(text: str) -> Any:
    """Raises ValueError, and RecursionError for what is too deep."""
    return json.loads(text, object_pairs_hook=_Pairs, parse_int=str, parse_float=str, parse_constant=str)


def _json_object(text: str) -> dict[str, str] | None:
    try:
        return _row(_loaded(text))
    except (ValueError, RecursionError):
        return None


def _row(pairs: object) -> dict[str, str] | None:
    """The cells by column; None when it is no object, has lists or objects inside, or a key twice."""
    if not isinstance(pairs, _Pairs) or len(dict(pairs)) < len(pairs):
        return None
    cells = {column: _cell(value) for column, value in pairs}
    if any(isinstance(value, list) for _, value in pairs) or not all(map(_is_writable, cells.values())):
        return None
    return cells


class _Pairs(list[tuple[str, object]]):
    """An object with its keys as often as they are written."""


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value).lower()


def _is_writable(text: str) -> bool:
    """Whether it can be encoded: JSON can name half a character."""
    low, high = SURROGATES
    return text.isascii() or not any(low <= character <= high for character in text)


def _read_parquet(path: Path, name: str, table: RawTable) -> Iterator[Chunk]:
    try:
        with parquet.opened(path) as file:
            if table.accepts(tuple(file.schema_arrow.names), name):
                parquet.check_types(file.schema_arrow, table.wanted)
                for chunk in parquet.chunks(file, table.wanted, CHUNK_ROWS):
                    table.row_count += chunk.num_rows
                    yield dict(zip(chunk.schema.names, chunk.columns, strict=True))
    except parquet.ParquetError as error:
        table.mistakes.append(f"{name} {error}")


READERS: dict[str, Callable[[Path, str, RawTable], Iterator[Chunk]]] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".parquet": _read_parquet,
}


def numbered(positions: Sequence[int], what: str) -> str:
    """The first of some positions: `columns 3, 4, ...`."""
    shown = [str(position) for position in positions[:POSITIONS_NAMED]]
    more = ["..."] if len(positions) > POSITIONS_NAMED else []
    return f"{what}{'s' if len(positions) > 1 else ''} {', '.join([*shown, *more])}"
