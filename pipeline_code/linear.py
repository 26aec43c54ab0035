"""A linear function of the transform's columns, as a model keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np


@dataclass(frozen=True)
class Linear:
    """One line of coefficients for a number; one for each label, whose logarithm of the odds it is."""

    FILE: ClassVar[str] = "linear.json"
    IMPORTANCE: ClassVar[str] = "how far it moves the linear function"
    l2_penalty: float
    intercepts: list[float]
    coefficients: list[list[float]]

    @property
    def rounds(self) -> int:
        return 1

    @property
    def told(self) -> str:
        return f"l2_penalty={self.l2_penalty:.6g}"

    def predict(self, rows: np.ndarray) -> np.ndarray:
        # Not by BLAS, whose last digits depend on how many rows are asked about at once.
        lines = zip(self.intercepts, np.array(self.coefficients), strict=True)
        scores = np.column_stack([intercept + (rows * line).sum(axis=1) for intercept, line in lines])
        if scores.shape[1] == 1:
            return np.asarray(scores[:, 0])
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def importance(self, rows: np.ndarray) -> np.ndarray:
        """How far each column lies from its mean, in the unit of the function."""
        spread = np.abs(rows - rows.mean(axis=0)).mean(axis=0)
        return np.asarray(np.abs(self.coefficients).mean(axis=0) * spread)

    def save(self, folder: Path) -> None:
        (folder / self.FILE).write_text(json.dumps(asdict(self), allow_nan=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Linear:
        return cls(**json.loads((folder / cls.FILE).read_text(encoding="utf-8")))
