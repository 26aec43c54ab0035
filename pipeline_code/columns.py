"""From columns of text to typed columns, with every mistake of every column collected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from alike import MOST_COMPARED_ROWS, alike
from expressions import mistakes_of
from impute import mistakes_of as mistakes_of_impute
from raw_table import Chunk, RawTable, numbered
from tabular import DataError, Schema, evenly, is_date, parse_number

MOST_LABELS = 100
SAME = 0.99999
"""The correlation from which on two columns say the same; cents that are rounded leave it below 1."""
# What Arrow and Python read alike, and what is finite; all else is read by `parse_number`, as in requests.
_PLAIN_NUMBER = r"\A-?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,2})?\z"


@dataclass(frozen=True)
class Columns:
    """Typed columns of equal length, as float64 or as dictionaries of texts; a missing cell is null."""

    values: dict[str, pa.Array]

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), ()))

    def take(self, rows: np.ndarray) -> Columns:
        """Only these rows, in this order."""
        chosen = pa.array(rows)
        return Columns({name: column.take(chosen) for name, column in self.values.items()})

    def keep(self, rows: np.ndarray) -> None:
        """Only these rows from now on; one column after the other, so that no table is in memory twice."""
        chosen = pa.array(rows)
        for name, column in self.values.items():
            self.values[name] = column.take(chosen)

    def only(self, names: Sequence[str]) -> Columns:
        """Only these columns, in this order."""
        return Columns({name: self.values[name] for name in names})


@dataclass
class Findings:
    """What is wrong with the table (the step fails) and what is worth knowing (the step goes on)."""

    mistakes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_settings(schema: Schema, drop: Sequence[str], others: Iterable[str]) -> None:
    """Raise DataError when the step's arguments contradict each other; `others` are mistakes found before."""
    mistakes = [*others]
    used = [*schema.columns, *drop, *schema.derived]
    repeated = sorted({name for name in used if used.count(name) > 1})
    if repeated:
        mistakes.append(f"columns with more than one part to play: {', '.join(repeated)}")
    if not schema.features:
        mistakes.append("no features; give --numeric or --categorical")
    wrong = [
        name
        for name, treatment in schema.personal.items()
        if name not in (schema.numeric if treatment.startswith("bucket") else schema.categorical)
    ]
    if wrong:
        mistakes.append(
            f"--personal {', '.join(wrong)}: bucket needs a numeric feature, mask a categorical one"
        )
    if schema.target_transform == "log" and not schema.target_is_number:
        mistakes.append("--target-transform log needs --problem regression")
    if (schema.positive is not None) != (schema.problem == "binary-classification"):
        mistakes.append("--positive belongs to --problem binary-classification, and it needs one")
    mistakes += [*mistakes_of(schema.derived, schema.numeric), *mistakes_of_impute(schema)]
    if mistakes:
        raise DataError("; ".join(mistakes))


@dataclass(frozen=True)
class Seen:
    """What all rows together say of one column, however many machines have read them."""

    rows: int
    missing: int
    is_constant: bool
    """Without a missing cell."""
    texts: int = 0
    dates: int = 0
    infinite: int = 0


@dataclass(frozen=True)
class Target:
    """What all rows together say of the target."""

    rows: int = 0
    missing: int = 0
    labels: int = 0
    has_positive: bool = False
    not_positive: int = 0
    """Rows where a quantity is zero or less."""

    @classmethod
    def of(cls, column: pa.Array, schema: Schema) -> Target:
        known, rows = column.drop_null(), (len(column), column.null_count)
        if not len(known):
            return cls(*rows)
        if schema.target_is_number:
            return cls(*rows, not_positive=pc.sum(pc.less_equal(known, 0.0)).as_py())
        labels = {*known.unique().to_pylist()}
        return cls(*rows, labels=len(labels), has_positive=schema.positive in labels)


@dataclass
class Numbers:
    """A column of numbers and dates, chunk by chunk."""

    chunks: list[pa.Array] = field(default_factory=list)
    texts: int = 0
    dates: int = 0
    infinite: int = 0

    def add(self, cells: pa.Array) -> None:
        self.chunks.append(self.typed(cells))

    def typed(self, cells: pa.Array) -> pa.Array:
        is_plain = pc.fill_null(pc.match_substring_regex(cells, _PLAIN_NUMBER), False)
        numbers = pc.cast(pc.if_else(is_plain, cells, pa.scalar(None, pa.string())), pa.float64())
        is_other = pc.and_(pc.is_valid(cells), pc.invert(is_plain))
        if pc.any(is_other).as_py():
            numbers = pc.replace_with_mask(numbers, is_other, self._others(cells.filter(is_other)))
        return numbers

    def _others(self, cells: pa.Array) -> pa.Array:
        encoded = cells.dictionary_encode()
        words = encoded.dictionary.to_pylist()
        numbers = pa.array([parse_number(word) for word in words], pa.float64()).take(encoded.indices)
        self.texts += numbers.null_count
        self.dates += pc.sum(pa.array([is_date(word) for word in words]).take(encoded.indices)).as_py()
        self.infinite += pc.sum(pc.is_inf(numbers)).as_py() or 0
        return numbers

    def column(self) -> pa.Array:
        return _as_one(self.chunks, pa.float64())


@dataclass
class Words:
    """A column of categories or labels, chunk by chunk."""

    chunks: list[pa.Array] = field(default_factory=list)

    def add(self, cells: pa.Array) -> None:
        self.chunks.append(self.typed(cells))

    @staticmethod
    def typed(cells: pa.Array) -> pa.Array:
        return cells.dictionary_encode()

    def column(self) -> pa.Array:
        return _as_one(self.chunks, pa.dictionary(pa.int32(), pa.string()))


def _as_one(chunks: list[pa.Array], kind: pa.DataType) -> pa.Array:
    """All chunks in one; they are let go, because a table must not be in memory twice."""
    together = pa.chunked_array(chunks, kind).unify_dictionaries()
    chunks.clear()
    one = together.combine_chunks()
    del together
    pa.default_memory_pool().release_unused()
    return one


def parse_columns(
    chunks: Iterable[Chunk], table: RawTable, schema: Schema, drop: Sequence[str]
) -> tuple[Columns, Findings]:
    """The schema's columns of the table, typed. Rows of a column with mistakes are not to be used."""
    read, without_missing = readers(schema), missing_cells(schema)
    for chunk in chunks:
        for name, cells in chunk.items():
            read[name].add(without_missing(cells))
    if not table.header:
        return Columns({}), Findings()
    found = {name: column for name, column in read.items() if name in table.header}
    values = {name: column.column() for name, column in found.items()}
    seen = {name: _seen(values[name], column) for name, column in found.items()}
    findings = look_at(table.header, seen, schema, drop)
    findings.notes += correlations({name: values[name] for name in schema.numeric if name in values})
    return Columns(values), findings


def readers(schema: Schema) -> dict[str, Numbers | Words]:
    """By column, what types its cells."""
    return {name: Numbers() if name in schema.numbers else Words() for name in schema.columns}


def missing_cells(schema: Schema) -> Callable[[pa.Array], pa.Array]:
    """What makes null of the texts that mean what an empty cell means."""
    missing = pa.array(["", *schema.missing_values], pa.string())

    def without(cells: pa.Array) -> pa.Array:
        return pc.if_else(pc.is_in(cells, value_set=missing), pa.scalar(None, pa.string()), cells)

    return without


def _seen(values: pa.Array, read: Numbers | Words) -> Seen:
    is_constant = not values.null_count and len(values.unique()) == 1
    counts = (read.texts, read.dates, read.infinite) if isinstance(read, Numbers) else ()
    return Seen(len(values), values.null_count, is_constant, *counts)


def look_at(
    header: tuple[str, ...], seen: Mapping[str, Seen], schema: Schema, drop: Sequence[str]
) -> Findings:
    """What is wrong with the columns, and what is worth knowing of them."""
    findings = Findings()
    _look_at_header(header, schema, drop, findings)
    for name, column in seen.items():
        _look_at_numbers(name, column, findings)
        _look_at(name, column, findings)
    return findings


def _look_at_header(header: tuple[str, ...], schema: Schema, drop: Sequence[str], findings: Findings) -> None:
    missing = [name for name in schema.columns if name not in header]
    if len(missing) == len(schema.columns):
        findings.mistakes.append("no column has a name that is configured; is the first line a header?")
    elif missing:
        findings.mistakes.append(f"missing columns: {', '.join(missing)}")
    used = {*schema.columns, *drop}
    extra = [position for position, name in enumerate(header, start=1) if name not in used]
    if extra:
        findings.notes.append(
            f"{len(extra)} columns that nothing uses are ignored: {numbered(extra, 'column')}"
        )


def check_target(target: Target, schema: Schema) -> list[str]:
    """Mistakes that make the target unusable for the problem; of the rows that have one."""
    if target.missing == target.rows:
        return []
    if not schema.target_is_number:
        return list(_mistakes_of_labels(target, schema))
    if schema.target_transform == "log" and target.not_positive:
        return [f"{schema.target} is not positive in {target.not_positive} rows, its logarithm needs that"]
    return []


def _mistakes_of_labels(target: Target, schema: Schema) -> Iterator[str]:
    labels, is_binary = target.labels, schema.positive is not None
    found = f"{schema.target} has {labels} different labels"
    if is_binary and labels != 2:
        more = "; multiclass-classification takes more" if labels > 2 else ""
        yield f"{found}, binary-classification needs exactly 2{more}"
    elif is_binary and not target.has_positive:
        yield f"{schema.target} is nowhere {schema.positive}, which is configured as the positive label"
    elif not is_binary and labels < 3:
        yield f"{found}, multiclass-classification needs 3 or more; binary-classification takes 2"
    elif labels > MOST_LABELS:
        yield f"{found}, more than {MOST_LABELS}: is it a quantity, or does it identify rows?"


def correlations(numbers: Mapping[str, pa.Array]) -> list[str]:
    """Notes about columns that say the same as another one."""
    rows = len(next(iter(numbers.values()), ()))
    taken = pa.array(evenly(rows, MOST_COMPARED_ROWS))
    columns = {name: column.take(taken).to_numpy(zero_copy_only=False) for name, column in numbers.items()}
    return [
        f"{each.name} and {each.kept} are perfectly correlated; one of them could be dropped"
        for each in alike(columns, SAME)
    ]


def _look_at_numbers(name: str, seen: Seen, findings: Findings) -> None:
    rows, filled = seen.rows, seen.rows - seen.missing + seen.texts
    if 0 < seen.dates < filled:
        findings.mistakes.append(f"{name} has dates in {seen.dates} of {rows} rows, and numbers in others")
    if seen.texts:
        findings.mistakes.append(f"{name} is numeric but has text in {seen.texts} of {rows} rows")
    if seen.infinite:
        findings.mistakes.append(f"{name} is infinite in {seen.infinite} of {rows} rows")


def _look_at(name: str, seen: Seen, findings: Findings) -> None:
    rows, missing = seen.rows, seen.missing
    already_reported = any(mistake.startswith(f"{name} ") for mistake in findings.mistakes)
    if rows and missing == rows and not already_reported:
        findings.mistakes.append(f"{name} is missing in all {missing} rows")
    elif missing:
        findings.notes.append(f"{name} is missing in {missing} of {rows} rows")
    elif seen.is_constant:
        findings.notes.append(f"{name} is the same in all rows and cannot help to predict")
