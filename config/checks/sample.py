"""Checks of a use case against its sample data."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from config.checks.columns import places_of_columns
from config.mistakes.errors import Mistake, unknown
from config.models.use_case import UseCase

_MOST_LABELS_SHOWN = 10


def header_of_sample(use_case: UseCase, data: Path) -> tuple[str, ...]:
    """Return the columns of the sample; none where there is no sample that can be read."""
    path = data / str(getattr(getattr(use_case, "sample", None), "file", ""))
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return tuple(next(csv.reader(file), ()))


def sample_that_is_missing(use_case: UseCase, data: Path) -> Iterator[Mistake]:
    """Yield a sample that is not in data/."""
    if use_case.sample and not (data / use_case.sample.file).is_file():
        present, path = sorted(path.name for path in data.glob("*.csv")), ("sample", "file")
        problem, otherwise = "is not in data/", "put the file there, or remove sample"
        allowed = ", ".join(present) or "no file yet"
        yield from unknown(use_case.sample.file, present, problem, otherwise, allowed=allowed, path=path)


def columns_that_it_lacks(use_case: UseCase, data: Path) -> Iterator[Mistake]:
    """Yield columns of the use case that the sample has not."""
    header = header_of_sample(use_case, data)
    if not use_case.sample or not header:
        return
    problem = f"is no column of data/{use_case.sample.file}"
    for path, column in (
        *places_of_columns(use_case),
        (("sample", "later", "column"), use_case.sample.later.column),
    ):
        yield from unknown(column, header, problem, "remove it, or deliver it", path=path)


def label_that_it_lacks(use_case: UseCase, data: Path) -> Iterator[Mistake]:
    """Yield a positive label that no row of the sample has, with those that there are."""
    header = header_of_sample(use_case, data)
    if use_case.positive is None or not use_case.sample or use_case.target not in header:
        return
    with (data / use_case.sample.file).open(encoding="utf-8-sig", errors="replace", newline="") as file:
        cells = Counter(row[use_case.target] for row in csv.DictReader(file))
    missing = {None, "", *use_case.missing_values}
    labels = [label for label, _ in cells.most_common() if label not in missing][:_MOST_LABELS_SHOWN]
    problem = f"is no label of {use_case.target} in data/{use_case.sample.file}"
    otherwise = "write one of these, as in the data"
    yield from unknown(use_case.positive, labels, problem, otherwise, path=("positive",))
