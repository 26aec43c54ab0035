"""Runs beside a model's own code: `python one_row.py <model folder> <parts folder>` prints JSON."""

import csv
import io
import json
import logging
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import xgboost
from inference import model_fn, transform_fn
from model import Model
from request_rows import cells_of_csv
from sklearn.pipeline import Pipeline
from tabular import joined, read_part, to_features
from transform import fit_transform, to_frame
from trees import Trees

RUNS = 300


def main(model_folder: Path, parts: Path) -> None:
    """Measures both ways on the same rows, in turns, after checking that they agree."""
    # The warning about categories that training never saw would fill the terminal.
    logging.disable(logging.WARNING)
    model = model_fn(str(model_folder))
    peer = scikit_learn_pipeline(model, model_folder, parts)
    bodies = _bodies(parts / "test" / "test.csv")
    hosted, pipeline = [], []
    for number in range(RUNS):
        body = bodies[number % len(bodies)]
        frame = to_frame(to_features(cells_of_csv(_rows(body), model.schema), model.schema))
        seconds, answer = _timed(lambda body=body: _answer(body, model))  # type: ignore[misc]
        hosted.append(seconds)
        seconds, raw = _timed(lambda frame=frame: peer.predict(frame))  # type: ignore[misc]
        pipeline.append(seconds)
        if not np.isclose(float(answer), np.exp(raw[0])):
            sys.exit(f"the two ways disagree: {answer} and {np.exp(raw[0])}")
    result = {"runs": RUNS, "hosted": statistics.median(hosted), "pipeline": statistics.median(pipeline)}
    print(json.dumps(result))


def _answer(body: str, model: Model) -> str:
    return str(transform_fn(model, body, "text/csv", "text/csv").get_data(as_text=True))


def scikit_learn_pipeline(model: Model, folder: Path, parts: Path) -> Pipeline:
    """Of the parts that the model has learnt from."""
    train, validation = (read_part(parts / name, name, model.schema) for name in ("train", "validation"))
    learnt = joined(train, validation) if model.schema.refit else train
    trees = xgboost.XGBRegressor()
    trees.load_model(folder / Trees.FILE)
    trees.set_params(n_jobs=1)
    pipeline, _ = fit_transform(model.schema, learnt.features)
    return Pipeline([*pipeline.steps, ("trees", trees)])


def _bodies(test: Path) -> list[str]:
    """Requests as clients send them: the test part without its header and target."""
    with test.open(encoding="utf-8", newline="") as file:
        rows = [row[1:] for row in csv.reader(file)][1:]
    bodies = []
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        bodies.append(line.getvalue())
    return bodies


def _rows(body: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body)))


def _timed(work: Callable[[], str]) -> tuple[float, str]:
    started = time.perf_counter()
    answer = work()
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
