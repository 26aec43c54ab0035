"""What a table looks like: the schema that every step shares, and how its files are read back.

Only Arrow is needed here, so that a step which fits nothing does not pay for importing scikit-learn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from job import Arguments as Arguments
from job import DataError as DataError
from job import base_dir as base_dir
from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, read_csv

Problem = Literal["regression", "binary-classification", "multiclass-classification"]
TargetTransform = Literal["none", "log"]
ClassWeight = Literal["none", "balanced"]
# Columns of equal length by name.
Features = dict[str, np.ndarray]
SCHEMA_FILE = "schema.json"
LONGEST_ROW_BYTES = 1 << 25
# Stricter than float(), which also takes 1_000, nan, and digits of other scripts.
# Each alternative begins differently, so that no text makes the expression try again and again.
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d[\d:.+-]*Z?)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INFINITY = re.compile(r"\s*[+-]?inf(inity)?\s*", re.ASCII | re.IGNORECASE)


def parse_number(text: str) -> float | None:
    """A number as files and requests may write it; infinite when too large, None when it is none.

    A date is the number of days since 1970, in UTC where it says no offset.
    """
    if _NUMBER.fullmatch(text) or _INFINITY.fullmatch(text):
        return float(text)
    return _days(text) if is_date(text) else None


def numbers_of(cells: Sequence[str]) -> np.ndarray:
    """NaN for a cell that holds none."""
    return np.array([parse_number(cell) for cell in cells], dtype=np.float64)


def is_date(text: str) -> bool:
    """Whether a text is written like a day or a time of ISO 8601: 2026-01-31, 2026-01-31T12:00."""
    return _DATE.fullmatch(text) is not None


def _days(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    return since / timedelta(days=1)


@dataclass(frozen=True)
class Schema:
    """The columns of one use case and the part that each plays; written beside every part of the data."""

    problem: Problem
    target: str
    target_transform: TargetTransform
    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    features_module: str | None = None
    positive: str | None = None
    """The label whose probability a binary classifier answers."""
    decision_threshold: float = 0.5
    """The probability from which on a row counts as positive."""
    missing_values: tuple[str, ...] = ()
    """Texts that mean what an empty cell means."""
    class_weight: ClassWeight = "none"
    """Whether rows of rare classes count for more while training, so that all classes count the same."""
    personal: Mapping[str, str] = field(default_factory=dict)
    """By feature that says something about people, how it is made coarser; see personal.py."""
    derived: Mapping[str, str] = field(default_factory=dict)
    """Columns that are computed from features and from those before them; see expressions.py."""
    drop_correlated_above: float | None = None
    """The correlation from which on one of two numeric columns is left out by training."""
    refit: bool = False
    """Whether the model learns from the validation part too, once that has decided what is left open."""
    impute: Mapping[str, str] = field(default_factory=dict)
    """By feature, or by kind of feature, what stands for a missing cell; see impute.py."""

    @property
    def features(self) -> tuple[str, ...]:
        """The request's columns in their order: numeric, then categorical."""
        return (*self.numeric, *self.categorical)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a training file in their order: target, then features."""
        return (self.target, *self.features)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns of a training file that hold numbers."""
        return (self.target, *self.numeric) if self.target_is_number else self.numeric

    @property
    def target_is_number(self) -> bool:
        """Whether the target is a quantity; a class label is text, even when it is written 0 or 1."""
        return self.problem == "regression"

    def write(self, folder: Path) -> None:
        """Write schema.json into the folder."""
        (folder / SCHEMA_FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Schema:
        """Read schema.json from the folder; raises DataError when it is not there."""
        path = folder / SCHEMA_FILE
        if not path.is_file():
            raise DataError(f"{path} does not exist; the step before this one must write it")
        content = json.loads(path.read_text(encoding="utf-8"))
        lists = ("numeric", "categorical", "missing_values")
        return cls(**{**content, **{name: tuple(content[name]) for name in lists}})


def to_features(columns: Mapping[str, Sequence[object] | np.ndarray], schema: Schema) -> Features:
    """Features as models expect them: float64 (missing: NaN), categories as objects (missing: None)."""
    typed = {name: np.asarray(columns[name], dtype=np.float64) for name in schema.numeric}
    return typed | {name: np.asarray(columns[name], dtype=object) for name in schema.categorical}


def evenly(rows: int, most: int) -> np.ndarray:
    """Positions of at most so many of these rows, evenly taken."""
    positions: np.ndarray = np.unique(np.linspace(0, rows - 1, min(rows, most)).astype(int))
    return positions


@dataclass(frozen=True)
class Part:
    """One part of the data (training, validation or test): typed features and their target."""

    features: Features
    target: np.ndarray

    def evenly(self, most: int) -> Part:
        """At most so many rows, evenly taken."""
        taken = evenly(len(self.target), most)
        features = {name: column[taken] for name, column in self.features.items()}
        return Part(features, self.target[taken])


def joined(first: Part, second: Part) -> Part:
    """The rows of two parts in one."""
    features = {
        name: np.concatenate([column, second.features[name]]) for name, column in first.features.items()
    }
    return Part(features, np.concatenate([first.target, second.target]))


def read_part(folder: Path, name: str, schema: Schema) -> Part:
    """Read `<folder>/<name>.csv` as the schema says; raises DataError when it is missing, empty or different.

    Only an empty cell is a missing value ("NA" is a category), and floats are read back exactly as written.
    """
    return read_columns(folder, name, schema, schema.features)


def read_columns(folder: Path, name: str, schema: Schema, features: Collection[str]) -> Part:
    """Like `read_part`, with these features only; those of them that there are not are left out."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise DataError(f"{path} does not exist; the {name} part must hold exactly this file")
    table = _read(path, schema)
    if tuple(table.column_names) != schema.columns:
        raise DataError(f"{path.name} has other columns than {SCHEMA_FILE} beside it says")
    if not table.num_rows:
        raise DataError(f"{path.name} has no rows; more data or other parts of the split are needed")
    numeric, categorical = (
        tuple(column for column in columns if column in features)
        for columns in (schema.numeric, schema.categorical)
    )
    schema = replace(schema, numeric=numeric, categorical=categorical)
    columns = {column: _as_array(table[column]) for column in schema.columns}
    return Part(features=to_features(columns, schema), target=columns[schema.target])


def _read(path: Path, schema: Schema) -> pa.Table:
    """Arrow's parser rounds numbers as Python's float() does, which requests are read with."""
    words = {name: pa.dictionary(pa.int32(), pa.string()) for name in schema.columns}
    kinds = words | {name: pa.float64() for name in schema.numbers}
    converting = ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=True)
    # A block is what Arrow parses at once; a row must fit into it, as it had to when it was delivered.
    reading = ReadOptions(block_size=LONGEST_ROW_BYTES)
    try:
        return read_csv(path, reading, ParseOptions(newlines_in_values=True), converting)
    except pa.ArrowInvalid:
        raise DataError(f"{path.name} is not what {SCHEMA_FILE} beside it says") from None


def _as_array(column: pa.ChunkedArray) -> np.ndarray:
    """Numbers with NaN, words with None where a cell is missing; equal words are one object."""
    if not pa.types.is_dictionary(column.type):
        return np.asarray(pc.fill_null(column, np.nan).to_numpy())
    encoded = column.unify_dictionaries().combine_chunks()
    words = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    return np.asarray(words[pc.fill_null(encoded.indices, len(words) - 1).to_numpy()])
