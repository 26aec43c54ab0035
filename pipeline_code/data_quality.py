"""What columns look like, what they should look like, and how far they have moved.

The files have the members of Model Monitor's, so that the Model Registry shows them the same way:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-statistics.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraint-violations.html
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from tabular import parse_number

Json = dict[str, Any]
Table = Mapping[str, Sequence[str]]
"""Columns of text by name; a missing value is empty."""
NUMBER, TEXT = "Fractional", "String"
MOST_CATEGORIES = 120
MOST_VALUES_KEPT = 2048
BUCKETS = 10
# 1.8 standard errors of the largest difference between two samples of one distribution: the critical value
# of the Kolmogorov-Smirnov test at a significance of 0.003.
CHANCE = 1.8


def describe(table: Table) -> Json:
    """statistics.json of a table."""
    rows = len(next(iter(table.values()), ()))
    features = [_describe_column(name, cells) for name, cells in table.items()]
    return {"version": 0.0, "dataset": {"item_count": rows}, "features": features}


def _describe_column(name: str, cells: Sequence[str]) -> Json:
    present = [cell for cell in cells if cell]
    common = {"num_present": len(present), "num_missing": len(cells) - len(present)}
    numbers = _numbers(present)
    if numbers is not None:
        return {"name": name, "inferred_type": NUMBER, "numerical_statistics": _numerical(common, numbers)}
    counts = Counter(present)
    statistics: Json = {"common": common, "distinct_count": float(len(counts))}
    if len(counts) <= MOST_CATEGORIES:
        buckets = [{"value": value, "count": count} for value, count in counts.most_common()]
        statistics["distribution"] = {"categorical": {"buckets": buckets}}
    return {"name": name, "inferred_type": TEXT, "string_statistics": statistics}


def _numbers(present: Sequence[str]) -> np.ndarray | None:
    """The values when all of them are finite numbers; None when one is not, or when there is none."""
    numbers = [parse_number(cell) for cell in present]
    if not numbers or any(number is None or math.isinf(number) for number in numbers):
        return None
    return np.sort(np.array(numbers, dtype=np.float64))


def _numerical(common: Json, ordered: np.ndarray) -> Json:
    counts, bounds = np.histogram(ordered, bins=BUCKETS)
    buckets = [
        {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
        for low, high, count in zip(bounds[:-1], bounds[1:], counts, strict=True)
    ]
    # Of more values than are kept, evenly spaced ones stand for all.
    places = np.linspace(0, len(ordered) - 1, min(len(ordered), MOST_VALUES_KEPT)).round().astype(int)
    sketch = {"parameters": {"c": 0.64, "k": float(MOST_VALUES_KEPT)}, "data": [ordered[places].tolist()]}
    return {
        "common": common,
        "mean": float(ordered.mean()),
        "sum": float(ordered.sum()),
        "std_dev": float(ordered.std()),
        "min": float(ordered[0]),
        "max": float(ordered[-1]),
        "distribution": {"kll": {"buckets": buckets, "sketch": sketch}},
    }


def suggest(statistics: Json, threshold: float) -> Json:
    """constraints.json: the types and completeness of the columns, and how far each may move (0 to 1)."""
    features = [
        {
            "name": feature["name"],
            "inferred_type": feature["inferred_type"],
            "completeness": completeness(feature),
        }
        for feature in statistics["features"]
    ]
    distribution = {"perform_comparison": "Enabled", "comparison_threshold": threshold}
    config = {"evaluate_constraints": "Enabled", "distribution_constraints": distribution}
    return {"version": 0.0, "features": features, "monitoring_config": config}


@dataclass(frozen=True)
class Comparison:
    """The statistics of live rows against those of training rows, and the constraints on them."""

    baseline: Mapping[str, Json]
    constraints: Json
    live: Mapping[str, Json]

    @classmethod
    def of(cls, baseline: Json, constraints: Json, live: Json) -> Comparison:
        """From the contents of two statistics.json and one constraints.json."""
        by_name = [{feature["name"]: feature for feature in each["features"]} for each in (baseline, live)]
        return cls(by_name[0], constraints, by_name[1])

    @cached_property
    def distances(self) -> dict[str, float]:
        """By column, how far it has moved, from 0 to 1; without columns that cannot be compared."""
        found = {
            name: _distance(self.baseline[name], feature)
            for name, feature in self.live.items()
            if name in self.baseline
        }
        return {name: distance for name, distance in found.items() if distance is not None}

    def violations(self) -> list[Json]:
        """The members of constraint_violations.json."""
        distances = self.distances
        limit = self.constraints["monitoring_config"]["distribution_constraints"]["comparison_threshold"]
        found = list(self._of_columns())
        for constraint in self.constraints["features"]:
            name = constraint["name"]
            if name in self.live:
                found += self._of_cells(constraint)
            if distances.get(name, 0.0) > limit:
                text = f"Baseline drift distance: {distances[name]:.4g} exceeds threshold: {limit:g}"
                found.append(_violation(name, "baseline_drift_check", text))
        return found

    def _of_columns(self) -> Iterator[Json]:
        expected = {constraint["name"] for constraint in self.constraints["features"]}
        for check, names in (("missing", expected - set(self.live)), ("extra", set(self.live) - expected)):
            if names:
                text = f"There are {check} columns: {', '.join(sorted(names))}"
                yield _violation(f"{check.capitalize()} columns", f"{check}_column_check", text)

    def _of_cells(self, constraint: Json) -> Iterator[Json]:
        name, feature = constraint["name"], self.live[constraint["name"]]
        is_empty = not common(feature)["num_present"]
        if constraint["inferred_type"] == NUMBER and feature["inferred_type"] == TEXT and not is_empty:
            yield _violation(name, "data_type_check", "Training had numbers only; there is text now.")
        needed, observed = constraint["completeness"], completeness(feature)
        if observed < needed and not _may_be_chance(needed, observed, common(feature)):
            text = (
                f"Data completeness requirement is not met. Expected: {needed:.2%}. Observed: {observed:.2%}."
            )
            yield _violation(name, "completeness_check", text)


def _may_be_chance(needed: float, observed: float, counts: Json) -> bool:
    rows = counts["num_present"] + counts["num_missing"]
    return needed < 1.0 and needed - observed <= CHANCE * math.sqrt(needed * (1 - needed) / rows)


def common(feature: Json) -> Json:
    """Present and missing counts of a column."""
    statistics: Json = feature.get("numerical_statistics") or feature["string_statistics"]
    counts: Json = statistics["common"]
    return counts


def completeness(feature: Json) -> float:
    """The part of a column's cells that are present."""
    counts = common(feature)
    rows = counts["num_present"] + counts["num_missing"]
    return float(counts["num_present"] / rows) if rows else 0.0


def _distance(before: Json, after: Json) -> float | None:
    """The largest difference of the two distribution functions, less what chance explains.

    Larger always means further apart, whatever the number of rows; a few requests are never a drift.
    """
    if "numerical_statistics" in before and "numerical_statistics" in after:
        if not (_is_plain(before) and _is_plain(after)):
            return None
        largest = _largest_of_numbers(*(_values(feature) for feature in (before, after)))
    elif "string_statistics" in before and "string_statistics" in after:
        shares = [_shares(feature) for feature in (before, after)]
        if not all(shares):
            return None
        largest = max(abs(shares[0].get(key, 0) - shares[1].get(key, 0)) for key in {*shares[0], *shares[1]})
    else:
        return None
    n, m = common(before)["num_present"], common(after)["num_present"]
    return max(0.0, largest - CHANCE * math.sqrt((n + m) / (n * m)))


def _is_plain(feature: Json) -> bool:
    """Whether its values weigh the same; in the sketches of AWS's analyzer they may not."""
    return len(feature["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"]) == 1


def _values(feature: Json) -> np.ndarray:
    return np.array(feature["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"][0])


def _largest_of_numbers(before: np.ndarray, after: np.ndarray) -> float:
    values = np.union1d(before, after)
    at = [np.searchsorted(ordered, values, side="right") / len(ordered) for ordered in (before, after)]
    return float(np.abs(at[0] - at[1]).max())


def _shares(feature: Json) -> dict[str, float]:
    buckets = feature["string_statistics"].get("distribution", {}).get("categorical", {}).get("buckets", [])
    total = sum(bucket["count"] for bucket in buckets)
    return {bucket["value"]: bucket["count"] / total for bucket in buckets}


def _violation(name: str, check: str, text: str) -> Json:
    return {"feature_name": name, "constraint_check_type": check, "description": text}
