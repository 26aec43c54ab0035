"""A use case: what is predicted, from which columns, and how good the model must be."""

import math
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.models.sources import Source
from config.models.success import Problem, Success
from config.values.columns import ColumnName, ColumnNames
from config.values.fields import FeaturesModule, Reason, between
from config.values.hyperparameters import Hyperparameters


class Features(ConfigurationModel):
    """The columns a model learns from. Requests send them in this order: numeric, then categorical."""

    numeric: ColumnNames = ()
    """Columns that hold numbers."""
    categorical: ColumnNames = ()
    """Columns that hold categories."""

    def mistakes(self) -> Iterator[Mistake]:
        if not self.numeric and not self.categorical:
            change = "name the columns that the model may use"
            yield Mistake((), {}, "names no column", "one column or more", change)


class Split(ConfigurationModel):
    """Shares of the rows; they add up to 1."""

    train: float = Field(default=0.7, gt=0, lt=1)
    """Share that the model is fitted on."""
    validation: float = Field(default=0.2, gt=0, lt=1)
    """Share that stops the training early."""
    test: float = Field(default=0.1, gt=0, lt=1)
    """Share that the success criterion is measured on."""

    def mistakes(self) -> Iterator[Mistake]:
        shares = self.model_dump()
        total = sum(shares.values())
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            problem = f"the shares add up to {total:g}"
            change = "change the shares until they add up to 1"
            yield Mistake((), shares, problem, "train + validation + test = 1", change)


class Drift(ConfigurationModel):
    """Which features get an alarm when live traffic moves away from the training data."""

    features: Annotated[ColumnNames, between(1, 10, "features")]
    """One to ten of the use case's features."""
    threshold: float = Field(gt=0, le=1)
    """Distance from the baseline's distribution, above 0 and up to 1, that raises the alarm."""


class UseCase(ConfigurationModel):
    """One model and the pipeline that produces it."""

    name: str
    """The file's name without .yaml; a part of the names of pipeline, model package group and endpoint."""
    problem: Problem
    """What kind of value the target is."""
    target: ColumnName
    """Column that is predicted."""
    target_transform: Literal["none", "log"] = "none"
    """Whether the model learns the logarithm of the target (regression with positive targets)."""
    features: Features
    """Columns that the model learns from."""
    drop: dict[ColumnName, Reason] = Field(default={})
    """Columns of the raw data that are left out, each with the reason."""
    personal_data: ColumnNames = ()
    """Columns that identify people; DataBrew masks them."""
    source: Source | None = None
    """Where raw data is taken from; people put files into the data bucket when left out."""
    split: Split = Split()
    """How rows are divided."""
    features_module: FeaturesModule | None = None
    """Module in pipeline_code that derives further features; none when left out."""
    algorithm: Literal["xgboost"] = "xgboost"
    """Algorithm that is trained."""
    hyperparameters: Hyperparameters = Field(default={})
    """Settings of the algorithm; pipeline_code/hyperparameters.py has a default for each."""
    success: Success
    """What a model must reach to be registered."""
    drift: Drift
    """When live traffic counts as drifted."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the training data in order: target, numeric features, categorical features."""
        return (self.target, *self.features.numeric, *self.features.categorical)
