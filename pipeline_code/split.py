"""Which part a row belongs to: decided by the row alone, by its group or class, or by when it was.

However it is decided, the order in which rows are delivered does not change it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tabular import DataError, Schema
from texts import CHUNK_ROWS, as_json

SplitBy = Literal["hash", "time", "group", "stratified"]
FEWEST_VALUES = {"time": 2, "group": 3}
"""Of the column: an oldest and a newest time, a group for each part."""


@dataclass(frozen=True)
class Fractions:
    """The shares of the three parts; raises DataError unless all are positive and they sum to 1."""

    train: float
    validation: float
    test: float

    def __post_init__(self) -> None:
        shares = (self.train, self.validation, self.test)
        if not all(share > 0 for share in shares) or not math.isclose(sum(shares), 1, abs_tol=1e-9):
            raise DataError(
                f"--split {self.train} {self.validation} {self.test}: three positive numbers that sum to 1"
            )

    @property
    def borders(self) -> tuple[float, float]:
        """Where validation and test begin, between 0 and 1."""
        return self.train, self.train + self.validation


@dataclass(frozen=True)
class Split:
    """How rows are divided; raises DataError unless `time` and `group` have a column, and others none."""

    fractions: Fractions
    by: SplitBy = "hash"
    column: str | None = None
    """What says when a row was, or which rows belong together."""

    def __post_init__(self) -> None:
        if (self.column is not None) != (self.by in FEWEST_VALUES):
            raise DataError("--split-column belongs to --split-by time and group, and they need one")

    def mistakes_of_settings(self, schema: Schema) -> Iterator[str]:
        """What no row has to be read for."""
        if self.column == schema.target:
            yield f"--split-column {self.column} is the target"
        if self.by == "time" and self.column in schema.categorical:
            yield f"--split-by time needs numbers or dates, and {self.column} is categorical"
        if self.by == "stratified" and schema.target_is_number:
            yield "--split-by stratified needs classes"

    def mistakes_of_column(self, rows: int, missing: int, different: int) -> Iterator[str]:
        """What keeps the values of the column from dividing rows."""
        if missing < rows and missing:
            yield f"{self.column} is missing in {missing} rows, and says which part each belongs to"
        elif missing < rows and different < FEWEST_VALUES[self.by]:
            needed = f"split.by: {self.by} needs {FEWEST_VALUES[self.by]} or more"
            yield f"{self.column} has {different} different values, {needed}"


def parts_of(split: Split, keys: np.ndarray, values: pa.Array) -> np.ndarray:
    """Per row 0 for train, 1 for validation, 2 for test; `values` are of the column, or of the target.

    `hash`: the row's digest decides alone. `group`: that of the column's value. `time`: the oldest rows are
    trained on, the newest are the test. `stratified`: every class is divided alike.
    """
    if split.by == "time":
        places = _places(np.zeros(len(keys), int), ordered(values), keys[:, 0], keys[:, 1])
    elif split.by == "stratified":
        labels = ordered(values).astype(int)
        places = _places(labels, keys[:, 0], keys[:, 1])
        # A row that has two labels goes where the first of them puts it.
        order = np.lexsort((labels, keys[:, 1], keys[:, 0]))
        places[order] = places[order][first_of_equal(*keys[order].T)]
    else:
        deciding = digests({"": values}) if split.by == "group" else keys
        places = deciding[:, 0].astype(np.float64) / 2.0**64
    return np.searchsorted(split.fractions.borders, places, side="right")


def _places(groups: np.ndarray, *sorted_by: np.ndarray) -> np.ndarray:
    """Where each row stands within its group, from 0 to below 1; equal rows stand where the first does."""
    order = np.lexsort((*reversed(sorted_by), groups))
    counts = np.bincount(groups)
    starts = np.cumsum(counts) - counts
    first = first_of_equal(*(column[order] for column in (groups, *sorted_by)))
    places = np.empty(len(groups))
    places[order] = (first - starts[groups[order]]) / counts[groups[order]]
    return places


def first_of_equal(*columns: np.ndarray) -> np.ndarray:
    """Of rows that are sorted by these columns, for each the position of the first that is equal to it."""
    is_new = np.ones(len(columns[0]), bool)
    is_new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return np.maximum.accumulate(np.where(is_new, np.arange(len(is_new)), 0))


def ordered(column: pa.Array) -> np.ndarray:
    """Numbers as they are, words by their place in the alphabet from 0 on."""
    if pa.types.is_dictionary(column.type):
        column = pc.subtract(pc.rank(column.dictionary, tiebreaker="dense").take(column.indices), 1)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def digests(columns: Mapping[str, pa.Array]) -> np.ndarray:
    """One stable digest of 128 bits per row, as two numbers, whatever the order of the columns.

    Callers pass the features without the target: a row that is labelled again, or twice, stays in one part.
    """
    names, rows = sorted(columns), len(next(iter(columns.values())))
    found = bytearray()
    for start in range(0, rows, CHUNK_ROWS):
        cells = [as_json(columns[name].slice(start, CHUNK_ROWS)) for name in names]
        lists = pc.binary_join_element_wise("[", pc.binary_join_element_wise(*cells, ", "), "]", "")
        for row in lists.cast(pa.binary()).to_pylist():
            found += hashlib.blake2b(row, digest_size=16).digest()
    return np.frombuffer(found, dtype=">u8").reshape(-1, 2).astype(np.uint64)
