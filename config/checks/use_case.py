"""Checks of one use case that compare several of its values."""

from collections.abc import Iterator
from pathlib import Path

from config.mistakes.documents import Document
from config.mistakes.errors import KeyPath, Mistake, unknown
from config.models.tuning import objectives_of
from config.models.use_case import UseCase, metrics_of
from config.values.columns import LONGEST_ARGUMENT, MOST_CHUNKS, chunks
from config.values.hyperparameters import OBJECTIVES


def check_use_case(use_case: Document[UseCase], pipeline_code: Path) -> Iterator[Mistake]:
    """Yield the mistakes of a use case that no single value shows."""
    for rule in (
        *(_columns_in_two_places, _too_many_columns, _metric_of_another_problem),
        *(_objective_of_another_problem, _logarithm_of_classes, _tuning_of_another_problem),
        *(_unknown_drift_features, _unknown_personal_data),
    ):
        yield from use_case.told(rule)
    yield from use_case.told(_missing_features_module, pipeline_code)


def columns_of(use_case: UseCase) -> Iterator[tuple[KeyPath, str]]:
    """Yield target and features, those that can be read, with their places."""
    if target := getattr(use_case, "target", None):
        yield ("target",), target
    for kind in ("numeric", "categorical"):
        for index, column in enumerate(getattr(getattr(use_case, "features", None), kind, ())):
            yield ("features", kind, index), column


def _places_of_columns(use_case: UseCase) -> Iterator[tuple[KeyPath, str]]:
    yield from columns_of(use_case)
    for column in getattr(use_case, "drop", ()):
        yield ("drop", column), column


def _columns_in_two_places(use_case: UseCase) -> Iterator[Mistake]:
    first_place: dict[str, str] = {}
    for path, column in _places_of_columns(use_case):
        place = ".".join(str(part) for part in path[:2] if part != column)
        if column in first_place:
            allowed = "each column once in target, features.numeric, features.categorical or drop"
            problem = f"the column is already in {first_place[column]}"
            yield Mistake(path, column, problem, allowed, "remove it from one place")
        first_place.setdefault(column, place)


def _too_many_columns(use_case: UseCase) -> Iterator[Mistake]:
    features = use_case.features
    lists = (features.numeric, features.categorical, tuple(use_case.drop))
    needed = sum(len(chunks(names)) for names in lists)
    if needed > MOST_CHUNKS:
        count = sum(len(names) for names in lists)
        problem = f"has {count} columns with those of drop, whose names fill {needed} arguments of a job"
        allowed = f"names that fit into {MOST_CHUNKS} arguments of {LONGEST_ARGUMENT} characters"
        change = "leave columns out of the raw data, or shorten their names there"
        yield Mistake(("features",), count, problem, allowed, change)


def _metric_of_another_problem(use_case: UseCase) -> Iterator[Mistake]:
    metric, problem = use_case.success.metric, f"is no metric of {use_case.problem}"
    path, known = ("success", "metric"), metrics_of(use_case.problem)
    return unknown(metric, known, problem, "choose one of these", path=path)


def _objective_of_another_problem(use_case: UseCase) -> Iterator[Mistake]:
    objective, fitting = use_case.hyperparameters.get("objective"), OBJECTIVES[use_case.problem]
    if any(objective in others for others in OBJECTIVES.values()):
        path, problem = ("hyperparameters", "objective"), f"is no objective of {use_case.problem}"
        yield from unknown(objective, fitting, problem, "choose one of these", path=path)


def _tuning_of_another_problem(use_case: UseCase) -> Iterator[Mistake]:
    if use_case.tuning is not None:
        objective, problem = use_case.tuning.objective, f"is no metric of {use_case.problem}"
        path, known = ("tuning", "objective"), objectives_of(use_case.problem)
        yield from unknown(objective, known, problem, "choose one of these", path=path)


def _logarithm_of_classes(use_case: UseCase) -> Iterator[Mistake]:
    if use_case.target_transform == "log" and use_case.problem == "binary-classification":
        problem = "classes have no logarithm"
        yield Mistake(("target_transform",), "log", problem, "none", "remove target_transform")


def _unknown_drift_features(use_case: UseCase) -> Iterator[Mistake]:
    features = [*use_case.features.numeric, *use_case.features.categorical]
    problem = "is no feature of this use case"
    allowed = "columns of features.numeric and features.categorical"
    for index, column in enumerate(use_case.drift.features if features else ()):
        path, otherwise = ("drift", "features", index), "remove it, or add it to features"
        yield from unknown(column, features, problem, otherwise, allowed=allowed, path=path)


def _unknown_personal_data(use_case: UseCase) -> Iterator[Mistake]:
    columns = [column for _, column in _places_of_columns(use_case)]
    problem, allowed = "is no column of this use case", "columns of target, features and drop"
    for index, column in enumerate(use_case.personal_data):
        path, otherwise = ("personal_data", index), "remove it, or add it to drop with the reason"
        yield from unknown(column, columns, problem, otherwise, allowed=allowed, path=path)


def _missing_features_module(use_case: UseCase, pipeline_code: Path) -> Iterator[Mistake]:
    module = use_case.features_module
    present = sorted(path.stem for path in pipeline_code.glob("features_*.py"))
    if module is not None:
        otherwise = f"write pipeline_code/{module}.py, or remove the key"
        problem, allowed = "there is no such module in pipeline_code", ", ".join(present) or "no module yet"
        yield from unknown(module, present, problem, otherwise, allowed=allowed, path=("features_module",))
