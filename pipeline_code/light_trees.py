"""Boosted trees of LightGBM: how they are learnt, and how a model keeps them.

AWS's image has no LightGBM, so the library is imported only where such trees are: `image: own`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from boosting import Table
from hyperparameters import LIGHTGBM, RULES_OF, Value

if TYPE_CHECKING:
    import lightgbm

# LightGBM's names of XGBoost's objectives, and of the losses at which both stop early.
# https://lightgbm.readthedocs.io/en/v4.6.0/Parameters.html
_OBJECTIVES = {
    "reg:squarederror": ("regression", "rmse"),
    "reg:absoluteerror": ("regression_l1", "l1"),
    "binary:logistic": ("binary", "binary_logloss"),
    "multi:softprob": ("multiclass", "multi_logloss"),
}


def boost_light(
    hyperparameters: Mapping[str, Value], learn: Table, watch: Table, labels: int
) -> lightgbm.Booster:
    """The trees up to the round that did best on `watch`."""
    parameters, rounds, patience = _parameters(hyperparameters, labels)
    import lightgbm

    rows = lightgbm.Dataset(learn.rows, learn.target, weight=learn.weights, params=parameters)
    watched = rows.create_valid(watch.rows, watch.target, weight=watch.weights)
    stopping = lightgbm.early_stopping(patience, verbose=False)
    trees = lightgbm.train(parameters, rows, rounds, valid_sets=[watched], callbacks=[stopping])
    return lightgbm.Booster(model_str=trees.model_to_string(num_iteration=trees.best_iteration))


def grow_light(hyperparameters: Mapping[str, Value], learn: Table, labels: int) -> lightgbm.Booster:
    """As many trees as the hyperparameters say, which nothing stops."""
    parameters, rounds, _ = _parameters(hyperparameters, labels)
    import lightgbm

    rows = lightgbm.Dataset(learn.rows, learn.target, weight=learn.weights, params=parameters)
    trees = lightgbm.train(parameters, rows, rounds)
    return lightgbm.Booster(model_str=trees.model_to_string())


def _parameters(hyperparameters: Mapping[str, Value], labels: int) -> tuple[dict[str, Value], int, int]:
    """What LightGBM is told; the most rounds, and those without a better one that end it."""
    known = {name: value for name, value in hyperparameters.items() if name in RULES_OF[LIGHTGBM]}
    rounds, patience = int(known.pop("n_estimators")), int(known.pop("early_stopping_rounds"))
    objective, loss = _OBJECTIVES[str(hyperparameters["objective"])]
    parameters: dict[str, Value] = {
        **known,
        "verbosity": -1,
        "objective": objective,
        "metric": loss,
        # Without it no tree would see a part of the rows only, whatever `subsample` says.
        "subsample_freq": 1,
        # The same data give the same artifact, on any number of cores.
        "deterministic": True,
        "force_col_wise": True,
    }
    if objective == "multiclass":
        parameters["num_class"] = labels
    return parameters, rounds, patience


@dataclass(frozen=True)
class LightTrees:
    """What LightGBM has learnt, in its own text format."""

    ALGORITHM: ClassVar[str] = LIGHTGBM
    FILE: ClassVar[str] = "light_trees.txt"
    IMPORTANCE: ClassVar[str] = "the trees' gain"
    MOST_MEASURED: ClassVar[int] = sys.maxsize
    booster: lightgbm.Booster

    @property
    def rounds(self) -> int:
        return int(self.booster.current_iteration())

    @property
    def settled(self) -> Mapping[str, int | float]:
        return {"n_estimators": self.rounds}

    @property
    def told(self) -> str:
        return f"trees={self.rounds}"

    def predict(self, rows: np.ndarray) -> np.ndarray:
        # A request is a few rows: starting threads takes longer than they save.
        return np.asarray(self.booster.predict(rows, num_threads=1))

    def contributions(self, rows: np.ndarray) -> np.ndarray:
        found = self.booster.predict(rows, pred_contrib=True, num_threads=os.cpu_count())
        return np.asarray(found).reshape(len(rows), -1, rows.shape[1] + 1)

    def importance(self, rows: np.ndarray) -> np.ndarray:
        """The total gain of each column, while learning."""
        return np.asarray(self.booster.feature_importance("gain")).reshape(rows.shape[1])

    def save(self, folder: Path) -> None:
        self.booster.save_model(folder / self.FILE)

    @classmethod
    def load(cls, folder: Path) -> LightTrees:
        import lightgbm

        return cls(lightgbm.Booster(model_file=folder / cls.FILE))
