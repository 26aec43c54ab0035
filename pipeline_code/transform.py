"""Features into the model's numbers: derive -> impute -> encode -> scale, fitted on training rows only."""

from __future__ import annotations

import numpy as np
import pandas as pd
from derived import Derivation
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tabular import Features, Schema

RAREST_CATEGORY_ROWS = 5
MOST_CATEGORIES = 100


class Derive(BaseEstimator, TransformerMixin):  # type: ignore[misc]  # scikit-learn has no types
    """Adds the columns that the use case computes from each row alone."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation

    def fit(self, rows: pd.DataFrame, _target: object = None) -> Derive:
        """Learn only the names of the derived columns."""
        self.derived_ = tuple(self.derivation.columns(_arrays(rows)))
        return self

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the derived columns appended."""
        given = _arrays(rows)
        return to_frame({**given, **self.derivation.columns(given)})


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
    derived = tuple(derivation.columns(training))
    numeric = Pipeline(
        [("impute", SimpleImputer(strategy="median", keep_empty_features=True)), ("scale", StandardScaler())]
    )
    # missing_values=None: a missing category is None in our frames, the empty text never occurs.
    categorical = Pipeline(
        [
            (
                "impute",
                SimpleImputer(missing_values=None, strategy="most_frequent", keep_empty_features=True),
            ),
            ("encode", _encoder()),
        ]
    )
    columns = ColumnTransformer(
        [
            ("numeric", numeric, [*schema.numeric, *derived]),
            ("categorical", categorical, list(schema.categorical)),
        ],
        verbose_feature_names_out=False,
    )
    pipeline = Pipeline([("derive", Derive(derivation)), ("columns", columns)])
    return pipeline, pipeline.fit_transform(to_frame(training))


def _encoder() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=RAREST_CATEGORY_ROWS,
        max_categories=MOST_CATEGORIES,
        sparse_output=False,
        dtype=np.float32,
    )
