"""Which features move a model's answers: SHAP values of the rows of a part.

https://papers.nips.cc/paper/7062-a-unified-approach-to-interpreting-model-predictions; of trees XGBoost
computes them exactly: https://xgboost.readthedocs.io/en/stable/prediction.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from model import Model
from tabular import Features

MOST_ROWS = 2000
"""More rows change the means by little, and take minutes of a model with thousands of trees."""


@dataclass(frozen=True)
class Explanation:
    """SHAP values: a line per row, a column per feature; in the unit that the model adds up in."""

    names: tuple[str, ...]
    """The features, given and derived."""
    values: Mapping[str, np.ndarray]
    """By answer: the target or the positive label, or each of several classes."""
    expected: Mapping[str, float]
    """What every answer begins with."""
    features: Features
    """What the rows hold."""
    unit: str
    """What values and expected are measured in."""

    @property
    def rows(self) -> int:
        return len(next(iter(self.values.values())))

    @cached_property
    def means(self) -> Mapping[str, Mapping[str, float]]:
        """By answer and feature how much it moves a row, in either direction."""
        return {
            answer: dict(zip(self.names, np.abs(values).mean(axis=0).tolist(), strict=True))
            for answer, values in self.values.items()
        }

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The features, that which moves all answers together most first."""
        return tuple(sorted(self.names, key=lambda name: -sum(each[name] for each in self.means.values())))


def explain(model: Model, features: Features) -> Explanation | None:
    """SHAP values of the rows, or of as many spread evenly; none of a model that cannot tell."""
    rows = len(next(iter(features.values())))
    chosen = np.linspace(0, rows - 1, min(rows, MOST_ROWS)).astype(int)
    seen = {name: cells[chosen] for name, cells in features.items()}
    found = model.contributions(seen)
    if found is None:
        return None
    sources = model.transform.sources
    names = tuple(dict.fromkeys(sources))
    # A category's columns are one feature: what they add is added up before its size counts.
    belongs = np.array([[source == name for name in names] for source in sources], dtype=np.float64)
    answers = _answers(model)
    return Explanation(
        names,
        {answer: found[:, place, :-1] @ belongs for place, answer in enumerate(answers)},
        {answer: float(found[0, place, -1]) for place, answer in enumerate(answers)},
        {**seen, **model.transform.derivation.columns(seen)},
        _unit(model),
    )


def _unit(model: Model) -> str:
    schema = model.schema
    if not schema.target_is_number:
        return "log-odds" if schema.positive is not None else "log-probabilities before they are scaled"
    return f"logarithms of {schema.target}" if schema.target_transform == "log" else schema.target


def _answers(model: Model) -> tuple[str, ...]:
    schema = model.schema
    if schema.target_is_number:
        return (schema.target,)
    return model.labels if schema.positive is None else (schema.positive,)
