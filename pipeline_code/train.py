"""Fit transform and boosted trees on the training part, stopping early on the validation part.

Run: python3 code.zip train; channels, hyperparameters and model folder lie where SageMaker puts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from boosting import ON_ONE_MACHINE, Run, Table, Told, boost
from fast_transform import read_out
from hosts import Hosts
from hyperparameters import Value, read_hyperparameters, read_tuning_objective
from metrics import measure, plain
from model import Model, actual_values, encode_target, in_unit_of_target
from served_code import copy_code
from tabular import Arguments, DataError, Part, Schema, base_dir, read_part
from transform import fit_transform, to_frame

# Where XGBoost's name of a metric is not scikit-learn's.
XGBOOST_NAMES = {"log_loss": "logloss"}


def main(argv: Sequence[str]) -> None:
    """Read <base>/input, write <base>/model, print the metrics."""
    Arguments(prog="train", allow_abbrev=False).parse_args(list(argv))
    data, settings, model_folder = (base_dir() / name for name in ("input/data", "input/config", "model"))
    schema = Schema.read(data / "train")
    if Schema.read(data / "validation") != schema:
        raise DataError(
            "the train and validation channels have different schemas; are they of one execution?"
        )
    hyperparameters = read_hyperparameters(settings / "hyperparameters.json", schema.problem)
    training = read_part(data / "train", "train", schema)
    validation = read_part(data / "validation", "validation", schema)
    checkpoints = base_dir() / "checkpoints"
    run = Run(
        Hosts.read(settings / "resourceconfig.json"),
        checkpoints if checkpoints.is_dir() else None,
        read_tuning_objective(settings / "hyperparameters.json"),
    )
    model = fit(schema, training, validation, hyperparameters, run)
    if run.hosts.is_first:
        model_folder.mkdir(parents=True, exist_ok=True)
        model.save(model_folder)
        copy_code(Path(__file__).parent, model_folder / "code")
        print(_log_line(model, {"train": training, "validation": validation}))


def fit(
    schema: Schema,
    training: Part,
    validation: Part,
    hyperparameters: Mapping[str, Value],
    run: Run = ON_ONE_MACHINE,
) -> Model:
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
    watched = encode_target(validation.target, schema, labels)
    best = boost(
        hyperparameters,
        Table(learn, encode_target(training.target, schema, labels)),
        Table(watch, watched),
        run,
        _told(schema, run, watched),
    )
    print(f"columns={learn.shape[1]}; trees={best.num_boosted_rounds()};")
    return Model(schema, pipeline, best, labels)


def _told(schema: Schema, run: Run, target: np.ndarray) -> Told | None:
    """What a tuning job looks at, in the target's own unit as at the end of the log."""
    objective = run.tuning_objective
    if objective is None:
        return None
    own_name = next((own for own, name in XGBOOST_NAMES.items() if name == objective), objective)
    actual = in_unit_of_target(run.hosts.share(target), schema)

    def value(answers: np.ndarray) -> float:
        return measure(schema.problem, actual, in_unit_of_target(answers, schema))[own_name]

    return objective, value


def _log_line(model: Model, parts: Mapping[str, Part]) -> str:
    """The metrics in the form of XGBoost's own log, with the number of the last tree.

    SageMaker takes the metrics of its XGBoost image from such lines, and lets nobody say otherwise:
    https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
    """
    words = [f"[{model.trees.num_boosted_rounds() - 1}]"]
    for name, part in parts.items():
        values = measure(
            model.schema.problem, actual_values(model, part.target), model.predict(part.features)
        )
        words += [
            f"{name}-{XGBOOST_NAMES.get(metric, metric)}:{plain(value)}" for metric, value in values.items()
        ]
    return "\t".join(words)
