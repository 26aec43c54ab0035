"""Features into the model's numbers: derive -> impute -> encode -> scale, fitted on training rows only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, cast

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tabular import DataError, Features, Schema

Hook = Callable[[Features], Mapping[str, Any]]
RAREST_CATEGORY_ROWS = 5
MOST_CATEGORIES = 100


@cache
def load_hook(module_name: str) -> Hook:
    """The `derive` function of a use case's features module; raises DataError when there is none."""
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise DataError(
            f"features module {module_name} cannot be imported: no module {error.name}"
        ) from error
    hook = getattr(module, "derive", None)
    if not callable(hook):
        raise DataError(f"features module {module_name} must define derive(rows) -> {{name: numbers}}")
    return cast(Hook, hook)


def derive_columns(features_module: str | None, features: Features) -> Features:
    """What the use case's features module computes, checked; raises DataError when it breaks its contract."""
    if features_module is None:
        return {}
    length = len(next(iter(features.values())))
    # A house without rooms or land divides by zero: the derived value is missing then.
    with np.errstate(divide="ignore", invalid="ignore"):
        computed = load_hook(features_module)(features)
    derived = {name: np.array(values, dtype=np.float64) for name, values in computed.items()}
    clash = sorted(set(derived) & set(features))
    if clash:
        raise DataError(f"{features_module}.derive returns columns that exist already: {', '.join(clash)}")
    for name, values in derived.items():
        if values.shape != (length,):
            raise DataError(f"{features_module}.derive must return one number per row for {name}")
        values[~np.isfinite(values)] = np.nan
    return derived


class Derive(BaseEstimator, TransformerMixin):  # type: ignore[misc]  # scikit-learn has no types
    """Adds the columns that the use case's features module computes from each row alone."""

    def __init__(self, features_module: str | None) -> None:
        self.features_module = features_module

    def fit(self, rows: pd.DataFrame, _target: object = None) -> Derive:
        """Learn only the names of the derived columns."""
        self.derived_ = tuple(derive_columns(self.features_module, _arrays(rows)))
        return self

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the derived columns appended."""
        given = _arrays(rows)
        return to_frame({**given, **derive_columns(self.features_module, given)})


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
    derived = tuple(derive_columns(schema.features_module, training))
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
    pipeline = Pipeline([("derive", Derive(schema.features_module)), ("columns", columns)])
    return pipeline, pipeline.fit_transform(to_frame(training))


def _encoder() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=RAREST_CATEGORY_ROWS,
        max_categories=MOST_CATEGORIES,
        sparse_output=False,
        dtype=np.float32,
    )
