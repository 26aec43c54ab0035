"""A trained model: the fitted transform, the boosted trees and what is needed to read their answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import xgboost
from sklearn.pipeline import Pipeline
from tabular import DataError, Schema

TRANSFORM_FILE = "transform.joblib"
TREES_FILE = "trees.ubj"
LABELS_FILE = "labels.json"


@dataclass(frozen=True)
class Model:
    """Everything that a prediction needs; `labels` is empty for regression, (negative, positive) for classes."""

    schema: Schema
    transform: Pipeline
    trees: xgboost.Booster
    labels: tuple[str, ...]

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """One number per row: the target in its own unit, or the probability of the positive label."""
        raw = self.trees.inplace_predict(self.transform.transform(rows)).astype(np.float64)
        return np.asarray(np.exp(raw) if self.schema.target_transform == "log" else raw)

    def save(self, folder: Path) -> None:
        """Write the model's files into the folder."""
        self.schema.write(folder)
        joblib.dump(self.transform, folder / TRANSFORM_FILE)
        self.trees.save_model(folder / TREES_FILE)
        (folder / LABELS_FILE).write_text(json.dumps(self.labels) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read the model's files; raises DataError naming the files that are missing."""
        missing = [
            name for name in (TRANSFORM_FILE, TREES_FILE, LABELS_FILE) if not (folder / name).is_file()
        ]
        if missing:
            raise DataError(f"{folder} is not a trained model, it lacks {', '.join(missing)}")
        trees = xgboost.Booster(model_file=folder / TREES_FILE)
        # A request is a few rows: starting threads takes longer than they save.
        trees.set_param({"nthread": 1})
        labels = tuple(json.loads((folder / LABELS_FILE).read_text(encoding="utf-8")))
        return cls(Schema.read(folder), joblib.load(folder / TRANSFORM_FILE), trees, labels)


def encode_target(target: pd.Series, schema: Schema, labels: tuple[str, ...]) -> np.ndarray:
    """The target as the trees learn it: logarithm or number, or 0 and 1; raises DataError for an unknown label."""
    if schema.target_is_number:
        numbers = target.to_numpy(dtype=np.float64)
        return np.log(numbers) if schema.target_transform == "log" else numbers
    unknown = int((~target.isin(labels)).sum())
    if unknown:
        raise DataError(f"{schema.target} has a label that training did not see in {unknown} rows")
    return (target == labels[1]).to_numpy(dtype=np.float64)


def actual_values(model: Model, target: pd.Series) -> np.ndarray:
    """The target in the unit in which the model answers."""
    if model.schema.target_is_number:
        return np.asarray(target, dtype=np.float64)
    return encode_target(target, model.schema, model.labels)
