"""The fitted transform read out into plain arrays and dictionaries, which a model keeps and predicts by.

scikit-learn keeps it as a pickle, which may run anything when it is read, and checks every column in every
call: 20 ms where the work takes less than one. Training compares both on real rows before it saves a model,
so they cannot differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from derived import Derivation
from sklearn.pipeline import Pipeline
from tabular import Features, Schema


@dataclass(frozen=True)
class Scaling:
    """Per numeric column, given or derived: what replaces a missing value, and how it is scaled."""

    names: tuple[str, ...]
    medians: np.ndarray
    means: np.ndarray
    scales: np.ndarray


@dataclass(frozen=True)
class Encoding:
    """One categorical column: each category's output column, and that of unknown ones (None: all zeros)."""

    name: str
    most_frequent: str
    positions: Mapping[Any, int]
    position_of_unknown: int | None


@dataclass(frozen=True)
class FastTransform:
    """Does what the fitted pipeline does; `sources` names the feature behind every output column."""

    derivation: Derivation
    scaling: Scaling
    encodings: tuple[Encoding, ...]
    sources: tuple[str, ...]

    def transform(self, features: Features) -> np.ndarray:
        """The numbers that an algorithm sees, one line per row."""
        known = {**features, **self.derivation.columns(features)}
        rows = len(next(iter(known.values())))
        matrix = np.zeros((rows, len(self.sources)))
        scaling = self.scaling
        if scaling.names:
            numbers = np.column_stack([known[name] for name in scaling.names])
            filled = np.where(np.isnan(numbers), scaling.medians, numbers)
            matrix[:, : len(scaling.names)] = (filled - scaling.means) / scaling.scales
        for encoding in self.encodings:
            for row, category in enumerate(known[encoding.name]):
                filled_category = encoding.most_frequent if category is None else category
                position = encoding.positions.get(filled_category, encoding.position_of_unknown)
                if position is not None:
                    matrix[row, position] = 1.0
        return matrix

    def save(self, path: Path) -> None:
        """Write a file that says the same; categories in pairs, because JSON's keys are texts."""
        content = asdict(self)
        for encoding in content["encodings"]:
            encoding["positions"] = [*encoding["positions"].items()]
        text = json.dumps(content, default=np.ndarray.tolist, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> FastTransform:
        """Read it again."""
        content = json.loads(path.read_text(encoding="utf-8"))
        names, *numbers = content["scaling"].values()
        scaling = Scaling(tuple(names), *(np.array(column, dtype=np.float64) for column in numbers))
        encodings = [
            Encoding(**{**encoding, "positions": dict(encoding["positions"])})
            for encoding in content["encodings"]
        ]
        return cls(Derivation(**content["derivation"]), scaling, tuple(encodings), tuple(content["sources"]))

    def unseen_categories(self, features: Features) -> dict[str, int]:
        """By column, in how many rows there is a category that training did not see."""
        counts = {
            encoding.name: sum(
                1 for cell in features[encoding.name] if cell and cell not in encoding.positions
            )
            for encoding in self.encodings
        }
        return {name: count for name, count in counts.items() if count}


def read_out(pipeline: Pipeline, schema: Schema) -> FastTransform:
    """The fast equivalent of a pipeline that `transform.fit_transform` fitted."""
    parts = pipeline["columns"].named_transformers_
    names = (*schema.numeric, *pipeline["derive"].derived_)
    scaling = Scaling((), np.empty(0), np.empty(0), np.empty(0))
    if names:
        scaler = parts["numeric"]["scale"]
        scaling = Scaling(names, parts["numeric"]["impute"].statistics_, scaler.mean_, scaler.scale_)
    sources, encodings = list(names), []
    if schema.categorical:
        imputer, encoder = parts["categorical"]["impute"], parts["categorical"]["encode"]
        learnt = zip(imputer.statistics_, encoder.categories_, encoder.infrequent_categories_, strict=True)
        for name, (most_frequent, categories, rare) in zip(schema.categorical, learnt, strict=True):
            encodings.append(_encoding(name, most_frequent, categories, rare, first=len(sources)))
            sources += [name] * len(set(encodings[-1].positions.values()))
    return FastTransform(Derivation.of(schema), scaling, tuple(encodings), tuple(sources))


def _encoding(name: str, most_frequent: str, categories: Any, rare: Any, *, first: int) -> Encoding:
    """Frequent categories take one column each in their order, the rare ones share the column after them."""
    together = set() if rare is None else set(rare)
    frequent = [category for category in categories if category not in together]
    positions = {category: first + offset for offset, category in enumerate(frequent)}
    shared = first + len(frequent) if together else None
    if shared is not None:
        positions |= dict.fromkeys(together, shared)
    return Encoding(name, most_frequent, positions, shared)
