"""What the Model Registry shows of a version, in the formats that Model Monitor and Clarify have for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from bias import Bias, Question, Watched
from drift_check import group_name
from explanations import Explanation
from metrics import LOWER_IS_BETTER
from tabular import Schema

VERSION = "1.0"


def write_json(content: Mapping[str, object], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def quality_constraints(problem: str, intervals: Mapping[str, tuple[float, float]]) -> Mapping[str, object]:
    """From where on another measurement is worse by more than chance: the worse end of each interval.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-baseline.html
    """
    limits = {
        name: {"threshold": high, "comparison_operator": "GreaterThanThreshold"}
        if name in LOWER_IS_BETTER
        else {"threshold": low, "comparison_operator": "LessThanThreshold"}
        for name, (low, high) in intervals.items()
    }
    return {"version": 0.0, f"{problem.replace('-', '_')}_constraints": limits}


def explanations(found: Explanation | None) -> Mapping[str, object]:
    """Clarify's analysis.json; the section is missing of a model that cannot be explained.

    https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-analysis-results.html
    """
    if found is None:
        return {"version": VERSION}
    by_answer = {
        answer: {"global_shap_values": dict(means), "expected_value": found.expected[answer]}
        for answer, means in found.means.items()
    }
    return {"version": VERSION, "explanations": {"kernel_shap": by_answer}}


def bias(found: Bias) -> Mapping[str, object]:
    """Clarify's analysis.json of bias.

    It stands apart from explanations: AWS's own reader takes every section of it for one about facets.
    https://github.com/aws/sagemaker-python-sdk/blob/master-v2/src/sagemaker/model_card/evaluation_metric_parsers.py
    """
    return {
        "version": VERSION,
        "pre_training_bias_metrics": _section(found, found.before),
        "post_training_bias_metrics": _section(found, found.after),
    }


def _section(found: Bias, watched: Sequence[Watched]) -> Mapping[str, object]:
    facets: dict[str, list[Mapping[str, object]]] = {}
    for each in watched:
        metrics = [
            {"name": one.name, "description": one.metric.description, **_value(one.value)}
            for one in each.measured
        ]
        facets.setdefault(each.facet.column, []).append({"value_or_threshold": each.told, "metrics": metrics})
    return {"label": found.label, "label_value_or_threshold": found.told, "facets": facets}


def bias_intervals(found: Bias) -> Mapping[str, object]:
    """What chance makes of each metric, by section, group and name, where it is defined."""
    parts = {"pre_training_bias_metrics": found.before, "post_training_bias_metrics": found.after}
    return {
        section: {
            group_name(each.facet.column, each.told): {
                one.name: list(one.interval) for one in each.measured if np.isfinite(one.interval).all()
            }
            for each in watched
        }
        for section, watched in parts.items()
    }


def _value(value: float) -> Mapping[str, object]:
    """JSON has no infinity, and smclarify says it with this word."""
    if np.isnan(value):
        return {"value": None, "error": "A group is empty, or they have nothing that can be compared"}
    return {"value": value if np.isfinite(value) else str(value).replace("inf", "Infinity")}


def bias_configuration(question: Question, schema: Schema) -> Mapping[str, object]:
    """What Clarify has to be asked to measure the same.

    https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
    """
    labels = question.labels if schema.positive is None else (schema.positive,)
    facets = [
        {"name_or_index": facet.column, "value_or_threshold": [*(facet.categories or (facet.above,))]}
        for facet in question.facets
    ]
    return {
        "headers": [*schema.columns],
        "label": schema.target,
        "label_values_or_threshold": [*(labels or (question.above,))],
        "facet": facets,
    }
