"""Checks of a use case against its sample data."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from config.checks.columns import places_of_columns
from config.mistakes.errors import KeyPath, Mistake, unknown
from config.models.use_case import UseCase

_MOST_CELLS_SHOWN = 10


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


def cells_that_it_lacks(use_case: UseCase, data: Path) -> Iterator[Mistake]:
    """Yield labels and categories that are named and that no row of the sample has."""
    header = header_of_sample(use_case, data)
    if not use_case.sample or not header:
        return
    for path, column, cell in _named_cells(use_case):
        if column in header:
            known = _cells(use_case, data / use_case.sample.file, column)
            problem = f"is no cell of {column} in data/{use_case.sample.file}"
            allowed = ", ".join(known[:_MOST_CELLS_SHOWN]) + (" …" if len(known) > _MOST_CELLS_SHOWN else "")
            otherwise = "write one of these, as in the data"
            yield from unknown(cell, known, problem, otherwise, allowed=allowed, path=path)


def _named_cells(use_case: UseCase) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield where a cell is named, its column, and what is named."""
    if use_case.sample and use_case.sample.later.value is not None:
        yield ("sample", "later", "value"), use_case.sample.later.column, use_case.sample.later.value
    if use_case.positive is not None:
        yield ("positive",), use_case.target, use_case.positive
    for index, mistake in enumerate(use_case.costs.mistakes_between if use_case.costs else ()):
        yield ("costs", "mistakes_between", index, "actual"), use_case.target, mistake.actual
        yield ("costs", "mistakes_between", index, "decided"), use_case.target, mistake.decided
    if use_case.bias is None:
        return
    for index, label in enumerate(use_case.bias.positive_labels):
        yield ("bias", "positive_labels", index), use_case.target, label
    for number, facet in enumerate(use_case.bias.facets):
        for index, cell in enumerate(facet.values):
            yield ("bias", "facets", number, "values", index), facet.column, cell


def _cells(use_case: UseCase, path: Path, column: str) -> list[str]:
    """The different cells of a column, the most frequent first."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = csv.reader(file)
        position = next(rows).index(column)
        cells = Counter(row[position] for row in rows if len(row) > position)
    missing = {"", *use_case.missing_values}
    return [cell for cell, _ in cells.most_common() if cell not in missing]
