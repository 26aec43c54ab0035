"""Which part a row belongs to, decided by the row alone: other rows and their order cannot move it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from tabular import DataError
from texts import CHUNK_ROWS, as_json


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


def parts_of(keys: np.ndarray, fractions: Fractions) -> np.ndarray:
    """Per row 0 for train, 1 for validation, 2 for test: its digest, read as a number in [0, 1), decides."""
    position = keys[:, 0].astype(np.float64) / 2.0**64
    return np.searchsorted([fractions.train, fractions.train + fractions.validation], position, side="right")


def digests(columns: Mapping[str, pa.Array]) -> np.ndarray:
    """One stable digest of 128 bits per row, as two numbers, whatever the order of the columns.

    Callers pass the features without the target: a row that is labelled again, or twice, stays in one part.
    """
    names, rows = sorted(columns), len(next(iter(columns.values())))
    found = bytearray()
    for start in range(0, rows, CHUNK_ROWS):
        cells = [as_json(columns[name].slice(start, CHUNK_ROWS)) for name in names]
        lists = pc.binary_join_element_wise(*cells, ", ").to_pylist()
        for row in lists:
            found += hashlib.blake2b(f"[{row}]".encode(), digest_size=16).digest()
    return np.frombuffer(found, dtype=">u8").reshape(-1, 2).astype(np.uint64)
