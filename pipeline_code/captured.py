"""Rows out of what an endpoint has captured: its answer, then the features of the request.

One line of a file is one request: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from personal import Treatments, coarser_text
from served_answers import answers_of_csv

Json = dict[str, Any]
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, csv.Error, RecursionError)
"""What reading a line raises that is not what it should be."""


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

    def table(self) -> dict[str, Sequence[str]]:
        """Columns of text by name."""
        return dict(zip(self.columns, zip(*self.rows, strict=True), strict=True))

    def read(self, path: Path) -> None:
        """Add the requests of a file; one that does not fit the columns is counted, not analyzed."""
        for line in lines(path):
            self.requests += 1
            try:
                self.rows += list(self._rows(json.loads(line)["captureData"]))
            except UNREADABLE:
                self.unreadable += 1

    def _rows(self, data: Json) -> Iterator[list[str]]:
        answers, requests = _answers(data["endpointOutput"]), self._requests(data["endpointInput"])
        for answer, request in zip(answers, requests, strict=True):
            features = ["" if cell in self.missing_values else cell for cell in request]
            row = dict(zip(self.columns, [answer, *features], strict=True))
            yield [
                *(row | {name: coarser_text(row[name], how) for name, how in self.personal.items()}).values()
            ]

    def _requests(self, side: Json) -> list[list[str]]:
        if side["encoding"] == "CSV":
            return [row for row in csv.reader(io.StringIO(side["data"]), strict=True) if row]
        content = json.loads(side["data"])
        rows = content if isinstance(content, list) else [content]
        return [[_text(row[name]) for name in self.columns[1:]] for row in rows]


def lines(path: Path) -> Iterator[str]:
    """Of a file of JSON Lines, whatever its bytes are."""
    text = path.read_text(encoding="utf-8", errors="replace")
    yield from (line for line in text.split("\n") if line.strip())


def identified_answers(line: str) -> tuple[str, list[str]]:
    """A request's id, the client's own if it gave one, and the answers; raises one of UNREADABLE."""
    event = json.loads(line)
    metadata = event["eventMetadata"]
    identifier = metadata.get("inferenceId") or metadata["eventId"]
    return str(identifier), _answers(event["captureData"]["endpointOutput"])


def _answers(side: Json) -> list[str]:
    if side["encoding"] == "CSV":
        return answers_of_csv(side["data"])
    return [_text(value) for value in json.loads(side["data"])["predictions"]]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
