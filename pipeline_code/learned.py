"""What an algorithm has learnt, as a model keeps it and predicts by it.

Each kind is one file of numbers. To read it runs nothing; reading a pickle may run anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol, Self

import numpy as np

FARTHEST = 5.0


def near(rows: np.ndarray) -> np.ndarray:
    """The transform's columns, at most so many standard deviations from their mean.

    Trees take what lies beyond all that they have seen for the farthest of it. Sums and distances do not: a
    request could make them endless, and a few strange rows of the training part would bend them for all.
    """
    return np.clip(rows, -FARTHEST, FARTHEST)


class Learned(Protocol):
    """Trees, a linear function, or the rows of the training part themselves."""

    ALGORITHM: ClassVar[str]
    FILE: ClassVar[str]
    IMPORTANCE: ClassVar[str]
    """What `importance` tells shares of."""
    MOST_MEASURED: ClassVar[int]
    """Rows of a part that the log of a training speaks of."""

    @property
    def rounds(self) -> int:
        """How many rounds XGBoost's log would tell of."""

    @property
    def settled(self) -> Mapping[str, int | float]:
        """Hyperparameters as the validation part has decided, with which nothing is left open."""

    @property
    def told(self) -> str:
        """What the validation part has decided, for the log."""

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Per row the target as it was learnt, or each label's probability; or the second of two labels'."""

    def contributions(self, rows: np.ndarray) -> np.ndarray | None:
        """SHAP values: rows, answers per row, columns + 1, the last being what all answers begin with.

        They add up to the answer before it becomes a probability. None where nothing adds up to an answer.
        """

    def importance(self, rows: np.ndarray) -> np.ndarray:
        """What each column brings to answers about these rows: of any unit, not below 0."""

    def save(self, folder: Path) -> None:
        """Write the file into the folder."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read it again."""
