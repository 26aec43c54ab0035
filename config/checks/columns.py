"""Checks of what a use case does with its columns: personal data, and what divides the rows."""

import re
from collections.abc import Iterator

from config.mistakes.errors import KeyPath, Mistake, unknown
from config.models.use_case import DISTANCES_OF_NUMBERS, UseCase
from config.values.expressions import columns_in
from config.values.fields import IMPUTATION, TREATMENT

_NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,15})?"


def columns_of(use_case: UseCase) -> Iterator[tuple[KeyPath, str]]:
    """Yield target and features, those that can be read, with their places."""
    if target := getattr(use_case, "target", None):
        yield ("target",), target
    for kind in ("numeric", "dates", "categorical"):
        for index, column in enumerate(getattr(getattr(use_case, "features", None), kind, ())):
            yield ("features", kind, index), column


def places_of_columns(use_case: UseCase) -> Iterator[tuple[KeyPath, str]]:
    """Yield target, features and what is dropped, with their places."""
    yield from columns_of(use_case)
    for column in getattr(use_case, "drop", ()):
        yield ("drop", column), column


def treatments_of_personal_data(use_case: UseCase) -> Iterator[Mistake]:
    """Yield personal data that are not where their treatment can be made."""
    features, known = use_case.features, [column for _, column in places_of_columns(use_case)]
    allowed = "columns of features and drop"
    for column, treatment in use_case.personal_data.items():
        path, otherwise = ("personal_data", column), "remove it, or add it to drop with the reason"
        yield from unknown(
            column, known, "is no column of this use case", otherwise, allowed=allowed, path=path
        )
        if not re.fullmatch(TREATMENT, str(treatment)):
            continue  # which its own check tells
        kind = treatment.partition(" ")[0]
        if column == use_case.target:
            yield Mistake(
                path, treatment, "is the target, which answers tell", allowed, "predict something else"
            )
        elif column in use_case.drop and kind != "drop":
            yield Mistake(path, treatment, "the column is dropped", "drop", "write drop")
        elif column in features.numbers and kind != "bucket":
            yield Mistake(
                path, treatment, "the column holds numbers", "bucket <width>", _elsewhere("bucket 10")
            )
        elif column in features.categorical and kind != "mask":
            yield Mistake(
                path, treatment, "the column holds categories", "mask <characters>", _elsewhere("mask 2")
            )


def _elsewhere(treatment: str) -> str:
    return f"write e.g. {treatment}, or move the column to drop with the reason"


def columns_that_cannot_be_computed_with(use_case: UseCase) -> Iterator[Mistake]:
    """Yield what expressions name and cannot know: columns without numbers, and those further down."""
    known = [*use_case.features.numbers]
    allowed = "features.numeric, features.dates and derived ones above it"
    for name, text in use_case.features.derived.items():
        path, otherwise = ("features", "derived", name), "add it to features"
        for place, column in columns_in(str(text)):
            problem = f"at character {place}, is no number that it could know"
            yield from unknown(column, known, problem, otherwise, allowed=allowed, path=path)
        known.append(name)


def columns_that_cannot_be_filled(use_case: UseCase) -> Iterator[Mistake]:
    """Yield what stands for missing cells of no feature, or not of its kind."""
    features = use_case.features
    kinds = dict.fromkeys(("numeric", *features.numbers, *features.derived), "numbers")
    kinds |= dict.fromkeys(("categorical", *features.categorical), "categories")
    for column, method in features.impute.items():
        path, otherwise = ("features", "impute", column), "remove it, or name numeric or categorical"
        yield from unknown(column, kinds, "is no feature", otherwise, allowed="features", path=path)
        if column not in kinds or not re.fullmatch(IMPUTATION, str(method)):
            continue
        plain, of_categories = method.removesuffix(" indicator"), kinds[column] == "categories"
        strategy, _, constant = plain.partition(" ")
        problem = f"does not fill {kinds[column]}"
        if of_categories and (strategy in ("median", "mean") or plain != method):
            allowed, change = "most_frequent, constant <text>", "write e.g. constant unknown"
            yield Mistake(path, method, problem, allowed, change)
        elif not of_categories and strategy == "constant" and not re.fullmatch(_NUMBER, constant):
            yield Mistake(path, method, problem, "constant <number>", "write e.g. constant 0")


def columns_that_cannot_be_compared(use_case: UseCase) -> Iterator[Mistake]:
    """Yield distances of no column, and those that need an order, of categories."""
    features, several = use_case.features, use_case.problem == "multiclass-classification"
    kinds = dict.fromkeys(("numeric", *features.numbers), "numbers")
    kinds |= dict.fromkeys(("categorical", *features.categorical), "categories")
    # Of two classes an endpoint answers a probability.
    kinds[use_case.target] = "categories" if several else "numbers"
    for column, distance in use_case.drift.distances.items():
        path, otherwise = ("drift", "distances", column), "remove it, or name numeric or categorical"
        yield from unknown(
            column, kinds, "is no feature", otherwise, allowed="target and features", path=path
        )
        if kinds.get(column) == "categories" and distance in DISTANCES_OF_NUMBERS:
            problem, change = "needs an order, which categories have not", "write e.g. jensen-shannon"
            allowed = "population-stability-index, jensen-shannon, chi-square"
            yield Mistake(path, distance, problem, allowed, change)


def columns_that_cannot_divide(use_case: UseCase) -> Iterator[Mistake]:
    """Yield what does not fit the way in which rows are divided."""
    split, path = use_case.split, ("split", "column")
    if split.by == "stratified" and use_case.problem == "regression":
        problem, change = "numbers are no classes", "write by: hash, or by: time with a column"
        yield Mistake(("split", "by"), split.by, problem, "hash, time, group", change)
    if split.column is None:
        return
    known = [column for _, column in places_of_columns(use_case) if column != use_case.target]
    problem, otherwise = "is no feature and not dropped", "add it to drop with the reason"
    allowed = "columns of features and drop"
    yield from unknown(split.column, known, problem, otherwise, allowed=allowed, path=path)
    if split.by == "time" and split.column in use_case.features.categorical:
        problem, change = (
            "holds categories, which have no order",
            "name a column of features.dates or numeric",
        )
        yield Mistake(path, split.column, problem, "numbers or dates", change)
