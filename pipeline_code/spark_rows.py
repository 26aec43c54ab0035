"""What Spark's workers do with rows, some at a time: the same functions as on one machine.

Columns of Spark have no names of the table's: `c0` is its first column, because Spark's names know no case.
`high` and `low` are a row's digest, as numbers whose order is that of digests without a sign.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from columns import Columns, Numbers, missing_cells, readers
from dynamodb_export import reader_of
from personal import coarser_column
from raw_table import RawTable, has_quotes
from split import Split, digests, parts_of
from tabular import Schema
from writing import as_lines

Batches = Iterator[pa.RecordBatch]
Work = Callable[[Batches], Batches]
_SIGN = np.uint64(1 << 63)
_KINDS = {
    "int": pa.int32(),
    "long": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
}


@dataclass(frozen=True)
class Piece:
    """A file of the delivery, or the lines of a large CSV file that begin between two bytes."""

    number: int
    """Its place in the delivery."""
    path: str
    name: str
    start: int = 0
    end: int = 0
    """0 for the whole file."""


@dataclass(frozen=True)
class Told:
    """What was found out about a piece beside its rows."""

    number: int
    again: bool = False
    """Whether one worker must read the whole file: a row may have several lines, a mistake has a line."""
    header: tuple[str, ...] = ()
    rows: int = 0
    mistakes: tuple[str, ...] = ()
    counts: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    """By numeric column: its texts, its dates, its infinite numbers."""

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Told:
        content = json.loads(text)
        counts = {name: tuple(counts) for name, counts in content["counts"].items()}
        lists = {name: tuple(content[name]) for name in ("header", "mistakes")}
        return cls(**{**content, **lists, "counts": counts})


def names_in_spark(table: Schema) -> dict[str, str]:
    """By column of the table, what Spark calls it."""
    return {name: f"c{position}" for position, name in enumerate(table.columns)}


def kinds_in_spark(table: Schema) -> dict[str, str]:
    """The kinds of the table's columns, by what Spark calls them."""
    names = names_in_spark(table)
    return {known: "double" if name in table.numbers else "string" for name, known in names.items()}


def columns_of(batch: pa.RecordBatch, table: Schema, wanted: Sequence[str]) -> Columns:
    """The wanted columns of what Spark has, as one machine would have them."""
    names = names_in_spark(table)
    read = {name: batch.column(names[name]) for name in wanted}
    return Columns(
        {name: cells if name in table.numbers else cells.dictionary_encode() for name, cells in read.items()}
    )


def key_columns(keys: np.ndarray) -> dict[str, pa.Array]:
    signed = (keys ^ _SIGN).view(np.int64)
    return {"high": pa.array(signed[:, 0]), "low": pa.array(signed[:, 1])}


def batch_of(columns: Mapping[str, pa.Array], kinds: Mapping[str, str]) -> pa.RecordBatch:
    """All columns that Spark expects; those that are not there are null."""
    rows = len(next(iter(columns.values())))
    arrays = [
        pc.cast(columns[name], _KINDS[kind]) if name in columns else pa.nulls(rows, _KINDS[kind])
        for name, kind in kinds.items()
    ]
    return pa.RecordBatch.from_arrays(arrays, names=[*kinds])


def quietly(work: Work) -> Work:
    """Without the messages of libraries, which can hold cell values: Spark logs what a worker raises."""

    def done(batches: Batches) -> Batches:
        try:
            yield from work(batches)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise RuntimeError(f"{type(error).__name__} in {place.filename}:{place.lineno}") from None

    return done


@dataclass(frozen=True)
class Reading:
    """Makes typed rows of pieces, and after those of each piece a row that tells what it has found out."""

    table: Schema
    features: tuple[str, ...]
    split: Split

    @property
    def kinds(self) -> dict[str, str]:
        own = {"piece": "int", "high": "long", "low": "long", "part": "int", "told": "string"}
        return kinds_in_spark(self.table) | own

    def __call__(self, batches: Batches) -> Batches:
        for batch in batches:
            for row in batch.to_pylist():
                yield from self._read(Piece(**row))

    def _read(self, piece: Piece) -> Batches:
        typing, without_missing = readers(self.table), missing_cells(self.table)
        found = RawTable(frozenset(self.table.columns))
        with _opened(piece) as path:
            again = bool(piece.end) and has_quotes(path)
            chunks = () if again else reader_of(path)(path, piece.name, found)
            for chunk in chunks:
                typed = {name: typing[name].typed(without_missing(cells)) for name, cells in chunk.items()}
                yield self._rows(piece, typed)
        counts = {
            name: (column.texts, column.dates, column.infinite)
            for name, column in typing.items()
            if isinstance(column, Numbers)
        }
        again = again or bool(piece.end and found.mistakes)
        told = Told(piece.number, again, found.header, found.row_count, tuple(found.mistakes), counts)
        yield batch_of({"piece": pa.array([piece.number]), "told": pa.array([told.as_text()])}, self.kinds)

    def _rows(self, piece: Piece, typed: Mapping[str, pa.Array]) -> pa.RecordBatch:
        names = names_in_spark(self.table)
        columns = {names[name]: column for name, column in typed.items()}
        columns["piece"] = pa.array(np.full(len(next(iter(typed.values()), ())), piece.number))
        if len(typed) == len(names):
            columns |= self._decided(typed)
        return batch_of(columns, self.kinds)

    def _decided(self, typed: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
        keys = digests({name: typed[name] for name in self.features})
        decided = key_columns(keys)
        if self.split.by in ("hash", "group"):
            values = typed[self.split.column or self.table.target]
            decided["part"] = pa.array(parts_of(self.split, keys, values))
        return decided


@contextmanager
def _opened(piece: Piece) -> Iterator[Path]:
    """The file, or one that holds its header and the lines that begin in the piece."""
    path = Path(piece.path)
    if not piece.end:
        yield path
        return
    with TemporaryDirectory() as folder:
        part = Path(folder) / path.name
        with path.open("rb") as file:
            header = file.readline()
            first, last = (_line_from(file, max(place, len(header))) for place in (piece.start, piece.end))
            file.seek(first)
            part.write_bytes(header + file.read(last - first))
        yield part


def _line_from(file: BinaryIO, place: int) -> int:
    """Where the first line begins that does not begin before."""
    file.seek(place - 1)
    file.readline()
    return file.tell()


@dataclass(frozen=True)
class Sampling:
    """Gives the first rows of each piece, as Arrow writes them."""

    table: Schema
    names: tuple[str, ...]
    most: int
    kinds: ClassVar = {"piece": "int", "rows": "binary"}

    def __call__(self, batches: Batches) -> Batches:
        taken = 0
        for batch in batches:
            if taken < self.most and batch.num_rows:
                taken += batch.num_rows
                rows = pa.record_batch(columns_of(batch, self.table, self.names).values)
                packed = rows.serialize().to_pybytes()
                yield batch_of({"piece": batch.column("piece")[:1], "rows": pa.array([packed])}, self.kinds)

    def unpacked(self, packed: Sequence[bytes]) -> dict[str, pa.Array]:
        schema = pa.schema([(name, pa.float64()) for name in self.names])
        rows = [pa.ipc.read_record_batch(pa.py_buffer(each), schema) for each in packed]
        sample = pa.Table.from_batches(rows, schema).slice(0, self.most)
        return {name: sample[name].combine_chunks() for name in self.names}


@dataclass(frozen=True)
class Coarsening:
    """Makes personal data coarse, and tells the digests of coarse rows."""

    table: Schema
    schema: Schema

    @property
    def kinds(self) -> dict[str, str]:
        return kinds_in_spark(self.table) | {"high": "long", "low": "long", "part": "int"}

    def __call__(self, batches: Batches) -> Batches:
        names = names_in_spark(self.table)
        for batch in batches:
            values = columns_of(batch, self.table, self.schema.columns).values
            for name, treatment in self.schema.personal.items():
                values[name] = coarser_column(values[name], treatment)
            keys = digests({name: values[name] for name in self.schema.features})
            coarse = {names[name]: column for name, column in values.items()}
            yield batch_of(coarse | {"part": batch.column("part")} | key_columns(keys), self.kinds)


@dataclass(frozen=True)
class Formatting:
    """Makes lines of CSV of rows that are in order, all those of a batch that are of one part together."""

    table: Schema
    schema: Schema
    kinds: ClassVar = {"part": "int", "lines": "string"}

    def __call__(self, batches: Batches) -> Batches:
        for batch in batches:
            part = batch.column("part").to_numpy()
            for number in np.unique(part):
                rows = columns_of(batch, self.table, self.schema.columns).take(np.flatnonzero(part == number))
                text = pa.array(["\n".join(as_lines(rows))])
                yield batch_of({"part": pa.array([number]), "lines": text}, self.kinds)
