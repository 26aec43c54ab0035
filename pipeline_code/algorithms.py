"""The algorithms that a use case can name, and `auto`, which keeps the best of those that AWS's image has.

Whatever an algorithm leaves open, the validation part decides: by the loss at which XGBoost stops early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from boosting import LOSSES, ON_ONE_MACHINE, Run, Table, Told, boost, grow
from hyperparameters import AUTO, RULES, TRIED, Value
from learned import Learned, near
from light_trees import LightTrees, boost_light, grow_light
from linear import Linear
from metrics import plain
from neighbors import Neighbors
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import log_loss, mean_absolute_error, root_mean_squared_error
from tabular import DataError, evenly
from trees import Trees

L2_PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
NEIGHBORS = (3, 5, 8, 12, 20, 30, 50, 80, 120, 200)
MOST_ITERATIONS = 1000


@dataclass(frozen=True)
class Task:
    """What is to be learnt, from what, and how."""

    hyperparameters: Mapping[str, Value]
    learn: Table
    watch: Table
    labels: int = 0
    """How many there are; none of a number."""
    run: Run = ON_ONE_MACHINE
    told: Told | None = None
    is_settled: bool = False
    """Whether the hyperparameters leave nothing to decide."""

    @property
    def loss_name(self) -> str:
        return LOSSES[str(self.hyperparameters["objective"])]

    def loss(self, answers: np.ndarray) -> float:
        """Of the answers about the validation part."""
        target, weights = self.watch.target, self.watch.weights
        if self.labels:
            return float(log_loss(target, answers, sample_weight=weights, labels=np.arange(self.labels)))
        measure = mean_absolute_error if self.loss_name == "mae" else root_mean_squared_error
        return float(measure(target, answers, sample_weight=weights))


def learn(algorithm: str, task: Task) -> Learned:
    """What the algorithm learns; of several the best, after a line in the log about each."""
    if algorithm != AUTO:
        return LEARN[algorithm](task)
    tried = {name: LEARN[name](task) for name in TRIED}
    some = _of_neighbors(task)
    losses = {name: some.loss(learned.predict(some.watch.rows)) for name, learned in tried.items()}
    for name, loss in losses.items():
        print(f"candidate={name}; {tried[name].told}; validation_{task.loss_name}={plain(loss)};")
    best = min(losses, key=lambda name: losses[name])
    print(f"algorithm={best};")
    return tried[best]


def _trees(task: Task) -> Learned:
    settings = {
        name: value for name, value in task.hyperparameters.items() if name in RULES or name == "objective"
    }
    # XGBoost has to be told how many labels there are, and warns where there is nothing to weigh.
    if settings["objective"] != "binary:logistic":
        settings.pop("scale_pos_weight", None)
    if settings["objective"] == "multi:softprob":
        settings["num_class"] = task.labels
    if task.is_settled:
        return Trees(grow(settings, task.learn, task.run))
    return Trees(boost(settings, task.learn, task.watch, task.run, task.told))


def _light_trees(task: Task) -> Learned:
    if task.is_settled:
        return LightTrees(grow_light(task.hyperparameters, task.learn, task.labels))
    return LightTrees(boost_light(task.hyperparameters, task.learn, task.watch, task.labels))


def _linear(task: Task) -> Learned:
    """Ridge regression, or logistic regression of labels."""
    given = task.hyperparameters.get("l2_penalty")
    penalties = L2_PENALTIES if given is None else (float(given),)
    fitted = [_fitted(task, penalty) for penalty in penalties]
    return min(fitted, key=lambda line: task.loss(line.predict(task.watch.rows)))


def _fitted(task: Task, l2_penalty: float) -> Linear:
    if task.labels:
        line = LogisticRegression(C=1 / l2_penalty, max_iter=MOST_ITERATIONS)
    else:
        line = Ridge(alpha=l2_penalty)
    rows = near(task.learn.rows)
    line.fit(rows, task.learn.target, task.learn.weights)
    intercepts, coefficients = np.atleast_1d(line.intercept_), np.atleast_2d(line.coef_)
    if task.labels == 2:
        # scikit-learn tells the odds of the second label beside the first one, whose line is zero.
        intercepts = np.concatenate([[0.0], intercepts])
        coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
    means = rows.mean(axis=0)
    return Linear(l2_penalty, intercepts.tolist(), coefficients.tolist(), means.tolist())


def _neighbors(task: Task) -> Learned:
    given, kept = task.hyperparameters.get("n_neighbors"), _sample(task)
    known = len(kept.rows)
    counts = [int(given)] if given else [min(count, known) for count in NEIGHBORS]
    if max(counts) > known:
        raise DataError(f"n_neighbors={given} is more than the {known} rows that are kept to compare with")
    says = np.eye(task.labels)[kept.target.astype(int)] if task.labels else kept.target[:, np.newaxis]
    weights = np.ones(known) if kept.weights is None else kept.weights
    asked = Neighbors(max(counts), kept.rows, says, weights)
    some = _of_neighbors(task)
    nearest = asked.nearest(some.watch.rows, asked.n_neighbors)
    best = min(counts, key=lambda count: some.loss(asked.answers_of(nearest[:, :count])))
    return replace(asked, n_neighbors=best)


def _of_neighbors(task: Task) -> Task:
    """With as much of the validation part as neighbors are looked up for."""
    return replace(task, watch=_rows_of(task.watch, evenly(len(task.watch.rows), Neighbors.MOST_MEASURED)))


def _sample(task: Task) -> Table:
    """As many rows of the training part as are to be kept, evenly taken."""
    learn, size = task.learn, int(task.hyperparameters["sample_size"])
    return _rows_of(learn, evenly(len(learn.rows), size))


def _rows_of(table: Table, taken: np.ndarray) -> Table:
    weights = None if table.weights is None else table.weights[taken]
    return Table(table.rows[taken], table.target[taken], weights)


LEARN: dict[str, Callable[[Task], Learned]] = {
    "xgboost": _trees,
    "lightgbm": _light_trees,
    "linear": _linear,
    "knn": _neighbors,
}
