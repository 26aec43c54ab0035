"""What a training does before its first tree, against the trees themselves."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Measurement, Peer

REPOSITORY = Path(__file__).resolve().parents[1]


def measure() -> list[Measurement]:
    """One run: both are long enough that a busy moment hits them alike."""
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'pipeline_code'}"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(REPOSITORY / "benchmarks" / "one_training.py"), folder]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    what = f"Read and transform {found['rows']:,} rows of 20 columns"
    return [
        Measurement(
            what, found["before"], Peer(f"boosting {found['trees']} trees on them", found["boosting"])
        )
    ]
