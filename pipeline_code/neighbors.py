"""The rows of the training part, of which the nearest ones answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from learned import near
from sklearn.neighbors import KDTree

MOST_LOOKED_AT = 200
"""Rows by which importance is judged; each is asked about once for every column."""


@dataclass(frozen=True)
class Neighbors:
    """Training rows as the transform makes them, with what each says."""

    ALGORITHM: ClassVar[str] = "knn"
    FILE: ClassVar[str] = "neighbors.npz"
    IMPORTANCE: ClassVar[str] = "how much the answers change without it"
    # Each is compared with all that are kept, in milliseconds.
    MOST_MEASURED: ClassVar[int] = 20_000
    n_neighbors: int
    rows: np.ndarray
    says: np.ndarray
    """(rows, 1): the target; or (rows, labels): 1 at the label."""
    weights: np.ndarray
    """What each row counts."""

    @property
    def rounds(self) -> int:
        return 1

    @property
    def settled(self) -> Mapping[str, int | float]:
        return {"n_neighbors": self.n_neighbors}

    @property
    def told(self) -> str:
        return f"n_neighbors={self.n_neighbors}"

    @cached_property
    def _tree(self) -> KDTree:
        """It compares row by row, so that an answer does not depend on what else is asked."""
        return KDTree(near(self.rows))

    def nearest(self, rows: np.ndarray, count: int) -> np.ndarray:
        """(rows, count): the positions of the nearest training rows, the nearest first."""
        return np.asarray(self._tree.query(near(rows), count, return_distance=False))

    def answers_of(self, nearest: np.ndarray) -> np.ndarray:
        """The weighted mean of what these training rows say."""
        totals, weights = np.zeros((len(nearest), self.says.shape[1])), np.zeros((len(nearest), 1))
        # One neighbor of all rows after the other: all at once would take as much memory for each.
        for positions in nearest.T:
            weight = self.weights[positions][:, np.newaxis]
            totals += self.says[positions] * weight
            weights += weight
        means = totals / weights
        # Sums of shares may be above 1 by a last digit.
        return np.asarray(means[:, 0] if means.shape[1] == 1 else np.minimum(means, 1.0))

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.answers_of(self.nearest(rows, self.n_neighbors))

    def contributions(self, _rows: np.ndarray) -> None:
        """A distance is no sum over columns."""

    def importance(self, rows: np.ndarray) -> np.ndarray:
        """How far answers change when a column is the same in all rows."""
        looked_at = rows[:: max(1, len(rows) // MOST_LOOKED_AT)][:MOST_LOOKED_AT]
        answers, means = self.predict(looked_at), rows.mean(axis=0)
        changes = np.zeros(rows.shape[1])
        for column, mean in enumerate(means):
            without = looked_at.copy()
            without[:, column] = mean
            changes[column] = np.abs(self.predict(without) - answers).mean()
        return changes

    def save(self, folder: Path) -> None:
        np.savez(
            folder / self.FILE,
            n_neighbors=np.array(self.n_neighbors),
            rows=self.rows,
            says=self.says,
            weights=self.weights,
        )

    @classmethod
    def load(cls, folder: Path) -> Neighbors:
        with np.load(folder / cls.FILE, allow_pickle=False) as content:
            arrays = {name: content[name] for name in ("rows", "says", "weights")}
            return cls(int(content["n_neighbors"]), **arrays)
