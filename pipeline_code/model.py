"""A trained model: the fitted pipeline, the boosted trees and what is needed to read their answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import joblib
import numpy as np
import xgboost
from fast_transform import FastTransform, read_out
from sklearn.pipeline import Pipeline
from tabular import SCHEMA_FILE, DataError, Features, Schema

PIPELINE_FILE = "pipeline.joblib"
TREES_FILE = "trees.ubj"
LABELS_FILE = "labels.json"
FILES = (SCHEMA_FILE, PIPELINE_FILE, TREES_FILE, LABELS_FILE)


@dataclass(frozen=True)
class Model:
    """Everything that a prediction needs; `labels`: (negative, positive) or all, none for regression."""

    schema: Schema
    pipeline: Pipeline
    trees: xgboost.Booster
    labels: tuple[str, ...]

    @cached_property
    def transform(self) -> FastTransform:
        """The pipeline as predictions use it."""
        return read_out(self.pipeline, self.schema)

    def predict(self, features: Features) -> np.ndarray:
        """Per row the target in its own unit, the positive label's probability, or those of all classes."""
        return in_unit_of_target(self.trees.inplace_predict(self.transform.transform(features)), self.schema)

    def contributions(self, features: Features) -> np.ndarray | None:
        """What each column of the transform added to each answer, and last what all answers begin with.

        Rows, answers per row, columns + 1; they add up to what the trees answer, before it becomes a
        probability or the target's own unit. None of a model that cannot tell.
        """
        table = xgboost.DMatrix(self.transform.transform(features))
        return np.asarray(self.trees.predict(table, pred_contribs=True, strict_shape=True))

    def answers(self, predicted: np.ndarray) -> list[float] | list[str]:
        """What a client is told of each row: the number, or the likeliest of several classes."""
        if predicted.ndim == 1:
            return [float(number) for number in predicted]
        return [self.labels[index] for index in predicted.argmax(axis=1)]

    def save(self, folder: Path) -> None:
        """Write the model's files into the folder."""
        self.schema.write(folder)
        joblib.dump(self.pipeline, folder / PIPELINE_FILE)
        self.trees.save_model(folder / TREES_FILE)
        (folder / LABELS_FILE).write_text(json.dumps(self.labels) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read the model's files; raises DataError naming the files that are missing."""
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise DataError(f"{folder} is not a trained model, it lacks {', '.join(missing)}")
        trees = xgboost.Booster(model_file=folder / TREES_FILE)
        # A request is a few rows: starting threads takes longer than they save.
        trees.set_param({"nthread": 1})
        labels = tuple(json.loads((folder / LABELS_FILE).read_text(encoding="utf-8")))
        return cls(Schema.read(folder), joblib.load(folder / PIPELINE_FILE), trees, labels)


def in_unit_of_target(answers: np.ndarray, schema: Schema) -> np.ndarray:
    """What the trees answer, as the target's own unit; a probability stays one."""
    raw = answers.astype(np.float64)
    return np.asarray(np.exp(raw) if schema.target_transform == "log" else raw)


def encode_target(target: np.ndarray, schema: Schema, labels: tuple[str, ...]) -> np.ndarray:
    """The target as the trees learn it: a number, or its label's; raises DataError for an unknown label."""
    if schema.target_is_number:
        numbers = np.asarray(target, dtype=np.float64)
        return np.log(numbers) if schema.target_transform == "log" else numbers
    unknown = int((~np.isin(target, labels)).sum())
    if unknown:
        raise DataError(f"{schema.target} has a label that training did not see in {unknown} rows")
    positions = {label: float(position) for position, label in enumerate(labels)}
    return np.array([positions[label] for label in target])


def actual_values(model: Model, target: np.ndarray) -> np.ndarray:
    """The target in the unit in which the model answers."""
    if model.schema.target_is_number:
        return np.asarray(target, dtype=np.float64)
    return encode_target(target, model.schema, model.labels)
