"""Boosted trees, as a model keeps them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import xgboost

LARGEST = np.finfo(np.float32).max


@dataclass(frozen=True)
class Trees:
    """What XGBoost has learnt."""

    ALGORITHM: ClassVar[str] = "xgboost"
    FILE: ClassVar[str] = "trees.ubj"
    IMPORTANCE: ClassVar[str] = "the trees' gain"
    MOST_MEASURED: ClassVar[int] = sys.maxsize
    booster: xgboost.Booster

    @property
    def rounds(self) -> int:
        return int(self.booster.num_boosted_rounds())

    @property
    def settled(self) -> Mapping[str, int | float]:
        return {"n_estimators": self.rounds}

    @property
    def told(self) -> str:
        return f"trees={self.rounds}"

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self.booster.inplace_predict(rows))

    def contributions(self, rows: np.ndarray) -> np.ndarray:
        # A table refuses what single precision has not, unlike a prediction.
        table = xgboost.DMatrix(np.clip(rows, -LARGEST, LARGEST), nthread=os.cpu_count())
        self.booster.set_param({"nthread": os.cpu_count()})
        try:
            return np.asarray(self.booster.predict(table, pred_contribs=True, strict_shape=True))
        finally:
            self.booster.set_param({"nthread": 1})

    def importance(self, rows: np.ndarray) -> np.ndarray:
        """The total gain of each column, while learning."""
        gains = np.zeros(rows.shape[1])
        for column, gain in self.booster.get_score(importance_type="total_gain").items():
            gains[int(column[1:])] = gain
        return gains

    def save(self, folder: Path) -> None:
        self.booster.save_model(folder / self.FILE)

    @classmethod
    def load(cls, folder: Path) -> Trees:
        booster = xgboost.Booster(model_file=folder / cls.FILE)
        # A request is a few rows: starting threads takes longer than they save.
        booster.set_param({"nthread": 1})
        return cls(booster)
