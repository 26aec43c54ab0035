"""Compares a dataset with a baseline and tells the violations.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.local_aws.sagemaker.analyzer.dataset import Dataset, texts
from tools.local_aws.sagemaker.analyzer.distance import feature_distance
from tools.local_aws.sagemaker.analyzer.statistics import (
    FRACTIONAL,
    INTEGRAL,
    STRING,
    UNKNOWN,
    completeness,
    type_of,
)

Members = dict[str, Any]
_ACCEPTED = {
    FRACTIONAL: (FRACTIONAL, INTEGRAL),
    INTEGRAL: (INTEGRAL,),
    STRING: (STRING, FRACTIONAL, INTEGRAL),
}


@dataclass(frozen=True)
class Comparison:
    """A dataset against its baseline."""

    constraints: Members
    baseline: dict[str, Members]
    current: dict[str, Members]
    dataset: Dataset

    def distances(self) -> dict[str, float]:
        """How far each feature has moved, where that can be told."""
        settings = self._distribution
        if settings.get("perform_comparison") != "Enabled":
            return {}
        robust = settings.get("comparison_method", "Robust") == "Robust"
        found = {
            name: feature_distance(self.baseline[name], feature, robust)
            for name, feature in self.current.items()
            if name in self.baseline
        }
        return {name: distance for name, distance in found.items() if distance is not None}

    @property
    def _settings(self) -> Members:
        settings: Members = self.constraints.get("monitoring_config", {})
        return settings

    @property
    def _distribution(self) -> Members:
        settings: Members = self._settings.get("distribution_constraints", {})
        return settings

    def violations(self) -> list[Members]:
        """The violations, columns first, then feature by feature."""
        if self._settings.get("evaluate_constraints", "Enabled") != "Enabled":
            return []
        distances = self.distances()
        found = list(self._columns())
        for constraint in self.constraints["features"]:
            if constraint["name"] in self.current:
                found += self._feature(constraint, distances.get(constraint["name"]))
        return found

    def _columns(self) -> Iterator[Members]:
        expected = [constraint["name"] for constraint in self.constraints["features"]]
        counts = (
            f"There are %s columns in current dataset. Number of columns in current dataset: "
            f"{len(self.current)}, Number of columns in baseline constraints: {len(expected)}"
        )
        missing = [name for name in expected if name not in self.current]
        extra = [name for name in self.current if name not in expected]
        if missing:
            yield _violation("Missing columns", "missing_column_check", counts % "missing", missing)
        if extra:
            yield _violation("Extra columns", "extra_column_check", counts % "extra", extra)

    def _feature(self, constraint: Members, distance: float | None) -> Iterator[Members]:
        name = constraint["name"]
        yield from self._data_type(constraint)
        observed = completeness(self.current[name])
        if observed < constraint.get("completeness", 0.0):
            text = f"Data completeness requirement is not met. Expected: {constraint['completeness']:.2%}."
            yield _violation(name, "completeness_check", f"{text} Observed: {observed:.2%}.")
        yield from self._domain(constraint)
        is_text = "string_statistics" in self.current[name]
        limit = self._distribution.get("comparison_threshold", 1.0)
        if is_text:
            limit = self._distribution.get("categorical_comparison_threshold", limit)
        if distance is not None and distance > limit:
            text = f"Baseline drift distance: {distance} exceeds threshold: {limit}"
            yield _violation(name, "baseline_drift_check", text)

    def _data_type(self, constraint: Members) -> Iterator[Members]:
        expected, values = constraint["inferred_type"], texts(self.dataset.columns[constraint["name"]])
        if expected == UNKNOWN or not values:
            return
        share = sum(type_of(value) in _ACCEPTED[expected] for value in values) / len(values)
        limit = self._settings.get("datatype_check_threshold", 1.0)
        if share < limit:
            text = (
                f"Data type match requirement is not met. Expected data type: {expected}, "
                f"Expected match: {limit:.1%}. Observed: Only {share:.2%} of data is {expected}."
            )
            yield _violation(constraint["name"], "data_type_check", text)

    def _domain(self, constraint: Members) -> Iterator[Members]:
        domain = constraint.get("string_constraints", {}).get("domains")
        values = texts(self.dataset.columns[constraint["name"]])
        if not domain or not values:
            return
        share = sum(value in domain for value in values) / len(values)
        limit = self._settings.get("domain_content_threshold", 1.0)
        if share < limit:
            text = f"Expected match: {limit:.1%} of values in the baseline's domain. Observed: {share:.2%}."
            yield _violation(constraint["name"], "categorical_values_check", text)


def _violation(name: str, check: str, text: str, columns: list[str] | None = None) -> Members:
    description = f"{text} ({', '.join(columns)})" if columns else text
    return {"feature_name": name, "constraint_check_type": check, "description": description}
