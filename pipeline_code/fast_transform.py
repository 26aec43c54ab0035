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
import pyarrow as pa
import pyarrow.compute as pc
from alike import Alike
from derived import Derivation
from sklearn.pipeline import Pipeline
from tabular import Features, Schema

NOWHERE = -1
MANY_ROWS = 1000
"""From so many on Arrow looks at categories; for a request it would take longer than it saves."""


@dataclass(frozen=True)
class Scaling:
    """Per numeric column, given or derived: what replaces a missing value, and how it is scaled.

    After all of them come indicators of missing cells, scaled too.
    """

    names: tuple[str, ...]
    indicators: tuple[int, ...]
    """Which of the columns have one."""
    fills: np.ndarray
    means: np.ndarray
    scales: np.ndarray

    def of(self, columns: Features) -> np.ndarray:
        numbers = np.column_stack([columns[name] for name in self.names])
        missing = np.isnan(numbers)
        filled = np.where(missing, self.fills, numbers)
        if self.indicators:
            filled = np.hstack([filled, missing[:, self.indicators]])
        return np.asarray((filled - self.means) / self.scales)


@dataclass(frozen=True)
class Encoding:
    """One categorical column: each category's output column, and that of unknown ones (None: all zeros)."""

    name: str
    fill: str
    positions: Mapping[Any, int]
    position_of_unknown: int | None

    def mark(self, categories: np.ndarray, matrix: np.ndarray) -> None:
        """Write 1 where each row's category has its output column."""
        if len(categories) < MANY_ROWS:
            for row, category in enumerate(categories):
                position = self._position(category)
                if position is not None:
                    matrix[row, position] = 1.0
            return
        encoded = pa.array(categories, pa.string()).dictionary_encode()
        words = [*encoded.dictionary.to_pylist(), None]
        found = [self._position(word) for word in words]
        positions = np.array([NOWHERE if position is None else position for position in found])
        places = positions[pc.fill_null(encoded.indices, len(words) - 1).to_numpy()]
        rows = np.flatnonzero(places != NOWHERE)
        matrix[rows, places[rows]] = 1.0

    def _position(self, category: str | None) -> int | None:
        filled = self.fill if category is None else category
        return self.positions.get(filled, self.position_of_unknown)


@dataclass(frozen=True)
class FastTransform:
    """Does what the fitted pipeline does; `sources` names the feature behind every output column."""

    derivation: Derivation
    scaling: Scaling
    encodings: tuple[Encoding, ...]
    sources: tuple[str, ...]
    left_out: tuple[Alike, ...] = ()
    """Numeric columns that say what others say."""

    def transform(self, features: Features) -> np.ndarray:
        """The numbers that an algorithm sees, one line per row."""
        known = {**features, **self.derivation.columns(features)}
        rows = len(next(iter(known.values())))
        matrix = np.zeros((rows, len(self.sources)))
        scaling = self.scaling
        if scaling.names:
            scaled = scaling.of(known)
            matrix[:, : scaled.shape[1]] = scaled
        for encoding in self.encodings:
            encoding.mark(known[encoding.name], matrix)
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
        names, indicators, *numbers = content["scaling"].values()
        arrays = (np.array(column, dtype=np.float64) for column in numbers)
        scaling = Scaling(tuple(names), tuple(indicators), *arrays)
        encodings = [
            Encoding(**{**encoding, "positions": dict(encoding["positions"])})
            for encoding in content["encodings"]
        ]
        left_out = tuple(Alike(**each) for each in content["left_out"])
        derivation, sources = Derivation(**content["derivation"]), tuple(content["sources"])
        return cls(derivation, scaling, tuple(encodings), sources, left_out)

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
    scaling, sources, encodings = _scaling(parts["numeric"]), [], []
    sources += [*scaling.names, *(scaling.names[place] for place in scaling.indicators)]
    if schema.categorical:
        fills, encoder = parts["categorical"]["impute"].fills_, parts["categorical"]["encode"]
        learnt = zip(fills, encoder.categories_, encoder.infrequent_categories_, strict=True)
        for name, (fill, categories, rare) in zip(schema.categorical, learnt, strict=True):
            encodings.append(_encoding(name, fill, categories, rare, first=len(sources)))
            sources += [name] * len(set(encodings[-1].positions.values()))
    left_out = pipeline["derive"].left_out
    return FastTransform(Derivation.of(schema), scaling, tuple(encodings), tuple(sources), left_out)


def _scaling(numeric: Any) -> Scaling:
    """Of a fitted part of the pipeline, which is only named where there are no columns."""
    if not isinstance(numeric, Pipeline) or not hasattr(numeric["impute"], "fills_"):
        return Scaling((), (), np.empty(0), np.empty(0), np.empty(0))
    impute, scaler = numeric["impute"], numeric["scale"]
    fills = np.array(impute.fills_, dtype=np.float64)
    return Scaling((*impute.methods,), (*impute.indicators_,), fills, scaler.mean_, scaler.scale_)


def _encoding(name: str, fill: str, categories: Any, rare: Any, *, first: int) -> Encoding:
    """Frequent categories take one column each in their order, the rare ones share the column after them."""
    together = set() if rare is None else set(rare)
    frequent = [category for category in categories if category not in together]
    positions = {category: first + offset for offset, category in enumerate(frequent)}
    shared = first + len(frequent) if together else None
    if shared is not None:
        positions |= dict.fromkeys(together, shared)
    return Encoding(name, fill, positions, shared)
