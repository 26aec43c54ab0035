"""Which part a row belongs to, decided by the row alone: other rows and their order cannot move it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tabular import DataError


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


def part_of(digest: bytes, fractions: Fractions) -> str:
    """The name of the part for a row's digest, read as a number in [0, 1)."""
    position = int.from_bytes(digest[:8], "big") / 2**64
    if position < fractions.train:
        return "train"
    return "validation" if position < fractions.train + fractions.validation else "test"


def digests(columns: Mapping[str, Sequence[float | str | None]]) -> list[bytes]:
    """One stable digest per row of the given columns, whatever the order of the columns.

    Callers pass the features without the target: a row that is labelled again, or twice, stays in one part.
    """
    names = sorted(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    return [hashlib.blake2b(json.dumps(row).encode(), digest_size=16).digest() for row in rows]
