"""A linear function of the transform's columns, as a model keeps it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from learned import near


@dataclass(frozen=True)
class Linear:
    """One line of coefficients for a number; one for each label, whose logarithm of the odds it is."""

    ALGORITHM: ClassVar[str] = "linear"
    FILE: ClassVar[str] = "linear.json"
    IMPORTANCE: ClassVar[str] = "how far it moves the linear function"
    MOST_MEASURED: ClassVar[int] = sys.maxsize
    l2_penalty: float
    intercepts: list[float]
    coefficients: list[list[float]]
    means: list[float]
    """Of the columns, in the training part."""

    @property
    def rounds(self) -> int:
        return 1

    @property
    def settled(self) -> Mapping[str, int | float]:
        return {"l2_penalty": self.l2_penalty}

    @property
    def told(self) -> str:
        return f"l2_penalty={self.l2_penalty:.6g}"

    def predict(self, rows: np.ndarray) -> np.ndarray:
        # Not by BLAS, whose last digits depend on how many rows are asked about at once.
        columns, lines = near(rows), zip(self.intercepts, np.array(self.coefficients), strict=True)
        scores = np.column_stack([intercept + (columns * line).sum(axis=1) for intercept, line in lines])
        if scores.shape[1] == 1:
            return np.asarray(scores[:, 0])
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def contributions(self, rows: np.ndarray) -> np.ndarray:
        """How far each column moves the function from what it is at the means."""
        lines, intercepts = np.array(self.coefficients), np.array(self.intercepts)
        if len(lines) == 2:
            # Of two labels the second one's odds, as they are beside the first one's.
            lines, intercepts = lines[1:] - lines[:1], intercepts[1:] - intercepts[:1]
        moved = (near(rows) - self.means)[:, np.newaxis, :] * lines
        begins = np.broadcast_to(intercepts + lines @ self.means, (len(rows), len(lines)))
        return np.concatenate([moved, begins[:, :, np.newaxis]], axis=2)

    def importance(self, rows: np.ndarray) -> np.ndarray:
        """The mean size of what each column contributes."""
        lines = np.array(self.coefficients)
        lines = lines[1:] - lines[:1] if len(lines) == 2 else lines
        moved = np.abs(near(rows) - self.means).mean(axis=0)
        return np.asarray(moved * np.abs(lines).mean(axis=0))

    def save(self, folder: Path) -> None:
        (folder / self.FILE).write_text(json.dumps(asdict(self), allow_nan=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Linear:
        return cls(**json.loads((folder / cls.FILE).read_text(encoding="utf-8")))
