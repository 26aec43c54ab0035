"""Fits a line, as a script that a ModelTrainer is handed does."""

import csv
import json
import os
from pathlib import Path

import numpy as np

with next(Path(os.environ["SM_CHANNEL_TRAIN"]).glob("*.csv")).open() as table:
    x, y = np.array([[float(cell) for cell in row] for row in csv.reader(table)]).T
degree = int(json.loads(os.environ["SM_HPS"])["degree"])
(Path(os.environ["SM_MODEL_DIR"]) / "line.json").write_text(json.dumps(np.polyfit(x, y, degree).tolist()))
