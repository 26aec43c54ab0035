"""What columns look like, what they should look like, and how far they have moved.

The files have the members of Model Monitor's, so that the Model Registry shows them the same way:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-statistics.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraints.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-constraint-violations.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from distances import CATEGORICAL, DEFAULTS, DISTANCES, NUMERIC, Moved, binned, categories, present
from tabular import parse_number

Json = dict[str, Any]
Table = Mapping[str, Sequence[str]]
"""Columns of text by name; a missing value is empty."""
NUMBER, TEXT = "Fractional", "String"
MOST_CATEGORIES = 120
MOST_VALUES_KEPT = 2048
BUCKETS = 10
LARGEST = 1e150
"""Larger numbers have squares that are none; statistics count them as this one."""
HOURS_OF_A_YEAR = 8760
FALSE_ALARMS_A_YEAR = 0.1
"""How many columns may seem to have moved in a year of quiet windows, before the threshold comes on top."""
OVERRIDES, METHOD = "monitoringConfigOverrides", "comparison_method"
"""What constraints say of one column: the name of its distance."""


def describe(table: Table, named: Mapping[str, Collection[str]] = MappingProxyType({})) -> Json:
    """statistics.json of a table.

    Of columns in `named` what looks like a number is a category, and those are counted however rare.
    """
    rows = len(next(iter(table.values()), ()))
    features = [_describe_column(name, cells, named.get(name)) for name, cells in table.items()]
    return {"version": 0.0, "dataset": {"item_count": rows}, "features": features}


def categories_of(statistics: Json) -> dict[str, Collection[str]]:
    """Of each column of text, the categories that statistics.json names."""
    features = statistics["features"]
    return {each["name"]: categories(each) for each in features if "string_statistics" in each}


def _describe_column(name: str, cells: Sequence[str], named: Collection[str] | None) -> Json:
    filled = [cell for cell in cells if cell]
    common = {"num_present": len(filled), "num_missing": len(cells) - len(filled)}
    numbers = _numbers(filled) if named is None else None
    if numbers is not None:
        return {"name": name, "inferred_type": NUMBER, "numerical_statistics": _numerical(common, numbers)}
    counts = Counter(filled)
    kept = dict(counts.most_common(MOST_CATEGORIES)) | {each: counts[each] for each in named or ()}
    buckets = [{"value": value, "count": count} for value, count in kept.items()]
    statistics: Json = {
        "common": common,
        "distinct_count": float(len(counts)),
        "distribution": {"categorical": {"buckets": buckets}},
    }
    return {"name": name, "inferred_type": TEXT, "string_statistics": statistics}


def _numbers(filled: Sequence[str]) -> np.ndarray | None:
    """The values when all of them are finite numbers; None when one is not, or when there is none."""
    if not filled:
        return None
    try:
        numbers = pa.array(filled, pa.string()).cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        # Dates, and numbers with spaces around them.
        parsed = list(takewhile(lambda number: number is not None, map(parse_number, filled)))
        if len(parsed) < len(filled):
            return None
        numbers = np.array(parsed, dtype=np.float64)
    return np.sort(np.clip(numbers, -LARGEST, LARGEST)) if np.isfinite(numbers).all() else None


def _range(ordered: np.ndarray) -> tuple[float, float]:
    """What the buckets divide: wide enough that each has a lower and an upper bound."""
    low, high = float(ordered[0]), float(ordered[-1])
    least = 2 * BUCKETS * float(np.spacing(max(abs(low), abs(high))))
    widening = max(0.5, least) if high - low < least else 0.0
    return low - widening, high + widening


def _numerical(common: Json, ordered: np.ndarray) -> Json:
    counts, bounds = np.histogram(ordered, BUCKETS, _range(ordered))
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


def suggest(statistics: Json, threshold: float, methods: Mapping[str, str] = MappingProxyType({})) -> Json:
    """constraints.json: types and completeness of the columns, and how far each may move, by which distance.

    `methods` are names of distances, by column, or by `numeric` and `categorical` for all others.
    """
    features = [
        {
            "name": feature["name"],
            "inferred_type": feature["inferred_type"],
            "completeness": completeness(feature),
            OVERRIDES: {"distribution_constraints": {METHOD: _method(feature, methods)}},
        }
        for feature in statistics["features"]
    ]
    distribution = {"perform_comparison": "Enabled", "comparison_threshold": threshold}
    config = {"evaluate_constraints": "Enabled", "distribution_constraints": distribution}
    return {"version": 0.0, "features": features, "monitoring_config": config}


def _method(feature: Json, methods: Mapping[str, str]) -> str:
    """The distance of a column; one that needs an order is none of text."""
    kind = NUMERIC if "numerical_statistics" in feature else CATEGORICAL
    method = methods.get(feature["name"], methods.get(kind, DEFAULTS[kind]))
    return DEFAULTS[kind] if kind == CATEGORICAL and DISTANCES[method].is_ordered else method


@dataclass(frozen=True)
class Comparison:
    """The statistics of live rows against those of training rows, and the constraints on them."""

    baseline: Mapping[str, Json]
    constraints: Json
    live: Mapping[str, Json]
    windows: float = HOURS_OF_A_YEAR
    """How many such comparisons a year has."""

    @classmethod
    def of(
        cls, baseline: Json, constraints: Json, live: Json, windows: float = HOURS_OF_A_YEAR
    ) -> Comparison:
        """From the contents of two statistics.json and one constraints.json."""
        by_name = [{feature["name"]: feature for feature in each["features"]} for each in (baseline, live)]
        return cls(by_name[0], constraints, by_name[1], windows)

    @property
    def limit(self) -> float:
        """How far a column may move beyond what chance explains."""
        config = self.constraints["monitoring_config"]["distribution_constraints"]
        return float(config["comparison_threshold"])

    @property
    def significance(self) -> float:
        """How often a column may seem to have moved, of all that are compared."""
        return FALSE_ALARMS_A_YEAR / (self.windows * max(1, len(self.live)))

    @cached_property
    def moved(self) -> dict[str, Moved]:
        """By column, how far it has moved; without columns that cannot be compared."""
        found: dict[str, Moved] = {}
        for constraint in self.constraints["features"]:
            name = constraint["name"]
            if name not in self.live or name not in self.baseline:
                continue
            before = self.baseline[name]
            # Constraints of earlier versions and of AWS's analyzer name no distance.
            named = constraint.get(OVERRIDES, {}).get("distribution_constraints", {})
            method = named.get(METHOD, _method(before, {}))
            if bins := binned(before, self.live[name], DISTANCES[method].levels):
                found[name] = bins.moved(method, self.significance)
        return found

    @cached_property
    def distances(self) -> dict[str, float]:
        """By column, how far it has moved beyond chance."""
        return {name: moved.beyond for name, moved in self.moved.items()}

    def violations(self) -> list[Json]:
        """The members of constraint_violations.json."""
        distances, limit = self.distances, self.limit
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
        is_empty = not present(feature)
        if constraint["inferred_type"] == NUMBER and feature["inferred_type"] == TEXT and not is_empty:
            yield _violation(name, "data_type_check", "Training had numbers only; there is text now.")
        needed, observed = constraint["completeness"], completeness(feature)
        is_less = observed < needed and (needed == 1.0 or not self._is_missing_by_chance(name))
        # What nothing is known of has no distance.
        is_new = observed > needed == 0.0
        if is_less or is_new:
            text = (
                f"Data completeness requirement is not met. Expected: {needed:.2%}. Observed: {observed:.2%}."
            )
            yield _violation(name, "completeness_check", text)

    def _is_missing_by_chance(self, name: str) -> bool:
        """Whether drawing the cells of both samples out of one urn would leave so many missing ones here."""
        # It takes a second to import, and jobs that only describe columns start without it.
        from scipy.stats import hypergeom

        before, after = (common(each[name]) for each in (self.baseline, self.live))
        rows = [each["num_present"] + each["num_missing"] for each in (before, after)]
        missing = before["num_missing"] + after["num_missing"]
        as_many = hypergeom.sf(after["num_missing"] - 1, sum(rows), missing, rows[1])
        return bool(as_many >= self.significance)


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


def _violation(name: str, check: str, text: str) -> Json:
    return {"feature_name": name, "constraint_check_type": check, "description": text}
