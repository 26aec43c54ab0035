"""Features into the model's numbers: derive -> impute -> encode -> scale, fitted on training rows only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from alike import Alike, alike
from derived import Derivation
from impute import CATEGORICAL, NUMERIC, Method, methods
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tabular import Features, Schema

RAREST_CATEGORY_ROWS = 5
MOST_CATEGORIES = 100


class Derive(BaseEstimator, TransformerMixin):  # type: ignore[misc]  # scikit-learn has no types
    """Adds the columns that the use case computes from each row alone, and leaves others out."""

    def __init__(self, derivation: Derivation, left_out: Collection[Alike] = ()) -> None:
        self.derivation = derivation
        self.left_out = left_out

    def fit(self, rows: pd.DataFrame, _target: object = None) -> Derive:
        """Learn only the names of the derived columns."""
        self.derived_ = tuple(self.derivation.columns(_arrays(rows)))
        return self

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the derived columns appended."""
        given = _arrays(rows)
        known = {**given, **self.derivation.columns(given)}
        return to_frame(_without(self.left_out, known))


class Impute(BaseEstimator, TransformerMixin):  # type: ignore[misc]  # scikit-learn has no types
    """Fills each column by its method, and adds the indicators after all of them."""

    def __init__(self, methods: Mapping[str, Method], kind: str) -> None:
        self.methods = methods
        self.kind = kind

    def fit(self, rows: pd.DataFrame, _target: object = None) -> Impute:
        """Learn from each column what stands for its missing cells."""
        self.imputers_ = [self._imputer(method).fit(rows[[name]]) for name, method in self.methods.items()]
        self.fills_: list[Any] = [imputer.statistics_[0] for imputer in self.imputers_]
        self.indicators_ = [
            place for place, method in enumerate(self.methods.values()) if method.has_indicator
        ]
        return self

    def transform(self, rows: pd.DataFrame) -> np.ndarray:
        """Columns without missing cells, and 1 where one with an indicator was missing."""
        filled = [
            imputer.transform(rows[[name]])
            for name, imputer in zip(self.methods, self.imputers_, strict=True)
        ]
        if self.indicators_:
            filled.append(rows.isna().to_numpy()[:, self.indicators_])
        return np.hstack(filled)

    def _imputer(self, method: Method) -> SimpleImputer:
        # missing_values=None: a missing category is None in our frames, the empty text never occurs.
        return SimpleImputer(
            missing_values=None if self.kind == CATEGORICAL else np.nan,
            strategy=method.strategy,
            fill_value=method.constant,
            keep_empty_features=True,
        )


def to_frame(features: Features) -> pd.DataFrame:
    """The features as scikit-learn takes them apart by name."""
    # Each column keeps its dtype: pandas 3 would make text of objects and NaN of None.
    return pd.DataFrame({name: pd.Series(cells, dtype=cells.dtype) for name, cells in features.items()})


def _arrays(rows: pd.DataFrame) -> Features:
    return {name: rows[name].to_numpy() for name in rows}


def fit_transform(schema: Schema, training: Features) -> tuple[Pipeline, np.ndarray]:
    """The pipeline fitted on these rows and what it makes of them.

    A category that is rare in training counts as 'infrequent', as does one that was never seen.
    """
    derivation = Derivation.of(schema)
    numbers = {name: training[name] for name in schema.numeric} | derivation.columns(training)
    least = schema.drop_correlated_above
    left_out = tuple(alike(numbers, least)) if least else ()
    numeric, categorical = (*_without(left_out, numbers),), schema.categorical
    fill_numbers = Impute(methods(schema, numeric, NUMERIC), NUMERIC)
    fill_words = Impute(methods(schema, categorical, CATEGORICAL), CATEGORICAL)
    columns = ColumnTransformer(
        [
            ("numeric", Pipeline([("impute", fill_numbers), ("scale", StandardScaler())]), list(numeric)),
            ("categorical", Pipeline([("impute", fill_words), ("encode", _encoder())]), list(categorical)),
        ],
        verbose_feature_names_out=False,
    )
    pipeline = Pipeline([("derive", Derive(derivation, left_out)), ("columns", columns)])
    return pipeline, pipeline.fit_transform(to_frame(training))


def _without(left_out: Collection[Alike], columns: Features) -> Features:
    names = {each.name for each in left_out}
    return {name: column for name, column in columns.items() if name not in names}


def _encoder() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=RAREST_CATEGORY_ROWS,
        max_categories=MOST_CATEGORIES,
        sparse_output=False,
        dtype=np.float32,
    )
