"""Fit transform and boosted trees on the training part, stopping early on the validation part.

Run: python3 code.zip train; channels, hyperparameters and model folder lie where SageMaker puts them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xgboost
from fast_transform import read_out
from hyperparameters import Value, read_hyperparameters
from metrics import measure, plain
from model import Model, actual_values, encode_target
from tabular import Arguments, DataError, Part, Schema, base_dir, read_part
from transform import fit_transform, to_frame


def main(argv: Sequence[str]) -> None:
    """Read <base>/input, write <base>/model; prints `train_<metric>=...; validation_<metric>=...;`."""
    Arguments(prog="train", allow_abbrev=False).parse_args(list(argv))
    data, model_folder = base_dir() / "input" / "data", base_dir() / "model"
    schema = Schema.read(data / "train")
    if Schema.read(data / "validation") != schema:
        raise DataError(
            "the train and validation channels have different schemas; are they of one execution?"
        )
    hyperparameters = read_hyperparameters(
        base_dir() / "input" / "config" / "hyperparameters.json", schema.problem
    )
    training = read_part(data / "train", "train", schema)
    validation = read_part(data / "validation", "validation", schema)
    model = fit(schema, training, validation, hyperparameters)
    model_folder.mkdir(parents=True, exist_ok=True)
    model.save(model_folder)
    copy_code(Path(__file__).parent, model_folder / "code")
    for name, part in (("train", training), ("validation", validation)):
        values = measure(schema.problem, actual_values(model, part.target), model.predict(part.features))
        print(" ".join(f"{name}_{metric}={plain(value)};" for metric, value in values.items()))


def fit(schema: Schema, training: Part, validation: Part, hyperparameters: Mapping[str, Value]) -> Model:
    """The model that does best on the validation part; only the training part is learnt from."""
    labels = () if schema.target_is_number else tuple(sorted(set(training.target)))
    if len(labels) not in (0, 2):
        raise DataError(
            f"{schema.target} has {len(labels)} labels in the training part, binary needs exactly 2"
        )
    pipeline, learn = fit_transform(schema, training.features)
    watch = read_out(pipeline, schema).transform(validation.features)
    if not np.array_equal(watch, pipeline.transform(to_frame(validation.features))):
        raise DataError(
            "the transform used to predict differs from the fitted one; the model would serve nonsense"
        )
    estimator = xgboost.XGBClassifier if labels else xgboost.XGBRegressor
    trees = estimator(**hyperparameters, tree_method="hist")
    trees.fit(
        learn,
        encode_target(training.target, schema, labels),
        eval_set=[(watch, encode_target(validation.target, schema, labels))],
        verbose=False,
    )
    best = trees.get_booster()[: trees.best_iteration + 1]
    print(f"columns={learn.shape[1]}; trees={best.num_boosted_rounds()};")
    return Model(schema, pipeline, best, labels)


def copy_code(source: Path, destination: Path) -> None:
    """Put the modules that hosting needs beside the model, out of the running folder or zip."""
    destination.mkdir(parents=True, exist_ok=True)
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as code:
            modules = {name: code.read(name) for name in code.namelist() if name.endswith(".py")}
    else:
        modules = {path.name: path.read_bytes() for path in source.glob("*.py")}
    for name, content in modules.items():
        if name != "__main__.py":
            (destination / name).write_bytes(content)
