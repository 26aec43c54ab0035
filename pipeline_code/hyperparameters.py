"""The hyperparameters that training understands; SageMaker passes every one of them as text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabular import DataError, Problem

Value = int | float | str
OBJECTIVES: dict[Problem, tuple[str, ...]] = {
    "regression": ("reg:squarederror", "reg:absoluteerror"),
    "binary-classification": ("binary:logistic",),
    "multiclass-classification": ("multi:softprob",),
}
# Set by SageMaker itself in tuning jobs and script mode.
SAGEMAKER_PREFIXES = ("_tuning_", "sagemaker_")
TUNING_OBJECTIVE = "_tuning_objective_metric"
# What AWS's XGBoost algorithm calls them; a tuning job of its image knows no other names.
# https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
NAMES_IN_TUNING = {
    "alpha": "reg_alpha",
    "eta": "learning_rate",
    "lambda": "reg_lambda",
    "nthread": "n_jobs",
    "num_round": "n_estimators",
    "seed": "random_state",
}


@dataclass(frozen=True)
class Rule:
    """How to read one hyperparameter, which values it may have, and what it is without one."""

    default: Value | None
    """None leaves the choice to the validation part."""
    read: Callable[[str], int | float]
    allows: Callable[[float], bool]
    allowed: str


def _number(default: float | None, allows: Callable[[float], bool], allowed: str) -> Rule:
    return Rule(default, float, allows, allowed)


def _integer(default: int | None, least: int, most: int) -> Rule:
    return Rule(default, int, lambda value: least <= value <= most, f"a whole number from {least} to {most}")


def _fraction(default: float) -> Rule:
    return _number(default, lambda value: 0 < value <= 1, "a number above 0, at most 1")


def _not_negative(default: float) -> Rule:
    return _number(default, lambda value: value >= 0, "a number of at least 0")


XGBOOST, LIGHTGBM = "xgboost", "lightgbm"
# Names and meaning: https://xgboost.readthedocs.io/en/stable/python/python_api.html (scikit-learn API)
RULES: dict[str, Rule] = {
    "n_estimators": _integer(2000, 1, 100_000),
    "early_stopping_rounds": _integer(50, 1, 100_000),
    "learning_rate": _fraction(0.05),
    "max_depth": _integer(4, 1, 50),
    "min_child_weight": _not_negative(3.0),
    "subsample": _fraction(0.7),
    "colsample_bytree": _fraction(0.5),
    "gamma": _not_negative(0.0),
    "reg_alpha": _not_negative(0.0),
    "reg_lambda": _not_negative(1.0),
    "scale_pos_weight": _number(1.0, lambda value: value > 0, "a number above 0"),
    "random_state": _integer(0, 0, 2**31 - 1),
    # Not the machine's number of cores: sums in another order would change the model's last digits, and small
    # tables train faster on one.
    "n_jobs": _integer(1, 1, 256),
}
RULES_OF: dict[str, dict[str, Rule]] = {
    XGBOOST: RULES,
    # Names and meaning: https://lightgbm.readthedocs.io/en/v4.6.0/Parameters.html, where all have aliases.
    LIGHTGBM: {
        **{name: RULES[name] for name in ("n_estimators", "early_stopping_rounds", "learning_rate")},
        "num_leaves": _integer(16, 2, 131_072),
        "max_depth": _integer(None, 1, 50),
        "min_child_samples": _integer(10, 0, 1_000_000),
        **{name: RULES[name] for name in ("subsample", "colsample_bytree", "reg_alpha", "reg_lambda")},
        **{name: RULES[name] for name in ("random_state", "n_jobs")},
    },
    # Of scikit-learn's Ridge it is alpha, of its LogisticRegression 1 / C.
    "linear": {"l2_penalty": _number(None, lambda value: value > 0, "a number above 0")},
    "knn": {
        "n_neighbors": _integer(None, 1, 1000),
        # An endpoint compares each request with so many rows.
        "sample_size": _integer(20_000, 1, 1_000_000),
    },
}
AUTO = "auto"
"""Tries all that AWS's image has, each with its own hyperparameters."""
TRIED = tuple(name for name in RULES_OF if name != LIGHTGBM)
ALGORITHMS = (*RULES_OF, AUTO)
WITH_OBJECTIVE = (XGBOOST, LIGHTGBM, AUTO)


def rules_of(algorithm: str) -> dict[str, Rule]:
    chosen = TRIED if algorithm == AUTO else (algorithm,)
    return {name: rule for each in chosen for name, rule in RULES_OF[each].items()}


def defaults(algorithm: str, problem: Problem) -> dict[str, Value]:
    """What is used where nothing is said, with the objective that all are judged by."""
    known = {name: rule.default for name, rule in rules_of(algorithm).items() if rule.default is not None}
    return {**known, "objective": OBJECTIVES[problem][0]}


def read_hyperparameters(path: Path, problem: Problem, algorithm: str = "xgboost") -> dict[str, Value]:
    """The file's hyperparameters over the defaults; raises one DataError that names every mistake."""
    values = defaults(algorithm, problem)
    mistakes = []
    for given, text in _texts(path).items():
        if given.startswith(SAGEMAKER_PREFIXES):
            continue
        name = NAMES_IN_TUNING.get(given, given)
        try:
            values[name] = _read(name, str(text), problem, algorithm)
        except ValueError as error:
            mistakes.append(f"{given}={text}: {error}")
    if mistakes:
        raise DataError("hyperparameters cannot be used: " + "; ".join(mistakes))
    return values


def read_tuning_objective(path: Path) -> str | None:
    """The metric that the tuning job of this training compares, for example `rmse`; None in any other."""
    objective = _texts(path).get(TUNING_OBJECTIVE)
    return str(objective).partition(":")[2] if objective else None


def _texts(path: Path) -> Mapping[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _read(name: str, text: str, problem: Problem, algorithm: str) -> Value:
    rules = rules_of(algorithm)
    known = sorted([*rules, "objective"] if algorithm in WITH_OBJECTIVE else rules)
    if name not in known:
        raise ValueError(f"unknown; known are {', '.join(known)}")
    if name == "objective":
        if text not in OBJECTIVES[problem]:
            raise ValueError(f"for {problem} allowed are {', '.join(OBJECTIVES[problem])}")
        return text
    rule = rules[name]
    try:
        value = rule.read(text)
    except ValueError:
        raise ValueError(f"must be {rule.allowed}") from None
    if not math.isfinite(value) or not rule.allows(value):
        raise ValueError(f"must be {rule.allowed}")
    return value
