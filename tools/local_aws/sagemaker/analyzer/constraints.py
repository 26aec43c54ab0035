"""Suggests constraints from a baseline, in the format of constraints.json.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html
"""

from typing import Any

from tools.local_aws.sagemaker.analyzer.statistics import completeness

Members = dict[str, Any]
# Deequ calls a text column categorical when at most this part of its values occurs only once.
_MOST_SINGLE_VALUES = 0.1

MONITORING_CONFIG: Members = {
    "evaluate_constraints": "Enabled",
    "emit_metrics": "Enabled",
    "datatype_check_threshold": 1.0,
    "domain_content_threshold": 1.0,
    "distribution_constraints": {
        "perform_comparison": "Enabled",
        "comparison_threshold": 0.1,
        "comparison_method": "Robust",
        "categorical_comparison_threshold": 0.1,
        "categorical_drift_method": "LInfinity",
    },
}


def suggest(statistics: Members) -> Members:
    """The content of constraints.json for a baseline's statistics."""
    features = [_feature(feature) for feature in statistics["features"]]
    return {"version": 0.0, "features": features, "monitoring_config": MONITORING_CONFIG}


def _feature(feature: Members) -> Members:
    constraint: Members = {
        "name": feature["name"],
        "inferred_type": feature["inferred_type"],
        "completeness": completeness(feature),
    }
    numerical = feature.get("numerical_statistics")
    if numerical is not None and "min" in numerical:
        constraint["num_constraints"] = {"is_non_negative": numerical["min"] >= 0}
    domain = _domain(feature)
    if domain:
        constraint["string_constraints"] = {"domains": domain}
    return constraint


def _domain(feature: Members) -> list[str]:
    distribution = feature.get("string_statistics", {}).get("distribution", {})
    buckets = distribution.get("categorical", {}).get("buckets", [])
    single = sum(bucket["count"] == 1 for bucket in buckets)
    if not buckets or single / len(buckets) > _MOST_SINGLE_VALUES:
        return []
    return [bucket["value"] for bucket in buckets]
