"""`python plain_pandas.py raw.csv output`: what most people would write to split a table by its rows."""

import sys
from pathlib import Path

import pandas as pd

SHARES = {"train": (0.0, 0.7), "validation": (0.7, 0.9), "test": (0.9, 1.0)}


def main(raw: str, output: str) -> None:
    """Read, drop duplicates, split, write."""
    table = pd.read_csv(raw, keep_default_na=False, na_values=[""]).drop_duplicates()
    position = pd.util.hash_pandas_object(table.drop(columns="y"), index=False) / 2.0**64
    for name, (low, high) in SHARES.items():
        table[(position >= low) & (position < high)].to_csv(Path(output) / f"{name}.csv", index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
