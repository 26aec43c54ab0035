"""The last block: what was reached, what the endpoint answers, what the monitor found."""

from collections.abc import Sequence
from pathlib import Path

from tools.rehearse.acts import Evaluation, Results
from tools.rehearse.pipeline import Criterion
from tools.rehearse.samples import Sample

_VIOLATIONS_SHOWN = 8


def summary_lines(
    name: str, sample: Sample, criterion: Criterion, results: Results, pictures: Path
) -> list[str]:
    evaluation = results.evaluation
    value = evaluation.metrics[criterion.metric]
    others = [
        f"                 {metric} {_number(number)}"
        for metric, number in evaluation.metrics.items()
        if metric != criterion.metric
    ]
    return [
        f"Success metric   {criterion.metric} = {value:.3f} ({criterion.comparison} {criterion.threshold:g})",
        *_positive(sample, evaluation),
        *others,
        f"Endpoint         {name}",
        *_predictions(sample, criterion, results.predictions),
        *_violations(results),
        *_batches(results),
        *_live(criterion, results),
        *_retrained(criterion, results),
        *_tracked(results),
        f"Evaluation       {pictures / 'evaluation.html'}",
        f"Dashboard        {pictures / f'dashboard-{sample.use_case}.html'}",
        f"Pictures, logs   {pictures}",
    ]


def _number(value: float) -> str:
    """Four digits that matter, never in scientific notation."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _positive(sample: Sample, evaluation: Evaluation) -> list[str]:
    if not evaluation.positive:
        return []
    label, least = f"{sample.target} = {evaluation.positive}", evaluation.from_probability
    return [f"                 of {label}, from a probability of {least:g} on"]


def _predictions(sample: Sample, criterion: Criterion, predictions: Sequence[tuple[str, str]]) -> list[str]:
    is_regression = criterion.section == "regression_metrics"
    heading = f"{'predicted':>12} {sample.target:>12}"
    lines = [f"Predictions      {heading}{'  difference' if is_regression else ''}"]
    for predicted, actual in predictions:
        shown = f"{predicted:>12} {actual:>12}"
        if criterion.section == "binary_classification_metrics":
            shown = f"{float(predicted):>12.3f} {actual:>12}"
        elif is_regression:
            shown = _compared(float(predicted), float(actual))
        lines.append(f"                 {shown}")
    return lines


def _compared(predicted: float, actual: float) -> str:
    difference = f"{predicted / actual - 1:+10.1%}" if actual else ""
    return f"{predicted:>12,.0f} {actual:>12,.0f}  {difference}".rstrip()


def _live(criterion: Criterion, results: Results) -> list[str]:
    """The criterion on what really happened, and what it is at best if chance was against the model."""
    live = results.live
    if live is None:
        return []
    value, at_best = (live.metrics[f"{criterion.metric}{suffix}"] for suffix in ("", "_at_best"))
    found = "missed" if live.violations else "held"
    return [
        f"Live quality     {criterion.metric} = {value:.3f} on {live.rows} requests whose outcome was told",
        f"                 the criterion is {found}: at best {at_best:.3f}, if chance was against the model",
    ]


def _retrained(criterion: Criterion, results: Results) -> list[str]:
    retrained = results.retrained
    if retrained is None:
        return []
    value, name = retrained.evaluation.metrics[criterion.metric], retrained.delivery.rpartition("/")[2]
    return [
        f"Retraining       version {retrained.version} has learnt from {name}, because of the alarm",
        f"                 {criterion.metric} = {value:.3f}; it waits for approval",
    ]


def _tracked(results: Results) -> list[str]:
    run = results.tracked
    if run is None:
        return []
    return [
        f"MLflow           run {run.name} of experiment {run.experiment} is {run.status}:",
        f"                 {run.parameters} parameters, {run.metrics} metrics, {run.files} files",
    ]


def _batches(results: Results) -> list[str]:
    found = results.batches
    if found is None:
        return []
    return [
        f"Batches          no violation in {found.rows} rows that are like the delivery",
        f"                 {len(found.violations)} in a batch of rows that came later",
        f"                 their drift alarm: {found.alarm_state}",
    ]


def _violations(results: Results) -> list[str]:
    if not results.alarm_state:
        return ["Violations       nobody watches the endpoint"]
    violations = results.violations
    lines = [
        f"Violations       none in {results.quiet_rows} rows that are like the delivery",
        f"                 {len(violations)} by rows that came later",
    ]
    for violation in violations[:_VIOLATIONS_SHOWN]:
        check, feature = violation["constraint_check_type"], violation["feature_name"]
        lines.append(f"                 {feature}: {check}: {violation['description']}")
    if len(violations) > _VIOLATIONS_SHOWN:
        lines.append(f"                 and {len(violations) - _VIOLATIONS_SHOWN} more")
    return [*lines, f"Drift alarm      {results.alarm_state}"]
