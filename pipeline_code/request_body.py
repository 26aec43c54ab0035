"""Bodies of requests into rows, strictly: what json and csv would let pass in silence is refused."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import NoReturn

from request_errors import RequestError

NAMES_SHOWN = 10


@dataclass(frozen=True)
class CsvRows:
    """Lines of text/csv, each a list of cells."""

    rows: list[list[str]]


@dataclass(frozen=True)
class JsonRows:
    """Objects of application/json, each a row by feature name."""

    rows: list[dict[str, object]]


def to_text(body: str | bytes | bytearray) -> str:
    """The body as text; raises RequestError when it is empty or not UTF-8.

    AWS's server hands over text whose undecodable bytes have become replacement characters.
    """
    text = body if isinstance(body, str) else bytes(body).decode("utf-8", errors="replace")
    if "\ufffd" in text:
        raise RequestError("the body is not UTF-8")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise RequestError("the body is empty; send at least one row")
    return text


def parse_csv(text: str) -> CsvRows:
    """Rows of cells; raises RequestError when the text is not CSV or a NUL is in it."""
    if "\0" in text:
        raise RequestError("the body has a NUL character in it")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return CsvRows([row for row in reader if row])
    except csv.Error as error:
        raise RequestError(f"the body is not valid CSV in line {reader.line_num}: {error}") from None


def parse_json(text: str) -> JsonRows:
    """Rows by name; raises RequestError for anything but an object or a list of objects."""
    try:
        content = json.loads(
            text,
            parse_int=_finite,
            parse_float=_finite,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_duplicates,
        )
    except RecursionError:
        raise RequestError("the body is nested too deeply; a row is one flat object") from None
    except json.JSONDecodeError as error:
        raise RequestError(
            f"the body is not valid JSON (line {error.lineno}, column {error.colno})"
        ) from None
    rows = content if isinstance(content, list) else [content]
    if not rows:
        raise RequestError("the body has no rows; send at least one")
    wrong = [number for number, row in enumerate(rows, start=1) if not isinstance(row, dict)]
    if wrong:
        raise RequestError(f"row {wrong[0]}: must be an object with feature names as keys")
    return JsonRows(rows)


def shown_names(names: list[str]) -> str:
    """Column names for a message, only so many and so much of each as a message can take."""
    shown = [ascii(name[:64]) for name in names[:NAMES_SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else "")


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise RequestError("the body has a number that is too large")
    return number


def _refuse_constant(literal: str) -> NoReturn:
    raise RequestError(f"the body has {literal}, which is not JSON; send null for a missing value")


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) < len(pairs):
        count = Counter(key for key, _ in pairs)
        raise RequestError(
            f"duplicate keys: {shown_names(sorted(key for key, times in count.items() if times > 1))}"
        )
    return row
