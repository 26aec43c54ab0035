"""The criterion that a model must meet, and the metrics that it can be written in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.mistakes.errors import MISSING, Mistake, MistakesFoundError, checked, unknown
from config.models.base import ConfigurationModel

Problem = Literal["regression", "binary-classification"]


@dataclass(frozen=True)
class Metric:
    """What a threshold of a metric means."""

    problem: Problem
    high_is_good: bool
    is_fraction: bool = True

    @property
    def direction(self) -> str:
        """The key that a threshold of this metric is written with."""
        return "at_least" if self.high_is_good else "at_most"


METRICS = {
    "rmse": Metric("regression", high_is_good=False, is_fraction=False),
    "mse": Metric("regression", high_is_good=False, is_fraction=False),
    "mae": Metric("regression", high_is_good=False, is_fraction=False),
    "r2": Metric("regression", high_is_good=True),
    "median_absolute_percentage_error": Metric("regression", high_is_good=False),
    "within_5_percent": Metric("regression", high_is_good=True),
    "within_10_percent": Metric("regression", high_is_good=True),
    "accuracy": Metric("binary-classification", high_is_good=True),
    "precision": Metric("binary-classification", high_is_good=True),
    "recall": Metric("binary-classification", high_is_good=True),
    "f1": Metric("binary-classification", high_is_good=True),
    "auc": Metric("binary-classification", high_is_good=True),
    "log_loss": Metric("binary-classification", high_is_good=False, is_fraction=False),
}
"""Metrics of the evaluation report that can decide about a model."""


def metrics_of(problem: str) -> list[str]:
    """Return the names of the metrics that fit a problem."""
    return [name for name, metric in METRICS.items() if metric.problem == problem]


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

    @model_validator(mode="after")
    def _threshold_fits_the_metric(self) -> Self:
        metric = METRICS[self.metric]
        given = {key: value for key in ("at_least", "at_most") if (value := getattr(self, key)) is not None}
        better = "higher" if metric.high_is_good else "lower"
        if list(given) != [metric.direction]:
            problem = f"{self.metric} is better when {better}, and needs exactly one threshold"
            change = f"write {metric.direction} and nothing else"
            mistake = Mistake((), given or MISSING, problem, f"{metric.direction} alone", change)
            raise MistakesFoundError(mistake)
        self._check_range(metric)
        return self

    def _check_range(self, metric: Metric) -> None:
        threshold = getattr(self, metric.direction)
        if threshold <= 0 or (metric.is_fraction and threshold > 1):
            allowed = "above 0 and up to 1" if metric.is_fraction else "above 0"
            problem = f"is out of the range of {self.metric}"
            change = (
                "write a fraction, e.g. 0.7 for 70 %" if metric.is_fraction else "write a positive number"
            )
            raise MistakesFoundError(Mistake((metric.direction,), threshold, problem, allowed, change))
