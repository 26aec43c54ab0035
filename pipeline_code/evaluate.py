"""Measure a trained model on the test part, which nothing has learnt from, and draw what the numbers hide.

Run: python3 code.zip evaluate [--metric <that decides> --live-version <number>] [--facet ...]; model,
held-out parts, live model and report lie where SageMaker puts them. It also writes what monitors compare live
traffic with: rows that the trees were not fitted on, with the model's answers.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import costs as costs_of
import numpy as np
from archive import load_archive
from bias import add_arguments, asked, compare
from drift_check import NOTHING
from evaluation_page import CONTRIBUTIONS, Findings, write_page
from explanations import explain
from live import Live, Rows
from live import compare as compare_with_live
from metrics import REPORT_NAMES, confusion, measure, plain, resample
from model import HELD_OUT_FILE, Model, actual_values
from registry_files import bias as bias_report
from registry_files import bias_configuration, bias_intervals, quality_constraints, write_json
from registry_files import explanations as explanation_report
from slices import losses, slices
from tabular import Arguments, DataError, Features, Part, Schema, base_dir, read_columns, read_part
from thresholds import cheapest, most_found, sweep

HELD_OUT = ("validation", "test")


def main(argv: Sequence[str]) -> None:
    """Read <base>/processing/input/{model,validation,test}, write .../output/{evaluation,baseline}.

    With facets it reads the train part, too, and with a live version `live`.
    """
    parser = Arguments(prog="evaluate", allow_abbrev=False)
    parser.add_argument("--metric", default="")
    parser.add_argument("--live-version", default=NOTHING)
    add_arguments(parser)
    costs_of.add_arguments(parser)
    arguments = parser.parse_args(list(argv))
    question = asked(arguments.facet, arguments.positive_labels, arguments.positive_above)
    processing = base_dir() / "processing"
    output = processing / "output" / "evaluation"
    with tempfile.TemporaryDirectory() as folder:
        model = load_archive(processing / "input" / "model" / "model.tar.gz", Path(folder))
        held_out = Path(folder) / HELD_OUT_FILE
        answered = {"validation": json.loads(held_out.read_text("utf-8"))} if held_out.is_file() else {}
    folders = {name: processing / "input" / name for name in HELD_OUT}
    parts = {name: _read(folder, name, model.schema) for name, folder in folders.items()}
    predictions = {name: _predict(model, part, name) for name, part in parts.items()}
    actual, predicted = actual_values(model, parts["test"].target), predictions["test"]
    costs = costs_of.asked(arguments).matrix(model.labels)
    found = findings(model, parts["test"].features, actual, predicted, costs)
    live = Live(arguments.live_version, processing / "input" / "live" / "model.tar.gz", arguments.metric)
    rows = Rows(parts["test"].features, actual, predicted, costs)
    found = replace(found, live=compare_with_live(live, model, rows))
    if question:
        columns = [facet.column for facet in question.facets]
        training = read_columns(processing / "input" / "train", "train", model.schema, columns)
        found = replace(found, bias=compare(question, model, training, parts["test"], predicted))
        write_json(bias_configuration(question, model.schema), output / "bias" / "analysis_config.json")
    output.mkdir(parents=True, exist_ok=True)
    _draw(model, actual, predicted, found, output)
    write_page(model.schema, len(actual), found, output)
    _write_reports(model, report(model, actual, predicted, found), found, output)
    answered = {name: model.answers(predicted) for name, predicted in predictions.items()} | answered
    answers = {folders[name] / f"{name}.csv": answered[name] for name in HELD_OUT}
    write_baseline(answers, processing / "output" / "baseline")


def _write_reports(model: Model, quality: Mapping[str, object], found: Findings, output: Path) -> None:
    """The files that a version in the registry names, each where Clarify or Model Monitor would leave it."""
    write_json(quality, output / "evaluation.json")
    if found.live:
        print(f"live_version={found.live.live.version}; {found.live.told} {found.live.why_not}")
        write_json(found.live.content, output / "comparison.json")
    write_json(quality_constraints(model.schema.problem, found.intervals), output / "constraints.json")
    write_json(explanation_report(found.explanation), output / "explainability" / "analysis.json")
    if found.bias:
        write_json(bias_report(found.bias), output / "bias" / "analysis.json")
        write_json(bias_intervals(found.bias), output / "bias" / "intervals.json")


def _read(folder: Path, name: str, schema: Schema) -> Part:
    if Schema.read(folder) != schema:
        raise DataError(f"the model was trained with another schema than the {name} part has")
    return read_part(folder, name, schema)


def _predict(model: Model, part: Part, name: str) -> np.ndarray:
    predicted = model.predict(part.features)
    if not np.isfinite(predicted).all():
        wrong = int((~np.isfinite(predicted)).sum())
        raise DataError(f"the model answers {wrong} {name} rows without a finite number")
    return predicted


def write_baseline(answers: Mapping[Path, Sequence[float | str]], output: Path) -> None:
    """The rows of these files as data capture sees their likes: the endpoint's answer, then the request.

    The file stands alone: Model Monitor's analyzer reads every file of its folder as data.
    """
    output.mkdir(parents=True, exist_ok=True)
    with (output / "baseline.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, (path, of_part) in enumerate(answers.items()):
            with path.open(encoding="utf-8", newline="") as part:
                header, *rows = csv.reader(part)
            if number == 0:
                writer.writerow(header)
            writer.writerows([answer, *row[1:]] for answer, row in zip(of_part, rows, strict=True))


def findings(
    model: Model,
    features: Features,
    actual: np.ndarray,
    predicted: np.ndarray,
    costs: np.ndarray | None = None,
) -> Findings:
    """What people look at before they approve a version."""
    schema = model.schema
    measured = (schema.problem, actual, predicted, schema.decision_threshold, costs)
    resamples = resample(*measured)
    loss = losses(schema.problem, actual, predicted)
    is_binary = schema.positive is not None
    return Findings(
        metrics=measure(*measured),
        deviations={name: float(np.std(values)) for name, values in resamples.items()},
        intervals={name: _interval(values) for name, values in resamples.items()},
        loss=float(loss.mean()),
        slices=slices(features, schema, loss),
        decisions=sweep(actual, predicted, costs) if is_binary else (),
        costs=costs,
        cheapest=cheapest(actual, predicted, costs) if is_binary and costs is not None else None,
        most_found=most_found(actual, predicted) if is_binary else (),
        importance=importance(model, features),
        explanation=explain(model, features),
        left_out=model.transform.left_out,
    )


def _interval(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def report(model: Model, actual: np.ndarray, predicted: np.ndarray, found: Findings) -> Mapping[str, object]:
    """The Model Registry's quality format.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    schema = model.schema
    problem, threshold = schema.problem, schema.decision_threshold
    metrics: dict[str, object] = {}
    content: dict[str, object] = {REPORT_NAMES[problem]: metrics, "dataset": {"item_count": len(actual)}}
    if schema.positive is not None:
        print(f"positive={schema.positive}; decision_threshold={plain(threshold)};")
        content["positive"] = {
            "label": schema.positive,
            "other_label": model.labels[0],
            "from_probability": threshold,
        }
        metrics["confusion_matrix"] = confusion(actual, predicted >= threshold, ("0", "1"))
    elif not schema.target_is_number:
        metrics["confusion_matrix"] = confusion(actual, predicted.argmax(axis=1), model.labels)
    if found.costs is not None:
        # By the class that is so, then by the one that is decided; the monitor of quality measures with them.
        content["costs"] = found.costs.tolist()
    for name, value in found.metrics.items():
        deviation = found.deviations[name]
        metrics[name] = {"value": value, "standard_deviation": deviation}
        print(f"test_{name}={plain(value)}; (standard deviation {plain(deviation)})")
    return content


def importance(model: Model, features: Features) -> dict[str, float]:
    """Each given or derived feature's share of what the answers about these rows rest on, largest first."""
    sources = model.transform.sources
    columns = model.learned.importance(model.transform.transform(features))
    brought = dict.fromkeys(sources, 0.0)
    for source, value in zip(sources, columns.tolist(), strict=True):
        brought[source] += value
    total = sum(brought.values()) or 1.0
    return dict(sorted(((name, value / total) for name, value in brought.items()), key=lambda item: -item[1]))


def _draw(model: Model, actual: np.ndarray, predicted: np.ndarray, found: Findings, output: Path) -> None:
    # matplotlib takes a second to import; whoever imports this module for its numbers does not wait for it.
    import plots

    target = model.schema.target
    if model.schema.target_is_number:
        plots.predicted_against_actual(actual, predicted, target, output / "predicted_against_actual.png")
        plots.residuals(actual, predicted, target, output / "residuals.png")
    elif model.schema.positive is None:
        claimed = predicted.argmax(axis=1)
        counts = confusion(actual, claimed, model.labels)
        plots.claimed_against_actual(counts, target, output / "predicted_against_actual.png")
        right, said = (actual == claimed).astype(float), predicted.max(axis=1)
        plots.calibration(right, said, f"the likeliest {target}", output / "residuals.png")
    else:
        label = f"{target} = {model.schema.positive}"
        plots.probabilities_by_class(actual, predicted, label, output / "predicted_against_actual.png")
        plots.calibration(actual, predicted, label, output / "residuals.png")
    plots.importance(found.importance, model.learned.IMPORTANCE, output / "importance.png")
    if found.explanation:
        plots.contributions(found.explanation, output / CONTRIBUTIONS)
