"""A use case: what is predicted, from which columns and data, and how good the model must be."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import Field

from config.mistakes.errors import MISSING, Mistake, checked, unknown
from config.models.base import ConfigurationModel
from config.models.bias import Bias
from config.models.card import Card
from config.models.costs import Costs
from config.models.source import Source
from config.models.tuning import Tuning
from config.values import fields
from config.values.columns import ColumnName, ColumnNames
from config.values.expressions import Expression
from config.values.hyperparameters import Hyperparameters

Problem = Literal["regression", "binary-classification", "multiclass-classification"]
Algorithm = Literal["xgboost", "lightgbm", "linear", "knn", "auto"]
Image = Literal["aws", "own"]
Comparison = Literal["at_least", "at_most"]
_OfNumbers = Literal["kolmogorov-smirnov", "wasserstein"]
Distance = Literal["population-stability-index", "jensen-shannon", "chi-square", _OfNumbers]
DISTANCES_OF_NUMBERS: tuple[Distance, ...] = get_args(_OfNumbers)


@dataclass(frozen=True)
class Metric:
    """What a threshold of a metric means, and the key that it is written with."""

    problems: tuple[Problem, ...]
    comparison: Comparison
    is_fraction: bool = True


_REGRESSION: tuple[Problem, ...] = ("regression",)
_BINARY: tuple[Problem, ...] = ("binary-classification",)
_MULTICLASS: tuple[Problem, ...] = ("multiclass-classification",)

COST_METRIC = "cost_per_row"
METRICS = {
    "rmse": Metric(_REGRESSION, "at_most", is_fraction=False),
    "mse": Metric(_REGRESSION, "at_most", is_fraction=False),
    "mae": Metric(_REGRESSION, "at_most", is_fraction=False),
    "r2": Metric(_REGRESSION, "at_least"),
    "median_absolute_percentage_error": Metric(_REGRESSION, "at_most"),
    "within_5_percent": Metric(_REGRESSION, "at_least"),
    "within_10_percent": Metric(_REGRESSION, "at_least"),
    "accuracy": Metric(_BINARY + _MULTICLASS, "at_least"),
    "precision": Metric(_BINARY, "at_least"),
    "recall": Metric(_BINARY, "at_least"),
    "f1": Metric(_BINARY, "at_least"),
    "auc": Metric(_BINARY, "at_least"),
    "balanced_accuracy": Metric(_MULTICLASS, "at_least"),
    "weighted_precision": Metric(_MULTICLASS, "at_least"),
    "weighted_recall": Metric(_MULTICLASS, "at_least"),
    "weighted_f1": Metric(_MULTICLASS, "at_least"),
    "log_loss": Metric(_BINARY + _MULTICLASS, "at_most", is_fraction=False),
    COST_METRIC: Metric(_BINARY + _MULTICLASS, "at_most", is_fraction=False),
}
"""Metrics of the evaluation report that can decide about a model."""


def metrics_of(problem: str) -> list[str]:
    """Return the names of the metrics that fit a problem."""
    return [name for name, metric in METRICS.items() if problem in metric.problems]


def _metric(value: str) -> Iterator[Mistake]:
    return unknown(value, METRICS, "is not a metric of the report", "choose one of these")


MetricName = Annotated[str, checked(_metric), Field(json_schema_extra={"enum": list(METRICS)})]


class Success(ConfigurationModel):
    """The criterion that a model must meet to be registered."""

    metric: MetricName
    """Metric of the evaluation report."""
    at_least: float | None = None
    """Lowest value that counts as success, for metrics that should be high."""
    at_most: float | None = None
    """Highest value that counts as success, for metrics that should be low."""

    @property
    def comparison(self) -> Comparison:
        """How the metric is compared with the threshold."""
        return METRICS[self.metric].comparison

    @property
    def threshold(self) -> float:
        """The value that the metric must reach."""
        value: float = getattr(self, self.comparison)
        return value

    def mistakes(self) -> Iterator[Mistake]:
        given = self.model_dump(include={"at_least", "at_most"}, exclude_none=True)
        if list(given) != [self.comparison]:
            better = "higher" if self.comparison == "at_least" else "lower"
            problem = f"{self.metric} is better when {better}, and needs exactly one threshold"
            change = f"write {self.comparison} and nothing else"
            yield Mistake((), given or MISSING, problem, f"{self.comparison} alone", change)
        elif self.threshold <= 0 or (METRICS[self.metric].is_fraction and self.threshold > 1):
            problem = f"is out of the range of {self.metric}"
            allowed, change = "above 0", "write a positive number"
            if METRICS[self.metric].is_fraction:
                allowed, change = "above 0 and up to 1", "write a fraction, e.g. 0.7 for 70 %"
            yield Mistake((self.comparison,), self.threshold, problem, allowed, change)


class Features(ConfigurationModel):
    """The columns a model learns from. Requests send them in this order: numeric, dates, categorical."""

    numeric: ColumnNames = ()
    """Columns that hold numbers."""
    dates: ColumnNames = ()
    """Columns that hold days or times as 2026-01-31 or 2026-01-31T12:00; a model sees days since 1970."""
    categorical: ColumnNames = ()
    """Columns that hold categories."""
    derived: dict[fields.DerivedName, Expression] = Field(default={})
    """Columns that are computed from numbers, dates and those above them, such as price / area."""

    drop_correlated_above: float | None = Field(default=None, gt=0, lt=1)
    """Correlation from which on training leaves out one of two numeric columns; none when left out."""
    impute: dict[ColumnName, fields.Imputation] = Field(default={})
    """What stands for a missing cell, by feature, or by `numeric` and `categorical` for all others."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that are numbers for a model."""
        return (*self.numeric, *self.dates)

    def mistakes(self) -> Iterator[Mistake]:
        if not self.numbers and not self.categorical:
            change = "name the columns that the model may use"
            yield Mistake((), {}, "names no column", "one column or more", change)


SplitBy = Literal["hash", "time", "group", "stratified"]
_DIVIDING_COLUMNS = {"time": "when a row was", "group": "which rows stay together"}


class Split(ConfigurationModel):
    """How rows are divided, and into which shares; these add up to 1."""

    train: float = Field(default=0.7, gt=0, lt=1)
    """Share that the model is fitted on."""
    validation: float = Field(default=0.2, gt=0, lt=1)
    """Share that stops the training early."""
    test: float = Field(default=0.1, gt=0, lt=1)
    """Share that the success criterion is measured on."""
    by: SplitBy = "hash"
    """What decides about a row: its content, its time, the group it belongs to, its class and content."""
    column: ColumnName | None = None
    """The column that says when a row was (time), or which rows stay together (group)."""

    def mistakes(self) -> Iterator[Mistake]:
        if (self.column is not None) != (self.by in _DIVIDING_COLUMNS):
            problem = (
                f"is needed to divide by {self.by}" if self.column is None else f"has no part in {self.by}"
            )
            allowed = f"a column with by: {' and '.join(_DIVIDING_COLUMNS)}, none otherwise"
            says = _DIVIDING_COLUMNS.get(self.by)
            change = (
                f"name the column that says {says}" if says else "remove it, or write by: time or by: group"
            )
            yield Mistake(("column",), self.column or MISSING, problem, allowed, change)
        shares = self.model_dump(include={"train", "validation", "test"})
        total = sum(shares.values())
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            problem = f"the shares add up to {total:g}"
            change = "change the shares until they add up to 1"
            yield Mistake((), shares, problem, "train + validation + test = 1", change)


class Drift(ConfigurationModel):
    """Which features get an alarm when live traffic moves away from the training data."""

    features: Annotated[ColumnNames, fields.between(1, 10, "features")]
    """One to ten of the use case's features."""
    threshold: float = Field(gt=0, le=1)
    """Distance from the baseline beyond what chance explains, above 0 and up to 1, that raises the alarm."""
    distances: dict[ColumnName, Distance] = Field(default={})
    """How far apart is measured, by target or feature, or by `numeric` and `categorical` for all others."""


class Later(ConfigurationModel):
    """Rows that come after the training data and differ from them."""

    column: ColumnName
    """A column of the sample."""
    value: str | None = None
    """What these rows have there."""
    at_least: float | None = None
    """The least number that they have there."""

    def mistakes(self) -> Iterator[Mistake]:
        given = self.model_dump(include={"value", "at_least"}, exclude_none=True)
        if len(given) != 1:
            problem = "does not say which rows" if not given else "says twice which rows"
            change = 'write e.g. value: "2010"'
            yield Mistake((), given or MISSING, problem, "exactly one of value, at_least", change)


class Sample(ConfigurationModel):
    """What a rehearsal delivers and asks; without one a use case is deployed, but cannot be rehearsed."""

    file: fields.SampleFile
    """File in data/."""
    later: Later
    """The rows that are not delivered, but come as live traffic that has drifted."""


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
    positive: fields.Label | None = None
    """The label that a binary classifier is about: it answers its probability, and metrics are of it."""
    decision_threshold: float | None = Field(default=None, gt=0, lt=1)
    """The probability from which on a row counts as positive; 0.5 when left out."""
    class_weight: Literal["none", "balanced"] = "none"
    """Whether rows of rare classes count for more while training, so that all classes count the same."""
    missing_values: fields.MissingValues = ()
    """Texts that mean a missing value besides an empty cell, such as NA."""
    rows_without_target: Literal["error", "drop"] = "error"
    """Whether rows without a target are a mistake of the data, or left out."""
    features: Features
    """Columns that the model learns from."""
    drop: dict[ColumnName, fields.Reason] = Field(default={})
    """Columns of the raw data that are left out, each with the reason."""
    personal_data: dict[ColumnName, fields.Treatment] = Field(default={})
    """Columns that say something about people, each with what becomes of it before anything is written."""
    source: Source | None = None
    """Where raw data is taken from; people put files into the data bucket when left out."""
    split: Split = Split()
    """How rows are divided."""
    features_module: fields.FeaturesModule | None = None
    """Module in pipeline_code that derives further features; none when left out."""
    algorithm: Algorithm = "xgboost"
    """What is trained: xgboost, linear, knn, auto, which keeps the best of these three, or lightgbm."""
    image: Image = "aws"
    """What jobs and endpoint run in: AWS's XGBoost image, or own, the one that image/ makes of it."""
    hyperparameters: Hyperparameters = Field(default={})
    """Settings of the algorithm; pipeline_code/hyperparameters.py has a default for each."""
    refit: bool = False
    """Whether the model learns from the validation part too, once that has decided what is left open."""
    tuning: Tuning | None = None
    """A search for better hyperparameters; those above are used as they are when left out."""
    costs: Costs | None = None
    """What wrong decisions cost; the evaluation then measures cost_per_row."""
    success: Success
    """What a model must reach to be registered."""
    card: Card | None = None
    """What people say of the model in its card; what the pipeline knows alone when left out."""
    bias: Bias | None = None
    """Groups whose outcomes every evaluation compares; none when left out."""
    drift: Drift
    """When live traffic counts as drifted."""
    drift_check: Literal["warn", "fail"] = "warn"
    """Whether baselines that differ from the live version's are told, or keep a version from the registry."""
    sample: Sample | None = None
    """What a rehearsal delivers; none when left out."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the training data in order: target, numeric features, categorical features."""
        return (self.target, *self.features.numbers, *self.features.categorical)

    @property
    def numeric_columns(self) -> frozenset[str]:
        """Those of the columns that hold numbers, or dates that become numbers."""
        target = {self.target} if self.problem == "regression" else set()
        return frozenset({*self.features.numbers, *target})
