"""Boosted trees: on one machine or several, told round by round, continued where a machine was taken away."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from hosts import ALONE, Hosts
from hyperparameters import Value
from xgboost.callback import EarlyStopping, TrainingCallback

Told = tuple[str, Callable[[np.ndarray], float]]
"""A metric of the validation part: its name in XGBoost's log, and its value for the trees' answers."""

WATCHED = "validation"
CHECKPOINT = "trees.ubj"
CHECKPOINT_ROUNDS = 100
# What decides about stopping early is what each objective is measured by.
LOSSES = {
    "reg:squarederror": "rmse",
    "reg:absoluteerror": "mae",
    "binary:logistic": "logloss",
    "multi:softprob": "mlogloss",
}
# What a tuning job looks at, beside the loss: under a name that none of XGBoost's metrics has.
_OBJECTIVE = "objective"
_HISTORY, _SETTINGS = "losses", "settings"


@dataclass(frozen=True)
class Table:
    """Rows as numbers, and what is to be learnt of them."""

    rows: np.ndarray
    target: np.ndarray
    weights: np.ndarray | None = None
    """What each row counts; all the same without."""


@dataclass(frozen=True)
class Run:
    """How a training job runs."""

    hosts: Hosts = ALONE
    checkpoints: Path | None = None
    """A folder that SageMaker keeps when it takes the machine away; there is none unless it may."""
    tuning_objective: str | None = None
    """The metric that a tuning job compares its trainings by."""


ON_ONE_MACHINE = Run()


def boost(
    hyperparameters: Mapping[str, Value], learn: Table, watch: Table, run: Run, told: Told | None = None
) -> xgboost.Booster:
    """The trees up to the round that did best on `watch`. `told` is printed after each round."""
    parameters = {**hyperparameters, "tree_method": "hist", "device": run.hosts.device}
    rounds = int(parameters.pop("n_estimators"))
    loss = LOSSES[str(parameters["objective"])]
    stopping = EarlyStopping(
        rounds=int(parameters.pop("early_stopping_rounds")), metric_name=loss, data_name=WATCHED
    )
    callbacks: list[TrainingCallback] = [stopping]
    if told and run.hosts.is_first:
        callbacks.append(_Progress(told[0]))
    # The trials of a tuning job may share a place for checkpoints.
    settings = json.dumps(dict(hyperparameters), sort_keys=True)
    begun = _begun(run, settings, stopping, loss)
    if run.checkpoints and run.hosts.is_first:
        file = run.checkpoints / CHECKPOINT
        callbacks.append(_Checkpoints(file, settings, lambda: stopping.stopping_history[WATCHED][loss]))
    with run.hosts.together():
        mine = _share(learn, run.hosts)
        watched = _share(watch, run.hosts, mine)
        print(
            f"rank {xgboost.collective.get_rank()} of {xgboost.collective.get_world_size()}; "
            f"rows={mine.num_row()}; device={run.hosts.device}; rounds before={_rounds(begun)};"
        )
        trees = xgboost.train(
            parameters,
            mine,
            rounds - _rounds(begun),
            evals=[(watched, WATCHED)],
            verbose_eval=False,
            callbacks=callbacks,
            custom_metric=_custom_metric(told),
            xgb_model=begun,
        )
    trees.set_attr(**{_HISTORY: None, _SETTINGS: None})
    return trees[: trees.best_iteration + 1]


def grow(hyperparameters: Mapping[str, Value], learn: Table, run: Run) -> xgboost.Booster:
    """As many trees as the hyperparameters say, which nothing stops."""
    parameters = {**hyperparameters, "tree_method": "hist", "device": run.hosts.device}
    rounds = int(parameters.pop("n_estimators"))
    del parameters["early_stopping_rounds"]
    with run.hosts.together(again=True):
        mine = _share(learn, run.hosts)
        print(f"rank {xgboost.collective.get_rank()}; rows={mine.num_row()}; rounds={rounds};")
        return xgboost.train(parameters, mine, rounds)


def _share(table: Table, hosts: Hosts, ref: xgboost.DMatrix | None = None) -> xgboost.QuantileDMatrix:
    weight = None if table.weights is None else hosts.share(table.weights)
    return xgboost.QuantileDMatrix(hosts.share(table.rows), hosts.share(table.target), weight=weight, ref=ref)


def _rounds(trees: xgboost.Booster | None) -> int:
    return trees.num_boosted_rounds() if trees else 0


def _custom_metric(told: Told | None) -> Callable[[np.ndarray, Any], tuple[str, float]] | None:
    return (lambda answers, _: (_OBJECTIVE, told[1](answers))) if told else None


class _Progress(TrainingCallback):  # type: ignore[misc]  # xgboost's callbacks have no types
    """Prints a metric in the form of XGBoost's own log, which a tuning job reads round by round."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def after_iteration(self, _model: Any, epoch: int, evals_log: Mapping[str, Any]) -> bool:
        print(f"[{epoch}]\t{WATCHED}-{self.name}:{evals_log[WATCHED][_OBJECTIVE][-1]:.6f}")
        return False


class _Checkpoints(TrainingCallback):  # type: ignore[misc]  # xgboost's callbacks have no types
    """Keeps the trees, with the losses so far, which XGBoost's own checkpoints forget."""

    def __init__(self, file: Path, settings: str, losses: Callable[[], list[float]]) -> None:
        super().__init__()
        self.file, self.settings, self.losses = file, settings, losses

    def after_iteration(self, model: Any, _epoch: int, _evals_log: Mapping[str, Any]) -> bool:
        if model.num_boosted_rounds() % CHECKPOINT_ROUNDS == 0:
            model.set_attr(**{_HISTORY: json.dumps(self.losses()), _SETTINGS: self.settings})
            half_written = self.file.with_name(f"half-{self.file.name}")
            model.save_model(half_written)
            half_written.replace(self.file)
        return False


def _begun(run: Run, settings: str, stopping: EarlyStopping, loss: str) -> xgboost.Booster | None:
    """The trees of the last checkpoint of the same training; `stopping` gets to know what was before."""
    file = run.checkpoints / CHECKPOINT if run.checkpoints else None
    if file is None or not file.is_file():
        return None
    trees = xgboost.Booster(model_file=file)
    if trees.attr(_SETTINGS) != settings:
        return None
    losses = json.loads(trees.attr(_HISTORY))
    stopping.stopping_history = {WATCHED: {loss: losses}}
    stopping.best_scores = {WATCHED: {loss: [min(losses)]}}
    stopping.current_rounds = len(losses) - 1 - losses.index(min(losses))
    return trees
