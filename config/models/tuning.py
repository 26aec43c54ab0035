"""The search for better hyperparameters: how SageMaker's automatic model tuning tries them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from config.mistakes.errors import Mistake, checked, unknown
from config.models.base import ConfigurationModel
from config.values.hyperparameters import LIMITS, TUNABLE

Strategy = Literal["Bayesian", "Hyperband", "Random", "Grid"]
WARM_STARTED: tuple[Strategy, ...] = ("Bayesian", "Random")
"""Strategies that know the trials of other searches."""
Scaling = Literal["Auto", "Linear", "Logarithmic"]

_REGRESSION, _BINARY, _MULTICLASS = "regression", "binary-classification", "multiclass-classification"
OBJECTIVES = {
    "validation:rmse": ((_REGRESSION,), "Minimize"),
    "validation:mse": ((_REGRESSION,), "Minimize"),
    "validation:mae": ((_REGRESSION,), "Minimize"),
    "validation:accuracy": ((_BINARY, _MULTICLASS), "Maximize"),
    "validation:auc": ((_BINARY,), "Maximize"),
    "validation:f1": ((_BINARY,), "Maximize"),
    "validation:logloss": ((_BINARY,), "Minimize"),
    "validation:mlogloss": ((_MULTICLASS,), "Minimize"),
}
"""The metrics of AWS's XGBoost image that training prints, each with its problems and direction.

A tuning job of an image of AWS's takes no others.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
"""


def objectives_of(problem: str) -> list[str]:
    return [name for name, (problems, _) in OBJECTIVES.items() if problem in problems]


def _objective(value: str) -> Iterator[Mistake]:
    return unknown(value, OBJECTIVES, "is no metric that a tuning job can compare", "choose one of these")


Objective = Annotated[str, checked(_objective), Field(json_schema_extra={"enum": list(OBJECTIVES)})]


class Range(ConfigurationModel):
    """The values of one hyperparameter: those from min to max, or a list."""

    min: float | None = None
    """Lowest value."""
    max: float | None = None
    """Highest value."""
    scaling: Scaling = "Auto"
    """How values are spread between min and max: Auto, Linear or Logarithmic."""
    values: tuple[float, ...] | None = Field(default=None, min_length=1, max_length=30, strict=False)
    """The values themselves, at most 30."""

    def mistakes(self) -> Iterator[Mistake]:
        ends = [end for end in (self.min, self.max) if end is not None]
        if (len(ends) == 2) == (self.values is not None) or len(ends) == 1:
            change = "write min and max, or values"
            yield Mistake((), self.model_dump(exclude_defaults=True), "is no range", change, change)
        elif ends and ends[0] >= ends[1]:
            change = "lower min or raise max"
            yield Mistake(("min",), ends[0], f"is not below max, {ends[1]:g}", f"below {ends[1]:g}", change)
        elif ends and self.scaling == "Logarithmic" and ends[0] <= 0:
            problem, change = "has no logarithm", "raise min, or write Linear"
            yield Mistake(("min",), ends[0], problem, "above 0 with Logarithmic", change)

    @property
    def numbers(self) -> tuple[float, ...]:
        """All values that are named."""
        return self.values or tuple(end for end in (self.min, self.max) if end is not None)


def _ranges(ranges: dict[str, Range]) -> Iterator[Mistake]:
    for name, tried in ranges.items():
        problem = "is no hyperparameter that a tuning job may change"
        yield from unknown(name, TUNABLE, problem, "remove it", path=(name,))
        for value in tried.numbers if name in TUNABLE else ():
            limits = LIMITS[name]
            number = int(value) if limits.is_whole and value.is_integer() else value
            if not limits.allow(number):
                change = "write numbers within the limits"
                yield Mistake((name,), value, "cannot be used", str(limits), change)


# At most 30: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ParameterRanges.html
Ranges = Annotated[dict[str, Range], checked(_ranges), Field(min_length=1, max_length=30)]


class Tuning(ConfigurationModel):
    """Trains with many choices of hyperparameters; the best model is evaluated and registered."""

    strategy: Strategy = "Bayesian"
    """How the next values are chosen: Bayesian, Hyperband, Random or Grid."""
    objective: Objective
    """Metric of the validation part by which models are compared."""
    max_jobs: int | None = Field(default=None, ge=1, le=750)
    """Trainings in all; required but for Grid, which tries everything."""
    parallel_jobs: int = Field(default=1, ge=1, le=100)
    """Trainings at the same time."""
    early_stopping: bool = False
    """Whether a training ends that does worse than those before; Hyperband decides by itself."""
    ranges: Ranges
    """Values to try, by hyperparameter; the others are those of hyperparameters."""

    def mistakes(self) -> Iterator[Mistake]:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
        is_grid = self.strategy == "Grid"
        if is_grid and self.max_jobs is not None:
            problem, change = "Grid tries every combination of the values", "remove max_jobs"
            yield Mistake(("max_jobs",), self.max_jobs, problem, "left out with Grid", change)
        if not is_grid and self.max_jobs is None:
            problem, allowed = "is needed to end the search", "1 to 750"
            yield Mistake(("max_jobs",), None, problem, allowed, "say how many trainings there may be")
        if self.strategy == "Hyperband" and self.early_stopping:
            problem, change = "Hyperband stops trainings by itself", "remove early_stopping"
            yield Mistake(("early_stopping",), True, problem, "false", change)
        for name, tried in self.ranges.items():
            if is_grid and tried.values is None:
                problem, change = "Grid needs the values themselves", "write values: [...]"
                yield Mistake(("ranges", name), tried.numbers, problem, "a list of values", change)
