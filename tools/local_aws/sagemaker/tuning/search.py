"""Which hyperparameters a tuning job tries next: Optuna's samplers and pruners under AWS's names.

AWS's own are not published. Each stands for the same method: TPE for Bayesian, Hyperband for Hyperband, and
for early stopping the median of trials at the same step.
https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-how-it-works.html
https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-early-stopping.html
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import TrialState

from tools.local_aws.sagemaker.store import Members

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Earlier(NamedTuple):
    """What a training of another tuning job has come to."""

    values: Mapping[str, str]
    """All hyperparameters, tuned or not."""
    objective: float


class Trial:
    """One choice of hyperparameters, which is told how its training does."""

    def __init__(self, study: optuna.Study, trial: optuna.Trial) -> None:
        self._study, self._trial = study, trial
        self._told = 0

    @property
    def values(self) -> dict[str, str]:
        """The hyperparameters as a job gets them."""
        return {name: str(value) for name, value in self._trial.params.items()}

    def is_hopeless(self, objective: Sequence[float]) -> bool:
        """Whether a training with these values of its metric so far is better ended."""
        for step in range(self._told, len(objective)):
            self._trial.report(objective[step], step + 1)
        self._told = max(self._told, len(objective))
        return bool(self._told and self._trial.should_prune())

    def end(self, objective: float | None, *, stopped: bool) -> None:
        """What came of it; no value means that it failed."""
        if stopped or objective is None:
            self._study.tell(self._trial, state=TrialState.PRUNED if stopped else TrialState.FAIL)
        else:
            self._study.tell(self._trial, objective)


class Search:
    """All trials of one tuning job."""

    def __init__(self, config: Members, earlier: Iterable[Earlier] = ()) -> None:
        """`earlier` trials are those of other tuning jobs, as far as they lie within the ranges."""
        self._space = _space(config["ParameterRanges"])
        objective = config["HyperParameterTuningJobObjective"]
        self._study = optuna.create_study(
            direction="minimize" if objective["Type"] == "Minimize" else "maximize",
            sampler=_sampler(config),
            pruner=_pruner(config),
        )
        self.trials = config["ResourceLimits"].get("MaxNumberOfTrainingJobs")
        if config["Strategy"] == "Grid":
            names = list(self._space)
            combinations = list(itertools.product(*(self._space[name].choices for name in names)))
            self.trials = len(combinations)
            for combination in combinations:
                self._study.enqueue_trial(dict(zip(names, combination, strict=True)))

        for trial in earlier:
            self._learn(trial)

    def _learn(self, trial: Earlier) -> None:
        values = {name: _typed(kind, trial.values.get(name)) for name, kind in self._space.items()}
        if all(kind._contains(_inside(kind, values[name])) for name, kind in self._space.items()):
            done = optuna.trial.create_trial(params=values, distributions=self._space, value=trial.objective)
            self._study.add_trial(done)

    def ask(self) -> Trial:
        return Trial(self._study, self._study.ask(self._space))


def _space(ranges: Members) -> dict[str, Any]:
    space: dict[str, BaseDistribution] = {}
    for tried in ranges.get("ContinuousParameterRanges", []):
        low, high, log = float(tried["MinValue"]), float(tried["MaxValue"]), _is_logarithmic(tried)
        space[tried["Name"]] = FloatDistribution(low, high, log=log)
    for tried in ranges.get("IntegerParameterRanges", []):
        low, high = int(tried["MinValue"]), int(tried["MaxValue"])
        space[tried["Name"]] = IntDistribution(low, high, log=_is_logarithmic(tried))
    for tried in ranges.get("CategoricalParameterRanges", []):
        space[tried["Name"]] = CategoricalDistribution(tried["Values"])
    return space


def _typed(kind: BaseDistribution, value: str | None) -> Any:
    """The value as Optuna has it; nothing that cannot be one."""
    if value is None or isinstance(kind, CategoricalDistribution):
        return value
    try:
        return int(value) if isinstance(kind, IntDistribution) else float(value)
    except ValueError:
        return None


def _inside(kind: BaseDistribution, value: Any) -> float:
    """As the distribution keeps it inside; what it cannot keep is no number."""
    try:
        return float(kind.to_internal_repr(value))
    except (TypeError, ValueError):
        return math.nan


def _is_logarithmic(tried: Members) -> bool:
    return tried.get("ScalingType") == "Logarithmic"


def _sampler(config: Members) -> BaseSampler:
    sampler = TPESampler if config["Strategy"] in ("Bayesian", "Hyperband") else RandomSampler
    return sampler(seed=config.get("RandomSeed"))


def _pruner(config: Members) -> BasePruner:
    if config["Strategy"] == "Hyperband":
        resources = config["StrategyConfig"]["HyperbandStrategyConfig"]
        return HyperbandPruner(
            min_resource=resources.get("MinResource", 1), max_resource=resources["MaxResource"]
        )
    return MedianPruner() if config.get("TrainingJobEarlyStoppingType") == "Auto" else NopPruner()
