"""Compares the rows of a batch and their answers with what the version was registered with.

Run: python3 code.zip monitor_batch --batch <name> --namespace <of the metrics> --input-filter <columns>
--join-source <Input or None> --output-filter <columns>; reads <base>/processing/input/{rows,answers} and
baseline, writes <base>/processing/output/report, as `monitor` does. The three are those of the transform job,
which leaves an answer in the place of its row, in a file of the name with `.out` behind it:
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from captured import Captured
from monitor import baseline, compare
from tabular import Arguments, DataError
from window import BATCH, Window, inputs

Cell = TypeVar("Cell")
ANSWERED = ".out"
WHOLE = "$"
_HOURS_OF_A_DAY = range(24)
"""There is a batch a day at most: by that chance is counted."""


def main(argv: Sequence[str]) -> None:
    """Write what `monitor` writes, of the files that have answers; fail where no answer can be compared."""
    parser = Arguments(prog="monitor_batch", allow_abbrev=False)
    for name in ("batch", "namespace", "input-filter", "join-source", "output-filter"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args(list(argv))
    columns = Columns(given.input_filter, given.join_source == "Input", given.output_filter)
    captured = Captured.like(baseline("constraints"))
    rows, answers = (inputs() / name for name in ("rows", "answers"))
    for path in sorted(each for each in answers.rglob(f"*{ANSWERED}") if each.is_file()):
        below = str(path.relative_to(answers)).removesuffix(ANSWERED)
        read(captured, rows / below, path, columns)
    if captured.unreadable and captured.unreadable == captured.requests:
        raise DataError(
            f"none of {captured.requests} rows with an answer can be compared: the day's rows are not those "
            "that were predicted, or the filters do not fit them"
        )
    compare(Window(given.batch, given.namespace, _HOURS_OF_A_DAY, BATCH), captured)


@dataclass(frozen=True)
class Columns:
    """Which columns of a row the model was asked with, and where its answer stands."""

    input_filter: str
    is_joined: bool
    output_filter: str

    def asked(self, row: Sequence[str]) -> list[str]:
        return selected(self.input_filter, row)

    def answer(self, row: Sequence[str], answered: Sequence[str]) -> str:
        """Joined, the answer stands behind its row, and the filter keeps some of both."""
        if not self.is_joined:
            return answered[0]
        places = selected(self.output_filter, range(len(row) + 1))
        if len(places) != len(answered):
            raise ValueError(f"{len(answered)} cells instead of {len(places)}")
        return answered[places.index(len(row))]


def read(captured: Captured, rows: Path, answers: Path, columns: Columns) -> None:
    """Add the rows of a file; whose rows are not as many as its answers, no row is known to have its own."""
    count = sum(1 for _ in _lines(answers))
    if not rows.is_file() or sum(1 for _ in _lines(rows)) != count:
        captured.requests += count
        captured.unreadable += count
        return
    for line, answered in zip(_lines(rows), _lines(answers), strict=True):
        try:
            row = _cells(line)
            answer, asked = columns.answer(row, _cells(answered)), columns.asked(row)
        except (ValueError, IndexError, csv.Error):
            captured.requests += 1
            captured.unreadable += 1
        else:
            captured.take(answer, asked)


def selected(path: str, row: Sequence[Cell]) -> list[Cell]:
    """The cells that indexes and slices mean; both ends of a slice belong to it."""
    if path == WHOLE:
        return list(row)
    cells: list[Cell] = []
    for part in path.removeprefix("$[").removesuffix("]").split(","):
        first, is_slice, last = part.partition(":")
        if is_slice:
            cells += row[int(first or 0) : int(last) + 1 if last else None]
        else:
            cells.append(row[int(part)])
    return cells


def _lines(path: Path) -> Iterator[str]:
    """Without their ends; a row has no line of another."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for line in file:
            yield line.rstrip("\r\n")


def _cells(line: str) -> list[str]:
    return next(csv.reader([line], strict=True)) if '"' in line else line.split(",")
