"""Runs where evidently is: `python evidently_preset.py <folder>` runs its data drift preset as it comes."""

import sys
import time
from pathlib import Path

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main(folder: Path) -> None:
    """Prints what has moved and the seconds of CPU, of the preset alone on tables that are read already."""
    before, now = (pd.read_csv(folder / f"{name}.csv") for name in ("before", "now"))
    started = time.process_time()
    found = Report([DataDriftPreset()]).run(now, before).dict()
    seconds = time.process_time() - started
    moved = [each["metric_name"] for each in found["metrics"]]
    print(len(moved), seconds)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
