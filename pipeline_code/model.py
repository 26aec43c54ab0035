"""A trained model: the fitted transform, what an algorithm has learnt, and what reading its answer takes.

All its files are numbers and texts, which nothing is run to read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from fast_transform import FastTransform
from learned import Learned
from light_trees import LightTrees
from linear import Linear
from neighbors import Neighbors
from tabular import SCHEMA_FILE, DataError, Features, Schema
from trees import Trees

TRANSFORM_FILE = "transform.json"
LABELS_FILE = "labels.json"
KINDS: tuple[type[Learned], ...] = (Trees, LightTrees, Linear, Neighbors)
"""Of what can be learnt; a model has the file of one."""
HELD_OUT_FILE = "held_out.json"
"""What was answered about the validation part before it was learnt from."""
FILES = (SCHEMA_FILE, TRANSFORM_FILE, LABELS_FILE, HELD_OUT_FILE, *(kind.FILE for kind in KINDS))


@dataclass(frozen=True)
class Model:
    """Everything that a prediction needs; `labels`: (negative, positive) or all, none for regression."""

    schema: Schema
    transform: FastTransform
    learned: Learned
    labels: tuple[str, ...]

    def predict(self, features: Features) -> np.ndarray:
        """Per row the target in its own unit, the positive label's probability, or those of all classes."""
        return in_unit_of_target(self.learned.predict(self.transform.transform(features)), self.schema)

    def contributions(self, features: Features) -> np.ndarray | None:
        """What each column of the transform added to each answer, and last what all answers begin with.

        Rows, answers per row, columns + 1; they add up to what was learnt, before it becomes a probability
        or the target's own unit. None of a model that cannot tell.
        """
        return self.learned.contributions(self.transform.transform(features))

    def answers(self, predicted: np.ndarray) -> list[float] | list[str]:
        """What a client is told of each row: the number, or the likeliest of several classes."""
        if predicted.ndim == 1:
            return [float(number) for number in predicted]
        return [self.labels[index] for index in predicted.argmax(axis=1)]

    def save(self, folder: Path) -> None:
        """Write the model's files into the folder."""
        self.schema.write(folder)
        self.transform.save(folder / TRANSFORM_FILE)
        self.learned.save(folder)
        (folder / LABELS_FILE).write_text(json.dumps(self.labels) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read the model's files; raises DataError naming the files that are missing."""
        kinds = [kind for kind in KINDS if (folder / kind.FILE).is_file()] or KINDS[:1]
        needed = (SCHEMA_FILE, TRANSFORM_FILE, LABELS_FILE, kinds[0].FILE)
        missing = [name for name in needed if not (folder / name).is_file()]
        if missing:
            raise DataError(f"{folder} is not a trained model, it lacks {', '.join(missing)}")
        labels = tuple(json.loads((folder / LABELS_FILE).read_text(encoding="utf-8")))
        transform = FastTransform.load(folder / TRANSFORM_FILE)
        return cls(Schema.read(folder), transform, kinds[0].load(folder), labels)


def in_unit_of_target(answers: np.ndarray, schema: Schema) -> np.ndarray:
    """The answers in the target's own unit; probabilities stay such, of two labels the positive one's."""
    raw = answers.astype(np.float64)
    if schema.positive is not None and raw.ndim > 1:
        return np.asarray(raw[:, 1])
    return np.asarray(np.exp(raw) if schema.target_transform == "log" else raw)


def encode_target(target: np.ndarray, schema: Schema, labels: tuple[str, ...]) -> np.ndarray:
    """The target as it is learnt: a number, or its label's; raises DataError for an unknown label."""
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
