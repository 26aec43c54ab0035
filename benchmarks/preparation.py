"""The step that prepares data, as a process, against a plain script of pandas that checks nothing."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measuring import Measurement, Peer, medians

REPOSITORY = Path(__file__).resolve().parents[1]
CODE = REPOSITORY / "pipeline_code"
ROWS, RUNS = 300_000, 3
NUMBERS, CATEGORIES = [f"n{number}" for number in range(14)], [f"c{number}" for number in range(5)]


def measure() -> list[Measurement]:
    """Twenty columns: numbers with four decimals, categories, one cell in fifty missing."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        raw = base / "processing" / "input" / "raw" / "raw.csv"
        raw.parent.mkdir(parents=True)
        _table().to_csv(raw, index=False)
        arguments = ["--problem", "regression", "--target", "y", "--numeric", ",".join(NUMBERS)]
        step = [sys.executable, str(CODE), "preprocess", *arguments, "--categorical", ",".join(CATEGORIES)]
        script = [sys.executable, str(REPOSITORY / "benchmarks" / "plain_pandas.py"), str(raw), folder]
        ours, theirs = medians(RUNS, lambda: _run(step, base), lambda: _run(script, base))
    what = f"Prepare {ROWS:,} rows of 20 columns, median of {RUNS}"
    return [Measurement(what, ours, Peer("plain pandas: read, split by hash, write", theirs))]


def _table() -> pd.DataFrame:
    generator = np.random.default_rng(1)
    numbers = {name: generator.normal(100, 30, ROWS).round(4) for name in NUMBERS}
    words = [f"category {number}" for number in range(12)]
    categories = {name: generator.choice(words, ROWS) for name in CATEGORIES}
    table = pd.DataFrame(numbers | categories)
    table = table.mask(generator.random(table.shape) < 0.02)
    table.insert(0, "y", generator.normal(0, 1, ROWS))
    return table


def _run(command: list[str], base: Path) -> None:
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base)}
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
