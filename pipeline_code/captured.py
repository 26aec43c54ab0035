"""Rows out of what an endpoint has captured: its answer, then the features of the request.

One line of a file is one request: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html
"""

from __future__ import annotations

import csv
import io
import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from personal import Treatments, coarser_text
from served_answers import answers_of_csv

Json = dict[str, Any]
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, csv.Error, RecursionError)
"""What reading a line raises that is not what it should be."""
Row = str | list[str]
"""Cells, or the line in which commas stand between them: most rows are counted and never looked at."""
_LONGEST_PLAIN = 100_000
"""Of a text; in a longer one a cell could be too long for the reader."""
MOST_ROWS = 100_000
"""More would tell distributions apart that nobody cares about, and not fit the memory of a small machine."""


@dataclass
class Captured:
    """Rows with the baseline's columns in its order; requests that cannot be read are counted."""

    columns: Sequence[str]
    missing_values: frozenset[str] = frozenset()
    """Texts of a request that mean what an empty cell means."""
    personal: Treatments = field(default_factory=dict)
    """What of a request is made coarser, as in the baseline."""
    rows: list[list[str]] = field(default_factory=list)
    requests: int = 0
    unreadable: int = 0
    seen: int = 0
    """Rows that could be read, of which `rows` are at most MOST_ROWS."""
    chance: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - nothing is secret

    @classmethod
    def like(cls, constraints: Json) -> Captured:
        """What requests are by the constraints.json of a baseline of ours."""
        columns = [constraint["name"] for constraint in constraints["features"]]
        missing = frozenset(constraints.get("missing_values", ()))
        return cls(columns, missing, constraints.get("personal", {}))

    def table(self) -> dict[str, Sequence[str]]:
        """Columns of text by name."""
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.columns)
        return dict(zip(self.columns, columns, strict=True))

    def read(self, path: Path) -> None:
        """Add the requests of a file; one that does not fit the columns is counted, not analyzed."""
        for line in lines(path):
            self.requests += 1
            try:
                answers, requests = self._cells_of(json.loads(line)["captureData"])
                for answer, request in zip(answers, requests, strict=True):
                    self._keep(answer, request)
            except UNREADABLE:
                self.unreadable += 1

    def take(self, answer: str, request: Row) -> None:
        """Add one row of a batch; one that does not fit the columns is counted, not analyzed."""
        self.requests += 1
        if _widths([request]) == {len(self.columns) - 1}:
            self._keep(answer, request)
        else:
            self.unreadable += 1

    def _keep(self, answer: str, request: Row) -> None:
        """Each row that was seen is kept with the same chance: Vitter's algorithm R."""
        self.seen += 1
        if len(self.rows) < MOST_ROWS:
            self.rows.append(self._row(answer, request))
        elif (place := int(self.chance.random() * self.seen)) < MOST_ROWS:
            self.rows[place] = self._row(answer, request)

    def rows_of(self, data: Json) -> Iterator[list[str]]:
        answers, requests = self._cells_of(data)
        yield from map(self._row, answers, requests)

    def _cells_of(self, data: Json) -> tuple[list[str], Sequence[Row]]:
        """Answers and the rows that they are for; ValueError where one is without the other, or not whole."""
        answers, requests = _answers(data["endpointOutput"]), self._requests(data["endpointInput"])
        if len(answers) != len(requests) or _widths(requests) - {len(self.columns) - 1}:
            raise ValueError(f"{len(answers)} answers to {len(requests)} rows")
        return answers, requests

    def _row(self, answer: str, request: Row) -> list[str]:
        cells = request.split(",") if isinstance(request, str) else request
        row = [answer, *("" if cell in self.missing_values else cell for cell in cells)]
        for name, how in self.personal.items():
            place = self.columns.index(name)
            row[place] = coarser_text(row[place], how)
        return row

    def _requests(self, side: Json) -> Sequence[Row]:
        is_csv, text = _text_of(side)
        if is_csv:
            return rows_of_csv(text)
        content = json.loads(text)
        rows = content if isinstance(content, list) else [content]
        return [[_text(row[name]) for name in self.columns[1:]] for row in rows]


def rows_of_csv(text: str) -> Sequence[Row]:
    """Without empty lines. Where nothing is quoted, csv would only split: a tenth of its time is enough."""
    if len(text) <= _LONGEST_PLAIN and not any(special in text for special in '"\r\0'):
        return [line for line in text.split("\n") if line]
    return [row for row in csv.reader(io.StringIO(text), strict=True) if row]


def _widths(rows: Sequence[Row]) -> set[int]:
    """How many cells rows have."""
    return {row.count(",") + 1 if isinstance(row, str) else len(row) for row in rows}


def _text_of(side: Json) -> tuple[bool, str]:
    """Whether it is CSV, and what it says; what is not exactly a known type is captured as BASE64."""
    if side["encoding"] != "BASE64":
        return side["encoding"] == "CSV", side["data"]
    return "csv" in side["observedContentType"], b64decode(side["data"], validate=True).decode("utf-8")


def lines(path: Path) -> Iterator[str]:
    """Of a file of JSON Lines, whatever its bytes are."""
    text = path.read_text(encoding="utf-8", errors="replace")
    yield from (line for line in text.split("\n") if line.strip())


def identified_answers(event: Json) -> tuple[str, list[str]]:
    """A request's id, the client's own if it gave one, and the answers; raises one of UNREADABLE."""
    metadata = event["eventMetadata"]
    identifier = str(metadata.get("inferenceId") or metadata["eventId"])
    return identifier, _answers(event["captureData"]["endpointOutput"])


def _answers(side: Json) -> list[str]:
    is_csv, text = _text_of(side)
    if is_csv:
        return answers_of_csv(text)
    return [_text(value) for value in json.loads(text)["predictions"]]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
