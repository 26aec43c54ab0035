"""Measure a trained model on the test part, which nothing has learnt from, and draw what the numbers hide.

Run: python3 code.zip evaluate; model, test part and report lie where SageMaker puts them.
"""

from __future__ import annotations

import gzip
import json
import posixpath
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from digests import DELIVERY_FILE, digest_of_file
from metrics import confusion, measure, plain, standard_deviations
from model import FILES, Model, actual_values
from tabular import Arguments, DataError, Schema, base_dir, read_part

ARCHIVE = "model.tar.gz"
BASELINES = ("statistics", "constraints")
REPORT_NAMES = {"regression": "regression_metrics", "binary-classification": "binary_classification_metrics"}


def main(argv: Sequence[str]) -> None:
    """Read <base>/processing/input/{model,test,baseline}, write <base>/processing/output/evaluation."""
    Arguments(prog="evaluate", allow_abbrev=False).parse_args(list(argv))
    given, output = base_dir() / "processing" / "input", base_dir() / "processing" / "output" / "evaluation"
    test_folder, archive = given / "test", given / "model" / ARCHIVE
    with tempfile.TemporaryDirectory() as folder:
        model = load_archive(archive, Path(folder))
    if Schema.read(test_folder) != model.schema:
        raise DataError("the model was trained with another schema than the test part has")
    test = read_part(test_folder, "test", model.schema)
    actual, predicted = actual_values(model, test.target), model.predict(test.features)
    if not np.isfinite(predicted).all():
        raise DataError(
            f"the model answers {int((~np.isfinite(predicted)).sum())} test rows without a finite number"
        )
    output.mkdir(parents=True, exist_ok=True)
    _draw(model, actual, predicted, output)
    content = report(model, actual, predicted)
    evaluation = output / "evaluation.json"
    _write(evaluation, content)
    files = [archive, *(given / "baseline" / f"{name}.json" for name in BASELINES), evaluation]
    delivery = json.loads((test_folder / DELIVERY_FILE).read_text(encoding="utf-8"))
    _write(output / "record.json", record(files, delivery["sha256"]))


def record(files: Sequence[Path], delivery: str) -> dict[str, str]:
    """What was evaluated, by digest: `model`, `statistics`, `constraints`, `evaluation`, `delivery`.

    The release compares with it what it is about to deploy.
    """
    return {**{path.name.split(".")[0]: digest_of_file(path) for path in files}, "delivery": delivery}


def _write(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def load_archive(archive: Path, folder: Path) -> Model:
    """Unpack model.tar.gz into the folder and load it; raises DataError when it is missing or not a model."""
    if not archive.is_file():
        raise DataError(f"{archive} does not exist; training must have written it")
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                name, content = posixpath.normpath(member.name), tar.extractfile(member)
                # Only the files that a model consists of: nothing can be written elsewhere.
                if name in FILES and content:
                    (folder / name).write_bytes(content.read())
    except (tarfile.TarError, gzip.BadGzipFile, EOFError) as error:
        raise DataError(f"{archive.name} cannot be unpacked: {error}") from error
    return Model.load(folder)


def report(model: Model, actual: np.ndarray, predicted: np.ndarray) -> Mapping[str, object]:
    """The Model Registry's quality format.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    problem = model.schema.problem
    deviations = standard_deviations(problem, actual, predicted)
    metrics: dict[str, object] = {}
    for name, value in measure(problem, actual, predicted).items():
        metrics[name] = {"value": value, "standard_deviation": deviations[name]}
        print(f"test_{name}={plain(value)}; (standard deviation {plain(deviations[name])})")
    if not model.schema.target_is_number:
        metrics["confusion_matrix"] = confusion(actual, predicted)
    return {REPORT_NAMES[problem]: metrics, "dataset": {"item_count": len(actual)}}


def importance(model: Model) -> dict[str, float]:
    """The share of the trees' total gain that each given or derived feature brought, largest first."""
    sources = model.transform.sources
    gains = dict.fromkeys(sources, 0.0)
    for column, gain in model.trees.get_score(importance_type="total_gain").items():
        gains[sources[int(column[1:])]] += float(gain)
    total = sum(gains.values()) or 1.0
    return dict(sorted(((name, gain / total) for name, gain in gains.items()), key=lambda item: -item[1]))


def _draw(model: Model, actual: np.ndarray, predicted: np.ndarray, output: Path) -> None:
    # matplotlib takes a second to import; whoever imports this module for its numbers does not wait for it.
    import plots

    target = model.schema.target
    if model.schema.target_is_number:
        plots.predicted_against_actual(actual, predicted, target, output / "predicted_against_actual.png")
        plots.residuals(actual, predicted, target, output / "residuals.png")
    else:
        label = f"{target} = {model.labels[1]}"
        plots.probabilities_by_class(actual, predicted, label, output / "predicted_against_actual.png")
        plots.calibration(actual, predicted, label, output / "residuals.png")
    plots.importance(importance(model), output / "importance.png")
