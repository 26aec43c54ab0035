"""The hyperparameters that a use case may set, by algorithm; pipeline_code/train.py understands the same."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

from config.mistakes.errors import Mistake, checked, suggest, unknown


@dataclass(frozen=True)
class Limits:
    """Which numbers a hyperparameter may be."""

    least: float
    most: float = math.inf
    is_whole: bool = False
    least_is_excluded: bool = False

    def allow(self, value: object) -> bool:
        """Return whether a value is a number within the limits."""
        if isinstance(value, bool) or not isinstance(value, int if self.is_whole else int | float):
            return False
        above = value > self.least if self.least_is_excluded else value >= self.least
        return above and value <= self.most and math.isfinite(value)

    def __str__(self) -> str:
        """Say in words what is allowed."""
        kind = "a whole number" if self.is_whole else "a number"
        lower = f"{'above' if self.least_is_excluded else 'from'} {self.least:.10g}"
        return f"{kind} {lower}" + (f" to {self.most:.10g}" if math.isfinite(self.most) else "")


_FRACTION = Limits(0, 1, least_is_excluded=True)
_NOT_NEGATIVE = Limits(0)

XGBOOST, LIGHTGBM, AUTO = "xgboost", "lightgbm", "auto"
# Names and meaning: https://xgboost.readthedocs.io/en/stable/python/python_api.html (scikit-learn API)
LIMITS = {
    "n_estimators": Limits(1, 100_000, is_whole=True),
    "early_stopping_rounds": Limits(1, 100_000, is_whole=True),
    "learning_rate": _FRACTION,
    "max_depth": Limits(1, 50, is_whole=True),
    "min_child_weight": _NOT_NEGATIVE,
    "subsample": _FRACTION,
    "colsample_bytree": _FRACTION,
    "gamma": _NOT_NEGATIVE,
    "reg_alpha": _NOT_NEGATIVE,
    "reg_lambda": _NOT_NEGATIVE,
    "scale_pos_weight": Limits(0, least_is_excluded=True),
    "random_state": Limits(0, 2**31 - 1, is_whole=True),
    "n_jobs": Limits(1, 256, is_whole=True),
}
_XGBOOST_ALONE = ("min_child_weight", "gamma", "scale_pos_weight")
LIMITS_OF = {
    XGBOOST: LIMITS,
    LIGHTGBM: {
        **{name: limits for name, limits in LIMITS.items() if name not in _XGBOOST_ALONE},
        "num_leaves": Limits(2, 131_072, is_whole=True),
        "min_child_samples": Limits(0, 1_000_000, is_whole=True),
    },
    "linear": {"l2_penalty": Limits(0, least_is_excluded=True)},
    "knn": {
        "n_neighbors": Limits(1, 1000, is_whole=True),
        "sample_size": Limits(1, 1_000_000, is_whole=True),
    },
}
"""By algorithm; `auto` takes those of all that AWS's image has."""
_ALL_LIMITS = {name: limits for each in LIMITS_OF.values() for name, limits in each.items()}
TUNABLE = (
    *("learning_rate", "max_depth", "min_child_weight", "subsample", "colsample_bytree", "gamma"),
    *("reg_alpha", "reg_lambda", "n_estimators"),
)
"""Those that a tuning job of AWS's XGBoost image may change.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
"""
OBJECTIVES = {
    "regression": ("reg:squarederror", "reg:absoluteerror"),
    "binary-classification": ("binary:logistic",),
    "multiclass-classification": ("multi:softprob",),
}
OBJECTIVE = "objective"
_NATIVE_NAMES = {
    "eta": "learning_rate",
    "alpha": "reg_alpha",
    "lambda": "reg_lambda",
    "min_split_loss": "gamma",
    "num_round": "n_estimators",
    "num_boost_round": "n_estimators",
    "nthread": "n_jobs",
    "seed": "random_state",
}
"""What XGBoost's own interface, and AWS's built-in algorithm, call the same."""


def known_to(algorithm: str) -> list[str]:
    """Return the names of the hyperparameters that an algorithm has."""
    tried = [name for name in LIMITS_OF if name != LIGHTGBM] if algorithm == AUTO else [algorithm]
    names = dict.fromkeys(name for each in tried for name in LIMITS_OF[each])
    return [*names, OBJECTIVE] if algorithm in (XGBOOST, LIGHTGBM, AUTO) else [*names]


def _hyperparameters(values: object) -> Iterator[Mistake]:
    known = [*_ALL_LIMITS, OBJECTIVE]
    objectives = [name for names in OBJECTIVES.values() for name in names]
    for name, value in values.items() if isinstance(values, dict) else ():
        if name == OBJECTIVE:
            problem, otherwise = "is no objective for training", "choose one of these"
            yield from unknown(value, objectives, problem, otherwise, path=(name,))
        elif name not in known:
            change = suggest(name, known, "remove it")
            if name in _NATIVE_NAMES:
                change = f"write {_NATIVE_NAMES[name]}"
            yield Mistake((name,), value, "is an unknown hyperparameter", ", ".join(known), change)
        elif not _ALL_LIMITS[name].allow(value):
            change = "write one number within the limits, without quotes"
            yield Mistake((name,), value, "cannot be used", str(_ALL_LIMITS[name]), change)


Hyperparameters = Annotated[dict[str, int | float | str], checked(_hyperparameters, BeforeValidator)]
