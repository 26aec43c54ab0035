"""A use case: what is predicted, from which columns, and how good the model must be."""

from typing import Annotated, Literal

from pydantic import Field

from config.base import ConfigurationModel

Columns = Annotated[tuple[str, ...], Field(strict=False)]


class Features(ConfigurationModel):
    """The columns a model learns from, in the order in which requests send them: numeric, then categorical."""

    numeric: Columns = ()
    """Columns that hold numbers."""
    categorical: Columns = ()
    """Columns that hold categories."""


class Split(ConfigurationModel):
    """Shares of the rows; they add up to 1."""

    train: float = 0.7
    """Share that the model is fitted on."""
    validation: float = 0.2
    """Share that stops the training early."""
    test: float = 0.1
    """Share that the success criterion is measured on."""


class Success(ConfigurationModel):
    """The criterion that a model must meet to be registered."""

    metric: str
    """Metric of the evaluation report."""
    at_least: float | None = None
    """Lowest value that counts as success, for metrics that should be high."""
    at_most: float | None = None
    """Highest value that counts as success, for metrics that should be low."""


class Drift(ConfigurationModel):
    """Which features get an alarm when live traffic moves away from the training data."""

    features: Columns
    """One to ten of the use case's features."""
    threshold: float
    """Distance from the baseline's distribution, above 0 and up to 1, that raises the alarm."""


class UseCase(ConfigurationModel):
    """One model and the pipeline that produces it."""

    name: str
    """The file's name without .yaml; a part of the names of pipeline, model package group and endpoint."""
    problem: Literal["regression", "binary-classification"]
    """What kind of value the target is."""
    target: str
    """Column that is predicted."""
    target_transform: Literal["none", "log"] = "none"
    """Whether the model learns the logarithm of the target (regression with positive targets)."""
    features: Features
    """Columns that the model learns from."""
    drop: dict[str, str] = {}
    """Columns of the raw data that are left out, each with the reason."""
    split: Split = Split()
    """How rows are divided."""
    features_module: str | None = None
    """Module in pipeline_code that derives further features; none when left out."""
    algorithm: Literal["xgboost"] = "xgboost"
    """Algorithm that is trained."""
    hyperparameters: dict[str, int | float | str] = {}
    """Settings of the algorithm."""
    success: Success
    """What a model must reach to be registered."""
    drift: Drift
    """When live traffic counts as drifted."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the training data in order: target, numeric features, categorical features."""
        return (self.target, *self.features.numeric, *self.features.categorical)
