"""Statistics and constraints of rows that are like those that a model learns from.

Run: python3 code.zip baseline --threshold <above 0> [--distance <distance:column,...>]
[--missing-values <texts>] [--personal <treatments>]; reads <base>/processing/input/baseline, writes
<base>/processing/output/data-quality.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence

from data_quality import describe, suggest
from distances import distances_of
from personal import treatments_of
from tabular import Arguments, DataError, base_dir


def main(argv: Sequence[str]) -> None:
    """Write statistics.json and constraints.json; raises DataError when there are no rows."""
    parser = Arguments(prog="baseline", allow_abbrev=False)
    parser.add_argument("--threshold", type=float, required=True)
    parser.add_argument("--distance", action="append", default=[], metavar="DISTANCE:A,...")
    parser.add_argument("--missing-values", default="", metavar="A|B|...")
    parser.add_argument("--personal", action="append", default=[], metavar="TREATMENT:A,...")
    arguments = parser.parse_args(list(argv))
    processing = base_dir() / "processing"
    path = processing / "input" / "baseline" / "baseline.csv"
    if not path.is_file():
        raise DataError(f"{path} does not exist")
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if not rows:
        raise DataError(f"{path} has no rows")
    statistics = describe(dict(zip(header, zip(*rows, strict=True), strict=True)))
    output = processing / "output" / "data-quality"
    output.mkdir(parents=True, exist_ok=True)
    constraints = suggest(statistics, arguments.threshold, distances_of(arguments.distance))
    # For the monitor, which sees requests as clients write them.
    constraints["missing_values"] = [text for text in arguments.missing_values.split("|") if text]
    constraints["personal"] = treatments_of(arguments.personal)
    for name, content in (("statistics", statistics), ("constraints", constraints)):
        (output / f"{name}.json").write_text(json.dumps(content, indent=2, allow_nan=False), encoding="utf-8")
    print(f"baseline_rows={len(rows)}; baseline_columns={len(header)};")
