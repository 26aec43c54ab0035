"""Checks of one use case that compare several of its values."""

from collections.abc import Iterator
from pathlib import Path

from config.mistakes.documents import Document
from config.mistakes.errors import KeyPath, Mistake, suggest
from config.models.success import METRICS, metrics_of
from config.values.hyperparameters import OBJECTIVES


def check_use_case(use_case: Document, pipeline_code: Path) -> Iterator[Mistake]:
    """Yield the mistakes of a use case that no single value shows."""
    yield from _columns_in_two_places(use_case)
    yield from _metric_of_another_problem(use_case)
    yield from _objective_of_another_problem(use_case)
    yield from _logarithm_of_classes(use_case)
    yield from _unknown_drift_features(use_case)
    yield from _unknown_personal_data(use_case)
    yield from _missing_features_module(use_case, pipeline_code)


def _places_of_columns(use_case: Document) -> Iterator[tuple[KeyPath, str]]:
    target = use_case.text("target")
    if target is not None:
        yield ("target",), target
    for kind in ("numeric", "categorical"):
        for index, column in use_case.texts("features", kind).items():
            yield ("features", kind, index), column
    for column in use_case.mapping("drop"):
        yield ("drop", column), column


def _columns_in_two_places(use_case: Document) -> Iterator[Mistake]:
    first_place: dict[str, str] = {}
    for path, column in _places_of_columns(use_case):
        place = ".".join(str(part) for part in path[:2] if part != column)
        if column in first_place:
            allowed = "each column once in target, features.numeric, features.categorical or drop"
            problem = f"the column is already in {first_place[column]}"
            yield use_case.mistake(path, column, problem, allowed, "remove it from one place")
        first_place.setdefault(column, place)


def _metric_of_another_problem(use_case: Document) -> Iterator[Mistake]:
    problem, metric = use_case.text("problem"), use_case.text("success", "metric")
    fitting = metrics_of(problem or "")
    if fitting and metric in METRICS and metric not in fitting:
        what = f"is no metric of {problem}"
        yield use_case.mistake(("success", "metric"), metric, what, ", ".join(fitting), "choose one of these")


def _objective_of_another_problem(use_case: Document) -> Iterator[Mistake]:
    problem, objective = use_case.text("problem"), use_case.text("hyperparameters", "objective")
    fitting = OBJECTIVES.get(problem or "", ())
    known = [name for names in OBJECTIVES.values() for name in names]
    if fitting and objective in known and objective not in fitting:
        path, what = ("hyperparameters", "objective"), f"is no objective of {problem}"
        yield use_case.mistake(path, objective, what, ", ".join(fitting), "choose one of these")


def _logarithm_of_classes(use_case: Document) -> Iterator[Mistake]:
    if use_case.text("target_transform") == "log" and use_case.text("problem") == "binary-classification":
        problem = "classes have no logarithm"
        yield use_case.mistake(("target_transform",), "log", problem, "none", "remove target_transform")


def _unknown_drift_features(use_case: Document) -> Iterator[Mistake]:
    features = [
        column for kind in ("numeric", "categorical") for column in use_case.texts("features", kind).values()
    ]
    seen: set[str] = set()
    for index, column in use_case.texts("drift", "features").items():
        path = ("drift", "features", index)
        if column in seen:
            yield use_case.mistake(path, column, "is listed twice", "each feature once", "remove one")
        elif features and column not in features:
            change = suggest(column, features, "remove it, or add it to features")
            allowed = "columns of features.numeric and features.categorical"
            yield use_case.mistake(path, column, "is no feature of this use case", allowed, change)
        seen.add(column)


def _unknown_personal_data(use_case: Document) -> Iterator[Mistake]:
    columns = [column for _, column in _places_of_columns(use_case)]
    for index, column in use_case.texts("personal_data").items():
        if column not in columns:
            change = suggest(column, columns, "remove it, or add it to drop with the reason")
            allowed = "columns of target, features and drop"
            problem = "is no column of this use case"
            yield use_case.mistake(("personal_data", index), column, problem, allowed, change)


def _missing_features_module(use_case: Document, pipeline_code: Path) -> Iterator[Mistake]:
    module = use_case.text("features_module")
    present = sorted(path.stem for path in pipeline_code.glob("features_*.py"))
    if module is not None and module.startswith("features_") and module not in present:
        allowed = ", ".join(present) or "no module yet"
        change = suggest(module, present, f"write pipeline_code/{module}.py, or remove the key")
        problem = "there is no such module in pipeline_code"
        yield use_case.mistake(("features_module",), module, problem, allowed, change)
