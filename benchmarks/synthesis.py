"""Synthesis of all environments against the smallest CDK app, by the same interpreter."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Measurement, Peer, medians

REPOSITORY = Path(__file__).resolve().parents[1]
RUNS = 5
BUDGET_SECONDS = 8.0


def measure() -> list[Measurement]:
    """The median time of both apps, each in a new process as the CDK CLI starts them."""
    ours, smallest = medians(
        RUNS,
        lambda: _synthesize(REPOSITORY / "app.py"),
        lambda: _synthesize(REPOSITORY / "benchmarks" / "smallest_app.py"),
    )
    what = f"Synthesis of all environments, median of {RUNS}"
    return [Measurement(what, ours, Peer("a CDK app with one bucket", smallest), BUDGET_SECONDS)]


def _synthesize(app: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CDK_OUTDIR": folder}
        subprocess.run([sys.executable, str(app)], cwd=REPOSITORY, env=environment, check=True)
