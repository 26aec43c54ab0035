"""Checks of one use case that compare several of its values."""

import ast
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from config.checks.algorithm import (
    hyperparameters_of_another_algorithm,
    library_that_the_image_lacks,
    tuning_of_another_algorithm,
)
from config.checks.columns import (
    columns_that_cannot_be_compared,
    columns_that_cannot_be_computed_with,
    columns_that_cannot_be_filled,
    columns_that_cannot_divide,
    places_of_columns,
    treatments_of_personal_data,
)
from config.checks.sample import (
    cells_that_it_lacks,
    columns_that_it_lacks,
    header_of_sample,
    sample_that_is_missing,
)
from config.mistakes.documents import Document
from config.mistakes.errors import MISSING, Mistake, suggest, unknown
from config.models.tuning import objectives_of
from config.models.use_case import COST_METRIC, METRICS, UseCase, metrics_of
from config.values.columns import LONGEST_ARGUMENT, MOST_CHUNKS, before_names, chunks, treated
from config.values.hyperparameters import OBJECTIVES

_CONTAINER_LIBRARIES = ("numpy", "pandas", "scipy", "sklearn", "xgboost")


def check_use_case(use_case: Document[UseCase], pipeline_code: Path, data: Path) -> Iterator[Mistake]:
    """Yield the mistakes of a use case that no single value shows."""
    for rule in (
        *(_facets_that_are_no_features, _outcomes_of_another_problem),
        *(_columns_in_two_places, _too_many_columns, _metric_of_another_problem),
        *(_objective_of_another_problem, _logarithm_of_classes, _keys_of_another_problem),
        *(_weights_of_classes, _tuning_of_another_problem, _costs_of_another_problem),
        *(treatments_of_personal_data, columns_that_cannot_divide),
        *(columns_that_cannot_be_computed_with, columns_that_cannot_be_filled),
        columns_that_cannot_be_compared,
        *(hyperparameters_of_another_algorithm, tuning_of_another_algorithm, library_that_the_image_lacks),
    ):
        yield from use_case.told(rule)
    yield from use_case.told(_unknown_drift_features, header_of_sample(use_case.model, data))
    for rule_of_sample in (sample_that_is_missing, columns_that_it_lacks, cells_that_it_lacks):
        yield from use_case.told(rule_of_sample, data)
    yield from use_case.told(_missing_features_module, pipeline_code)


def _columns_in_two_places(use_case: UseCase) -> Iterator[Mistake]:
    first_place: dict[str, str] = {}
    derived = getattr(getattr(use_case, "features", None), "derived", ())
    places = [*places_of_columns(use_case), *((("features", "derived", name), name) for name in derived)]
    for path, column in places:
        place = ".".join(str(part) for part in path[:2] if part != column)
        if column in first_place:
            allowed = "each column once in target, features.numeric, .dates, .categorical or drop"
            problem = f"the column is already in {first_place[column]}"
            yield Mistake(path, column, problem, allowed, "remove it from one place")
        first_place.setdefault(column, place)


def _too_many_columns(use_case: UseCase) -> Iterator[Mistake]:
    features = use_case.features
    coarser = treated(use_case.personal_data)
    lists = (features.numbers, features.categorical, tuple(use_case.drop))
    filled, compared = before_names(features.impute), before_names(use_case.drift.distances)
    needed = sum(len(chunks(names)) for names in (*lists, coarser, filled, compared)) + math.ceil(
        len(features.derived) / 2
    )
    if needed > MOST_CHUNKS:
        count = sum(len(names) for names in lists)
        problem = f"has {count} columns with those of drop, whose names fill {needed} arguments of a job"
        allowed = f"names that fit into {MOST_CHUNKS} arguments of {LONGEST_ARGUMENT} characters"
        change = "leave columns out of the raw data, or shorten their names there"
        yield Mistake(("features",), count, problem, allowed, change)


def _metric_of_another_problem(use_case: UseCase) -> Iterator[Mistake]:
    metric, known = use_case.success.metric, metrics_of(use_case.problem)
    if metric not in known:
        fitting = " or ".join(METRICS[metric].problems)
        change = f"choose one of these, or write problem: {fitting}"
        problem = f"is no metric of {use_case.problem}"
        yield Mistake(("success", "metric"), metric, problem, ", ".join(known), change)


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


def _facets_that_are_no_features(use_case: UseCase) -> Iterator[Mistake]:
    """Yield facets that the test part does not hold, or not as what they are compared with."""
    numbers = use_case.features.numbers
    features = (*numbers, *use_case.features.categorical)
    allowed = "columns of features.numeric, features.dates and features.categorical"
    for index, facet in enumerate(use_case.bias.facets if use_case.bias else ()):
        path, problem = ("bias", "facets", index), "is no feature, and evaluation has no other columns"
        otherwise, column = "remove it, or add it to features", (*path, "column")
        yield from unknown(facet.column, features, problem, otherwise, allowed=allowed, path=column)
        if facet.column in features and (facet.column in numbers) != (facet.above is not None):
            key, what = ("above", "numbers") if facet.column in numbers else ("values", "categories")
            yield Mistake(path, facet.test, f"{facet.column} holds {what}", key, f"write {key}")
        if facet.column in use_case.personal_data:
            problem = "is personal data, of which the evaluation knows no exact cell"
            yield Mistake(column, facet.column, problem, "other features", "compare groups of another column")


def _outcomes_of_another_problem(use_case: UseCase) -> Iterator[Mistake]:
    """Yield what says which outcome is positive where it is known, or does not where it is not."""
    if use_case.bias is None:
        return
    needed = {"regression": "positive_above", "multiclass-classification": "positive_labels"}
    for key in ("positive_above", "positive_labels"):
        value, path = getattr(use_case.bias, key), ("bias", key)
        is_given, is_needed = value not in (None, ()), needed.get(use_case.problem) == key
        if is_needed and not is_given:
            problem, allowed = f"is required for {use_case.problem}", "what counts as the positive outcome"
            yield Mistake(path, MISSING, problem, allowed, f"add {key}")
        if is_given and not is_needed:
            problem, allowed = (
                f"says nothing about {use_case.problem}",
                needed.get(use_case.problem, "no key"),
            )
            yield Mistake(path, value, problem, allowed, "remove it")


def _logarithm_of_classes(use_case: UseCase) -> Iterator[Mistake]:
    if use_case.target_transform == "log" and use_case.problem != "regression":
        problem = "classes have no logarithm"
        yield Mistake(("target_transform",), "log", problem, "none", "remove target_transform")


def _keys_of_another_problem(use_case: UseCase) -> Iterator[Mistake]:
    """Yield what only two classes have, or lack."""
    is_binary = use_case.problem == "binary-classification"
    if is_binary and use_case.positive is None:
        problem, allowed = "is required for two classes", "the label whose probability the model answers"
        yield Mistake(("positive",), MISSING, problem, allowed, 'add `positive: "..."`, as in the data')
    for key in () if is_binary else ("positive", "decision_threshold"):
        if (value := getattr(use_case, key)) is not None:
            problem = f"says nothing about {use_case.problem}"
            yield Mistake((key,), value, problem, "binary-classification only", "remove it")


def _weights_of_classes(use_case: UseCase) -> Iterator[Mistake]:
    if use_case.class_weight == "none":
        return
    if use_case.problem == "regression":
        yield Mistake(("class_weight",), use_case.class_weight, "there are no classes", "none", "remove it")
    if "scale_pos_weight" in use_case.hyperparameters:
        path, value = ("hyperparameters", "scale_pos_weight"), use_case.hyperparameters["scale_pos_weight"]
        yield Mistake(path, value, "weighs what class_weight does", "one of both", "remove one of them")


def _costs_of_another_problem(use_case: UseCase) -> Iterator[Mistake]:
    costs, problem = use_case.costs, use_case.problem
    if costs is None:
        if use_case.success.metric == COST_METRIC and problem != "regression":
            told, allowed = "is measured with costs only", "costs beside success"
            yield Mistake(("success", "metric"), COST_METRIC, told, allowed, "add costs")
        return
    if problem == "regression":
        given, told = costs.model_dump(exclude_defaults=True), "there are no decisions in regression"
        yield Mistake(("costs",), given, told, "costs of a classification", "remove it")
        return
    fits, other = costs.is_of_two, costs.is_of_several
    if problem != "binary-classification":
        fits, other = other, fits
    if other and not fits:
        fitting = "mistake" if costs.is_of_two else "false_positive and false_negative"
        given = costs.model_dump(exclude_defaults=True)
        yield Mistake(("costs",), given, f"are no costs of {problem}", fitting, f"write {fitting}")


def _unknown_drift_features(use_case: UseCase, header: tuple[str, ...]) -> Iterator[Mistake]:
    features = [*use_case.features.numbers, *use_case.features.categorical]
    # A feature that the data lack is told itself, and nobody should write it a second time.
    nearest = [name for name in features if not header or name in header]
    allowed = "columns of features.numeric, features.dates and features.categorical"
    for index, column in enumerate(use_case.drift.features if features else ()):
        if column not in features:
            otherwise = "remove it, or add it to features"
            change = otherwise if column in header else suggest(column, nearest, otherwise)
            problem, path = "is no feature of this use case", ("drift", "features", index)
            yield Mistake(path, column, problem, allowed, change)


def _missing_features_module(use_case: UseCase, pipeline_code: Path) -> Iterator[Mistake]:
    module = use_case.features_module
    present = sorted(path.stem for path in pipeline_code.glob("features_*.py"))
    if module is not None:
        otherwise = f"write pipeline_code/{module}.py, or remove the key"
        problem, allowed = "there is no such module in pipeline_code", ", ".join(present) or "no module yet"
        yield from unknown(module, present, problem, otherwise, allowed=allowed, path=("features_module",))
        if module in present:
            yield from _features_module_that_does_not_import(module, pipeline_code)


def _features_module_that_does_not_import(module: str, pipeline_code: Path) -> Iterator[Mistake]:
    """Yield what would stop the module in a container; it is read, not run."""
    file, path = f"pipeline_code/{module}.py", ("features_module",)
    allowed = f"modules of {', '.join(_CONTAINER_LIBRARIES)}, of Python and of pipeline_code"
    try:
        tree = ast.parse((pipeline_code / f"{module}.py").read_text("utf-8"))
    except SyntaxError as error:
        yield Mistake(path, module, f"is not Python in line {error.lineno}", "a module", f"correct {file}")
        return
    known = {
        *_CONTAINER_LIBRARIES,
        *sys.stdlib_module_names,
        *(each.stem for each in pipeline_code.glob("*.py")),
    }
    for name in sorted(set(_imported(tree)) - known):
        problem = f"imports {name}, which the container that trains has not"
        yield Mistake(path, module, problem, allowed, f"do without it in {file}")
    if not any(isinstance(node, ast.FunctionDef) and node.name == "derive" for node in tree.body):
        yield Mistake(path, module, "has no function derive", "def derive(rows)", f"write it in {file}")


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]
