"""Fit transform and algorithm on the training part; the validation part decides what is left open.

Run: python3 code.zip train [--algorithm linear]; channels, hyperparameters and model folder lie where
SageMaker puts them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from algorithms import Task, learn
from boosting import ON_ONE_MACHINE, Run, Table, Told
from fast_transform import FastTransform, read_out
from hosts import Hosts
from hyperparameters import ALGORITHMS, XGBOOST, Value, read_hyperparameters, read_tuning_objective
from metrics import measure, plain
from model import HELD_OUT_FILE, Model, actual_values, encode_target, in_unit_of_target
from served_code import copy_code
from sklearn.pipeline import Pipeline
from tabular import Arguments, DataError, Features, Part, Schema, base_dir, joined, read_part
from transform import fit_transform, to_frame

MOST_COMPARED_ROWS = 10_000
# Where XGBoost's name of a metric is not scikit-learn's.
XGBOOST_NAMES = {
    ("binary-classification", "log_loss"): "logloss",
    ("multiclass-classification", "log_loss"): "mlogloss",
}


def main(argv: Sequence[str]) -> None:
    """Read <base>/input, write <base>/model, print the metrics."""
    algorithm = _algorithm(argv)
    data, settings, model_folder = (base_dir() / name for name in ("input/data", "input/config", "model"))
    schema = Schema.read(data / "train")
    if Schema.read(data / "validation") != schema:
        raise DataError(
            "the train and validation channels have different schemas; are they of one execution?"
        )
    hyperparameters = read_hyperparameters(settings / "hyperparameters.json", schema.problem, algorithm)
    training = read_part(data / "train", "train", schema)
    validation = read_part(data / "validation", "validation", schema)
    checkpoints = base_dir() / "checkpoints"
    run = Run(
        Hosts.read(settings / "resourceconfig.json"),
        checkpoints if checkpoints.is_dir() else None,
        read_tuning_objective(settings / "hyperparameters.json"),
    )
    model = fit(schema, training, validation, hyperparameters, run, algorithm)
    last = refit(model, joined(training, validation), hyperparameters, run) if schema.refit else model
    if run.hosts.is_first:
        model_folder.mkdir(parents=True, exist_ok=True)
        last.save(model_folder)
        if last is not model:
            answers = model.answers(model.predict(validation.features))
            (model_folder / HELD_OUT_FILE).write_text(f"{json.dumps(answers)}\n", encoding="utf-8")
        copy_code(Path(__file__).parent, model_folder / "code")
        print(_log_line(model, {"train": training, "validation": validation}))


def _algorithm(argv: Sequence[str]) -> str:
    parser = Arguments(prog="train", allow_abbrev=False)
    parser.add_argument("--algorithm", choices=ALGORITHMS, default=XGBOOST)
    return str(parser.parse_args(list(argv)).algorithm)


def fit(
    schema: Schema,
    training: Part,
    validation: Part,
    hyperparameters: Mapping[str, Value],
    run: Run = ON_ONE_MACHINE,
    algorithm: str = XGBOOST,
) -> Model:
    """The model that does best on the validation part; only the training part is learnt from."""
    labels = () if schema.target_is_number else _labels(schema, training)
    pipeline, rows = fit_transform(schema, training.features)
    transform, watch = _read_out(pipeline, schema, validation.features)
    for each in transform.left_out:
        print(f"note: {each}")
    watched = encode_target(validation.target, schema, labels)
    task = Task(
        hyperparameters,
        Table(rows, encode_target(training.target, schema, labels), _weights(training, schema, training)),
        Table(watch, watched, _weights(validation, schema, training)),
        len(labels),
        run,
        _told(schema, run, watched),
    )
    learned = learn(algorithm, task)
    print(f"columns={rows.shape[1]}; {learned.told};")
    return Model(schema, transform, learned, labels)


def refit(model: Model, rows: Part, hyperparameters: Mapping[str, Value], run: Run = ON_ONE_MACHINE) -> Model:
    """The same kind of model, learnt from these rows; what the validation part decided stays decided."""
    schema, labels = model.schema, model.labels
    pipeline, columns = fit_transform(schema, rows.features)
    transform, _ = _read_out(pipeline, schema, rows.evenly(MOST_COMPARED_ROWS).features)
    table = Table(columns, encode_target(rows.target, schema, labels), _weights(rows, schema, rows))
    settled = {**hyperparameters, **model.learned.settled}
    task = Task(settled, table, table, len(labels), run, is_settled=True)
    return Model(schema, transform, learn(model.learned.ALGORITHM, task), labels)


def _read_out(pipeline: Pipeline, schema: Schema, compared: Features) -> tuple[FastTransform, np.ndarray]:
    """The transform that predicts, and what it makes of these rows, as the fitted one does."""
    transform = read_out(pipeline, schema)
    columns = transform.transform(compared)
    if not np.array_equal(columns, pipeline.transform(to_frame(compared))):
        raise DataError(
            "the transform used to predict differs from the fitted one; the model would serve nonsense"
        )
    return transform, columns


def _weights(part: Part, schema: Schema, training: Part) -> np.ndarray | None:
    """What each row counts, so that all classes of the training part together count the same."""
    if schema.class_weight == "none":
        return None
    rows = Counter(training.target)
    return np.array([len(training.target) / (len(rows) * rows[label]) for label in part.target])


def _told(schema: Schema, run: Run, target: np.ndarray) -> Told | None:
    """What a tuning job looks at, in the target's own unit as at the end of the log."""
    problem, objective = schema.problem, run.tuning_objective
    if objective is None:
        return None
    own = (own for (of, own), name in XGBOOST_NAMES.items() if (of, name) == (problem, objective))
    own_name = next(own, objective)
    actual = in_unit_of_target(run.hosts.share(target), schema)

    def value(answers: np.ndarray) -> float:
        predicted = in_unit_of_target(answers, schema)
        return measure(problem, actual, predicted, schema.decision_threshold)[own_name]

    return objective, value


def _labels(schema: Schema, training: Part) -> tuple[str, ...]:
    """All labels, the positive one last."""
    labels = sorted(set(training.target), key=lambda label: (label == schema.positive, label))
    if schema.positive is not None and (len(labels) != 2 or labels[1] != schema.positive):
        raise DataError(
            f"{schema.target} has {len(labels)} labels in the training part, binary needs {schema.positive} "
            "and one other"
        )
    return tuple(labels)


def _log_line(model: Model, parts: Mapping[str, Part]) -> str:
    """The metrics in the form of XGBoost's own log, with the number of the last round.

    SageMaker takes the metrics of its XGBoost image from such lines, and lets nobody say otherwise:
    https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html
    """
    words = [f"[{model.learned.rounds - 1}]"]
    problem, threshold = model.schema.problem, model.schema.decision_threshold
    for name, whole in parts.items():
        part = whole.evenly(model.learned.MOST_MEASURED)
        values = measure(problem, actual_values(model, part.target), model.predict(part.features), threshold)
        words += [
            f"{name}-{XGBOOST_NAMES.get((problem, metric), metric)}:{plain(value)}"
            for metric, value in values.items()
        ]
    return "\t".join(words)
