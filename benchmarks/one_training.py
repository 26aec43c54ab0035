"""Runs beside pipeline_code: `python one_training.py <folder>` trains on a million rows, prints seconds."""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from boosting import ON_ONE_MACHINE, Table, boost
from fast_transform import read_out
from hyperparameters import defaults
from pyarrow.csv import WriteOptions, write_csv
from tabular import Part, Schema, read_part
from transform import fit_transform

from benchmarks.measuring import seconds_of

ROWS = {"train": 800_000, "validation": 200_000}
TREES = 100
NUMBERS, CATEGORIES = tuple(f"n{number}" for number in range(14)), tuple(f"c{number}" for number in range(5))
SCHEMA = Schema("regression", "y", "none", NUMBERS, CATEGORIES)


def main(folder: Path) -> None:
    for name, rows in ROWS.items():
        write_csv(_table(rows), folder / f"{name}.csv", WriteOptions(quoting_style="needed"))
    parts: dict[str, Part] = {}
    tables: list[Table] = []

    def prepare() -> None:
        parts.update({name: read_part(folder, name, SCHEMA) for name in ROWS})
        pipeline, learn = fit_transform(SCHEMA, parts["train"].features)
        watch = read_out(pipeline, SCHEMA).transform(parts["validation"].features)
        targets = [part.target for part in parts.values()]
        tables.extend(Table(rows, target) for rows, target in zip((learn, watch), targets, strict=True))

    settings = {**defaults("xgboost", SCHEMA.problem), "n_estimators": TREES}
    before = seconds_of(prepare)
    boosting = seconds_of(lambda: boost(settings, tables[0], tables[1], ON_ONE_MACHINE))
    print(json.dumps({"rows": sum(ROWS.values()), "trees": TREES, "before": before, "boosting": boosting}))


def _table(rows: int) -> pa.Table:
    """Numbers with four decimals, categories, one cell in fifty missing; a target that follows from some."""
    generator = np.random.default_rng(rows)
    numbers = {name: generator.normal(100, 30, rows).round(4) for name in NUMBERS}
    words = np.array([f"category {number}" for number in range(12)], dtype=object)
    categories = {name: generator.integers(0, len(words), rows) for name in CATEGORIES}
    target = numbers["n0"] / 10 + numbers["n1"] * (categories["c0"] == 3) + generator.normal(0, 1, rows)
    columns = numbers | {name: words[codes] for name, codes in categories.items()}
    missing = {name: generator.random(rows) < 0.02 for name in columns}
    return pa.table(
        {"y": target} | {name: pa.array(cells, mask=missing[name]) for name, cells in columns.items()}
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
