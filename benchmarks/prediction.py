"""The answer to a request of one row, as hosted, against scikit-learn's own way."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Measurement, Peer
from config.settings import load_settings
from stacks.training.pipeline_definition import preprocess_arguments

REPOSITORY = Path(__file__).resolve().parents[1]
CODE = REPOSITORY / "pipeline_code"
USE_CASE = "house-prices"
SAMPLE = REPOSITORY / "tests" / "sample"
RAW_DATA = REPOSITORY / "data" / "house_prices.csv"


def measure() -> list[Measurement]:
    """Trains the use case as its pipeline would, then measures in a process with the artifact's own code."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        train(base)
        parts = base / "processing" / "output"
        environment = {**os.environ, "PYTHONPATH": str(base / "model" / "code")}
        script = REPOSITORY / "benchmarks" / "one_row.py"
        command = [sys.executable, str(script), str(base / "model"), str(parts)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    seconds = json.loads(done.stdout)
    peer = Peer("scikit-learn's Pipeline.predict on a ready DataFrame", seconds["pipeline"])
    what = f"One row: read CSV, predict, write, median of {seconds['runs']}"
    return [Measurement(what, seconds["hosted"], peer)]


def train(base: Path) -> None:
    use_case = load_settings(SAMPLE).use_cases[USE_CASE]
    raw = base / "processing" / "input" / "raw"
    raw.mkdir(parents=True)
    shutil.copy(RAW_DATA, raw)
    _run_step(base, "preprocess", *preprocess_arguments(use_case))
    for channel in ("train", "validation"):
        shutil.copytree(base / "processing" / "output" / channel, base / "input" / "data" / channel)
    settings = base / "input" / "config" / "hyperparameters.json"
    settings.parent.mkdir(parents=True)
    hyperparameters = {name: str(value) for name, value in use_case.hyperparameters.items()}
    settings.write_text(json.dumps(hyperparameters), "utf-8")
    _run_step(base, "train")


def _run_step(base: Path, *arguments: str) -> None:
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base)}
    command = [sys.executable, str(CODE), *arguments]
    subprocess.run(command, env=environment, cwd=base, stdout=subprocess.DEVNULL, check=True)
