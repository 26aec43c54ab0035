"""The criterion that a model must meet, and the metrics that it can be written in."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.mistakes.errors import MISSING, Mistake, MistakesFoundError, suggest
from config.models.base import ConfigurationModel

Problem = Literal["regression", "binary-classification"]
Comparison = Literal["at_least", "at_most"]


@dataclass(frozen=True)
class Metric:
    """What a threshold of a metric means."""

    problem: Problem
    high_is_good: bool
    is_fraction: bool = True

    @property
    def direction(self) -> Comparison:
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


def _check_metric(value: str) -> str:
    if value not in METRICS:
        change = suggest(value, METRICS, "choose one of these")
        raise MistakesFoundError(
            Mistake((), value, "is not a metric of the report", ", ".join(METRICS), change)
        )
    return value


MetricName = Annotated[str, AfterValidator(_check_metric), Field(json_schema_extra={"enum": list(METRICS)})]


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
        return METRICS[self.metric].direction

    @property
    def threshold(self) -> float:
        """The value that the metric must reach."""
        value: float = getattr(self, self.comparison)
        return value

    @model_validator(mode="after")
    def _threshold_fits_the_metric(self) -> Self:
        metric = METRICS[self.metric]
        given = {key: value for key in ("at_least", "at_most") if (value := getattr(self, key)) is not None}
        better = "higher" if metric.high_is_good else "lower"
        if list(given) != [self.comparison]:
            problem = f"{self.metric} is better when {better}, and needs exactly one threshold"
            change = f"write {self.comparison} and nothing else"
            mistake = Mistake((), given or MISSING, problem, f"{self.comparison} alone", change)
            raise MistakesFoundError(mistake)
        self._check_range(metric)
        return self

    def _check_range(self, metric: Metric) -> None:
        if self.threshold <= 0 or (metric.is_fraction and self.threshold > 1):
            allowed = "above 0 and up to 1" if metric.is_fraction else "above 0"
            problem = f"is out of the range of {self.metric}"
            change = (
                "write a fraction, e.g. 0.7 for 70 %" if metric.is_fraction else "write a positive number"
            )
            raise MistakesFoundError(Mistake((self.comparison,), self.threshold, problem, allowed, change))
