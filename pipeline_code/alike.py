"""Columns of numbers that say what others say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from tabular import evenly

MOST_COMPARED_ROWS = 100_000


@dataclass(frozen=True)
class Alike:
    """A column, the one that says nearly the same, and how nearly."""

    name: str
    kept: str
    correlation: float

    def __str__(self) -> str:
        return f"{self.name} is left out, its correlation with {self.kept} is {self.correlation:.4g}"


def alike(columns: Mapping[str, np.ndarray], least: float) -> list[Alike]:
    """Columns whose correlation with one that is kept is at least this, of either sign.

    Of two that are alike the one with more missing cells goes, of equally full ones the later one. A missing
    cell counts as the mean of its column; at most so many rows are compared, evenly taken.
    """
    rows = len(next(iter(columns.values()), ()))
    filled = {name: _filled(column[evenly(rows, MOST_COMPARED_ROWS)]) for name, column in columns.items()}
    fullest = sorted(columns, key=lambda name: np.count_nonzero(~np.isfinite(columns[name])))
    names = [name for name in fullest if filled[name].size > 2 and np.ptp(filled[name]) > 0]
    if len(names) < 2:
        return []
    shares = np.abs(np.corrcoef([filled[name] for name in names]))
    kept: list[int] = []
    found = []
    for place, name in enumerate(names):
        like = max(kept, key=lambda other: shares[place, other], default=place)
        if like != place and shares[place, like] >= least:
            found.append(Alike(name, names[like], float(shares[place, like])))
        else:
            kept.append(place)
    return found


def _filled(column: np.ndarray) -> np.ndarray:
    known = column[np.isfinite(column)]
    return np.where(np.isfinite(column), column, known.mean()) if known.size else np.empty(0)
