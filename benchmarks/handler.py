"""Runs beside a model's own code: `python handler.py <model folder>` prints seconds of CPU per request.

Reads `{"<rows>": "<body>"}` from standard input, and prints seconds in place of bodies.
"""

import json
import logging
import sys
import time
from pathlib import Path

from inference import model_fn, transform_fn

RUNS = {"1": 2000, "100": 500}


def main(model_folder: Path) -> None:
    logging.disable(logging.WARNING)
    model, found = model_fn(str(model_folder)), {}
    for rows, body in json.load(sys.stdin).items():
        for _ in range(20):
            transform_fn(model, body, "text/csv", "text/csv")
        started = time.process_time()
        for _ in range(RUNS[rows]):
            transform_fn(model, body, "text/csv", "text/csv").get_data()
        found[rows] = (time.process_time() - started) / RUNS[rows]
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
