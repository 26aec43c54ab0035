"""Requests that clients send, good and bad, for a model that was trained here."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CSV = {"Content-Type": "text/csv"}
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Invocation:
    body: bytes
    headers: Mapping[str, str]
    status: int = 200
    """What both servers must answer with."""


@dataclass(frozen=True)
class Rows:
    """Rows of the test part in the forms of requests."""

    header: tuple[str, ...]
    lines: list[str]
    objects: list[dict[str, Any]] = field(repr=False)

    @classmethod
    def read(cls, model: Path, test_part: Path) -> "Rows":
        schema = json.loads((model / "schema.json").read_text("utf-8"))
        header = (*schema["numeric"], *schema["categorical"])
        with test_part.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        objects = [
            {
                **{name: float(row[name]) if row[name] else None for name in schema["numeric"]},
                **{name: row[name] or None for name in schema["categorical"]},
            }
            for row in rows
        ]
        return cls(header, [",".join(row[name] for name in header) for row in rows], objects)


def invocations(rows: Rows) -> dict[str, Invocation]:
    """By what they are about; the first column is numeric, the last one is a category."""
    line, row = rows.lines[0], rows.objects[0]
    first, last = rows.header[0], rows.header[-1]
    one, every = json.dumps(row), "\n".join(rows.lines)
    broken = {**row, first: "12"}

    def of_csv(text: str | bytes, status: int = 200, **headers: str) -> Invocation:
        return Invocation(text.encode() if isinstance(text, str) else text, {**CSV, **headers}, status)

    def of_json(text: str, status: int = 200, **headers: str) -> Invocation:
        return Invocation(text.encode(), {**JSON, **headers}, status)

    return {
        "one row": of_csv(line),
        "CSV for CSV": of_csv(line, Accept="text/csv"),
        "CSV for anything": of_csv(line, Accept="*/*"),
        "CSV for JSON": of_csv(line, Accept="application/json"),
        "CSV with charset": Invocation(line.encode(), {"Content-Type": "text/csv; charset=utf-8"}),
        "CSV of many rows": of_csv(every),
        "CSV with a last newline": of_csv(f"{every}\n"),
        "CSV with Windows newlines": of_csv(every.replace("\n", "\r\n")),
        "CSV with a byte order mark": of_csv(b"\xef\xbb\xbf" + line.encode()),
        "one object": of_json(one),
        "JSON for JSON": of_json(one, Accept="application/json"),
        "JSON for CSV": of_json(one, Accept="text/csv"),
        "JSON of many rows": of_json(json.dumps(rows.objects)),
        "JSON with charset": Invocation(one.encode(), {"Content-Type": "application/json; charset=utf-8"}),
        "a category never seen": of_csv(",".join([*line.split(",")[:-1], "Atlantis"])),
        "a missing value": of_json(json.dumps({**row, first: None, last: None})),
        "as many rows as allowed": of_csv("\n".join([line] * 10_000)),
        "too many rows": of_csv("\n".join([line] * 10_001), 413),
        "30 KB of digits": of_csv("1" * 30_000, 400),
        "30 KB of digits in a row": of_csv(",".join(["1" * 30_000, *line.split(",")[1:]]), 400),
        "30 KB of digits as JSON": of_json("1" * 30_000, 400),
        "no content type": Invocation(one.encode(), {}),
        "XML": Invocation(b"<a/>", {"Content-Type": "application/xml"}, 415),
        "bytes": Invocation(line.encode(), {"Content-Type": "application/octet-stream"}, 415),
        "an image is accepted only": of_csv(line, 406, Accept="image/png"),
        "an empty body": of_csv("", 400),
        "a blank body": of_csv(" \n", 400),
        "a header": of_csv(f"{','.join(rows.header)}\n{line}", 400),
        "too few fields": of_csv("1,2,3", 400),
        "ragged rows": of_csv(f"{line}\n{line},1", 400),
        "text in a numeric column": of_csv(",".join(["abc", *line.split(",")[1:]]), 400),
        "an infinite number": of_csv(",".join(["inf", *line.split(",")[1:]]), 400),
        "an open quote": of_csv(f'{line}\n"', 400),
        "a NUL": of_csv(f"{line}\0", 400),
        "Latin-1": of_csv(f"{line}\xe5".encode("latin-1"), 400),
        "UTF-16": of_csv(line.encode("utf-16"), 400),
        "broken JSON": of_json(one[:-1], 400),
        "JSON with a last comma": of_json(f"{one[:-1]},}}", 400),
        "NaN": of_json(json.dumps({**row, first: float("nan")}), 400),
        "an overflowing number": of_json(one.replace(json.dumps(row[first]), "1e999", 1), 400),
        "5,000 digits": of_json(one.replace(json.dumps(row[first]), "9" * 5_000, 1), 400),
        "nested too deeply": of_json("[" * 100_000, 400),
        "a lone surrogate": of_json(json.dumps({**row, last: "\ud800"}), 400),
        "duplicate keys": of_json(f'{{"{first}": 1, {one[1:]}', 400),
        "a number as text": of_json(json.dumps(broken), 400),
        "a boolean for a number": of_json(json.dumps({**row, first: True}), 400),
        "a missing feature": of_json(json.dumps({name: row[name] for name in rows.header[1:]}), 400),
        "an unknown feature": of_json(json.dumps({**row, "Crew": 2}), 400),
        "no rows": of_json("[]", 400),
        "a scalar": of_json("1", 400),
        "lists in a list": of_json("[[1, 2]]", 400),
        "instances": of_json(json.dumps({"instances": [row]}), 400),
    }
