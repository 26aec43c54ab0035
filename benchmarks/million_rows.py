"""Runs beside pipeline_code: `python million_rows.py <folder>` writes the channels of a training there."""

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow.csv import WriteOptions, write_csv
from tabular import Schema

ROWS = {"train": 800_000, "validation": 200_000}
NUMBERS, CATEGORIES = tuple(f"n{number}" for number in range(14)), tuple(f"c{number}" for number in range(5))
SCHEMA = Schema("regression", "y", "none", NUMBERS, CATEGORIES)


def write_channels(folder: Path) -> None:
    """`<folder>/<channel>/<channel>.csv`, each with its schema."""
    for name, rows in ROWS.items():
        (folder / name).mkdir(parents=True)
        write_csv(table(rows), folder / name / f"{name}.csv", WriteOptions(quoting_style="needed"))
        SCHEMA.write(folder / name)


def table(rows: int) -> pa.Table:
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
    write_channels(Path(sys.argv[1]))
