"""Runs beside pipeline_code: `python held_out.py <use case> <divisions>` prints figures of held-out parts.

Each division of the sample's rows is learnt from as the use case says, and by scikit-learn as it comes.
"""

import contextlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hyperparameters import defaults
from metrics import measure
from model import actual_values
from preprocess import PARTS, Settings, load, parse_arguments
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from split import digests
from tabular import Features, Part, Schema, joined, read_part
from thresholds import most_found
from train import fit, refit
from writing import lines_of, write_parts

from config.settings import UseCase, load_settings
from stacks.training.pipeline_definition import preprocess_arguments

DATA = Path(__file__).resolve().parents[1] / "data"
WANTED_PRECISION = 0.9


def main(name: str, divisions: str) -> None:
    use_case = load_settings().use_cases[name]
    settings = parse_arguments(preprocess_arguments(use_case))
    found: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        for train, validation, test in _divided(use_case, settings, Path(folder), int(divisions)):
            found["ours"].append(_ours(use_case, settings.schema, train, validation, test))
            found["theirs"].append(_theirs(settings.schema, joined(train, validation), test))
    print(json.dumps(found))


def _divided(use_case: UseCase, settings: Settings, folder: Path, divisions: int) -> Any:
    """Rows that differ in their features, divided anew by each seed."""
    assert use_case.sample is not None
    raw, schema, shares = folder / "raw", settings.schema, settings.split.fractions
    raw.mkdir()
    shutil.copy(DATA / use_case.sample.file, raw)
    rows = load(raw, settings)
    keys = digests({name: rows.values[name] for name in schema.features})
    different = np.sort(np.unique(keys, axis=0, return_index=True)[1])
    places = np.round(np.cumsum([shares.train, shares.validation]) * len(different)).astype(int)
    for seed in range(divisions):
        order = np.random.default_rng(seed).permutation(different)
        parts = dict(zip(PARTS, np.split(order, places), strict=True))
        written = rows.only(schema.columns)
        write_parts(folder, ((name, lines_of(written, chosen)) for name, chosen in parts.items()), schema)
        yield [read_part(folder / name, name, schema) for name in PARTS]


def _ours(use_case: UseCase, schema: Schema, train: Part, validation: Part, test: Part) -> dict[str, float]:
    hyperparameters = {**defaults(use_case.algorithm, schema.problem), **use_case.hyperparameters}
    model = fit(schema, train, validation, hyperparameters, algorithm=use_case.algorithm)
    if schema.refit:
        model = refit(model, joined(train, validation), hyperparameters)
    return _figures(schema, actual_values(model, test.target), model.predict(test.features))


def _theirs(schema: Schema, known: Part, test: Part) -> dict[str, float]:
    """Gradient boosting as it comes, with given features only; what the use case predicts is known to it."""
    rows, asked = (_frame(part.features, known.features, schema) for part in (known, test))
    if not schema.target_is_number:
        classifier = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)
        classifier.fit(rows, known.target == schema.positive)
        return _figures(schema, test.target == schema.positive, classifier.predict_proba(asked)[:, 1])
    regressor = HistGradientBoostingRegressor(categorical_features="from_dtype", random_state=0)
    is_log = schema.target_transform == "log"
    regressor.fit(rows, np.log(known.target) if is_log else known.target)
    predicted = regressor.predict(asked)
    return _figures(schema, test.target, np.exp(predicted) if is_log else predicted)


def _frame(features: Features, known: Features, schema: Schema) -> pd.DataFrame:
    columns: dict[str, Any] = {name: features[name] for name in schema.numeric}
    for name in schema.categorical:
        categories = sorted({word for word in known[name] if word is not None})
        columns[name] = pd.Categorical(features[name], categories)
    return pd.DataFrame(columns)


def _figures(schema: Schema, actual: Any, predicted: Any) -> dict[str, float]:
    measured = measure(schema.problem, actual.astype(float), predicted, schema.decision_threshold)
    if schema.target_is_number:
        return {**measured, "mean_absolute_percentage_error": float(np.mean(np.abs(predicted / actual - 1)))}
    found = [each.recall for each in most_found(actual, predicted) if each.precision >= WANTED_PRECISION]
    return {**measured, "recall_at_precision_0.9": max(found, default=0.0)}


if __name__ == "__main__":
    main(*sys.argv[1:])
