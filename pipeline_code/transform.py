"""Features into the model's numbers: derive -> impute -> encode -> scale, fitted on training rows only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, cast

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from tabular import DataError, Schema

Hook = Callable[[pd.DataFrame], Mapping[str, Any]]
RAREST_CATEGORY_ROWS = 5
MOST_CATEGORIES = 100


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


class Derive(BaseEstimator, TransformerMixin):  # type: ignore[misc]  # scikit-learn has no types
    """Adds the columns that the use case's features module computes from each row alone."""

    def __init__(self, features_module: str | None) -> None:
        self.features_module = features_module

    def fit(self, rows: pd.DataFrame, _target: object = None) -> Derive:
        """Learn only the names of the derived columns."""
        self.derived_ = tuple(self._derive(rows))
        return self

    def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the derived columns appended."""
        derived = self._derive(rows)
        return pd.DataFrame({**{name: rows[name].to_numpy() for name in rows}, **derived})

    def _derive(self, rows: pd.DataFrame) -> dict[str, np.ndarray]:
        if self.features_module is None:
            return {}
        derived = {
            name: np.asarray(values, dtype=np.float64)
            for name, values in load_hook(self.features_module)(rows).items()
        }
        clash = sorted(set(derived) & set(rows.columns))
        if clash:
            raise DataError(f"{self.features_module}.derive returns columns that exist already: {clash}")
        for name, values in derived.items():
            if values.shape != (len(rows),):
                raise DataError(f"{self.features_module}.derive must return one number per row for {name}")
            values[~np.isfinite(values)] = np.nan
        return derived


def build_transform(schema: Schema, training_rows: pd.DataFrame) -> Pipeline:
    """The unfitted pipeline for a schema; a category seen rarely or never in training is 'infrequent'."""
    derive = Derive(schema.features_module).fit(training_rows)
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
            ("numeric", numeric, [*schema.numeric, *derive.derived_]),
            ("categorical", categorical, list(schema.categorical)),
        ],
        verbose_feature_names_out=False,
    )
    return Pipeline([("derive", derive), ("columns", columns)])


def _encoder() -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=RAREST_CATEGORY_ROWS,
        max_categories=MOST_CATEGORIES,
        sparse_output=False,
        dtype=np.float32,
    )


def source_columns(transform: Pipeline, schema: Schema) -> list[str]:
    """For every column that the model sees the feature, given or derived, that it comes from."""
    sources = [*schema.numeric, *transform["derive"].derived_]
    if schema.categorical:
        encoder = transform["columns"].named_transformers_["categorical"]["encode"]
        rare = encoder.infrequent_categories_
        for name, categories, infrequent in zip(schema.categorical, encoder.categories_, rare, strict=True):
            together = 0 if infrequent is None else len(infrequent) - 1
            sources += [name] * (len(categories) - together)
    return sources


def unseen_categories(
    transform: Pipeline, schema: Schema, cells: Mapping[str, Sequence[object]]
) -> dict[str, int]:
    """By column, in how many cells there is a category that training did not see."""
    if not schema.categorical:
        return {}
    encoder = transform["columns"].named_transformers_["categorical"]["encode"]
    unseen = {}
    for name, categories in zip(schema.categorical, encoder.categories_, strict=True):
        known = {None, *categories}
        rows = sum(1 for cell in cells[name] if cell not in known)
        if rows:
            unseen[name] = rows
    return unseen
