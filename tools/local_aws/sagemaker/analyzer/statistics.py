"""Statistics per column, in the format of statistics.json.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-statistics.html
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.local_aws.sagemaker.analyzer.dataset import Dataset, Value, texts

Members = dict[str, Any]

FRACTIONAL, INTEGRAL, STRING, UNKNOWN = "Fractional", "Integral", "String", "Unknown"
# Deequ keeps the histogram of a text column up to this many distinct values.
MOST_CATEGORIES = 120
_BUCKETS = 10
_SKETCH_SIZE = 2048
_SKETCH_SHRINK = 0.64
_INTEGRAL = re.compile(r"[-+]?\d+")
_FRACTIONAL = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+(\.\d*)?[eE][-+]?\d+)")


def type_of(value: str) -> str:
    if _INTEGRAL.fullmatch(value):
        return INTEGRAL
    return FRACTIONAL if _FRACTIONAL.fullmatch(value) else STRING


def inferred_type(values: Iterable[Value]) -> str:
    """The narrowest type that all present values have."""
    found = {type_of(value) for value in texts(values)}
    if not found:
        return UNKNOWN
    if STRING in found:
        return STRING
    return FRACTIONAL if FRACTIONAL in found else INTEGRAL


def describe(dataset: Dataset, types: dict[str, str] | None = None) -> Members:
    """The content of statistics.json. `types` tells the types to use where they are known already."""
    features = []
    for name, values in dataset.columns.items():
        kind = (types or {}).get(name) or inferred_type(values)
        if kind in (FRACTIONAL, INTEGRAL) and any(type_of(value) == STRING for value in texts(values)):
            kind = STRING
        features.append(_feature(name, kind, values))
    return {"version": 0.0, "dataset": {"item_count": dataset.item_count}, "features": features}


def _feature(name: str, kind: str, values: list[Value]) -> Members:
    found = texts(values)
    common = {"num_present": len(found), "num_missing": len(values) - len(found)}
    if kind in (FRACTIONAL, INTEGRAL):
        numbers = np.asarray(found, dtype=float)
        return {"name": name, "inferred_type": kind, "numerical_statistics": _numerical(common, numbers)}
    return {"name": name, "inferred_type": kind, "string_statistics": _string(common, found)}


def _numerical(common: Members, numbers: NDArray[np.float64]) -> Members:
    if not numbers.size:
        return {"common": common}
    return {
        "common": common,
        "mean": float(numbers.mean()),
        "sum": float(numbers.sum()),
        "std_dev": float(numbers.std()),
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "distribution": {"kll": _kll(np.sort(numbers))},
    }


def _kll(ordered: NDArray[np.float64]) -> Members:
    """The quantile sketch: items of level n stand for 2**n values each.

    Up to the sketch's size every value is kept, so that a distance computed from it is exact. Beyond it, the
    middle one of each 2**n neighbours is kept, where the real sketch picks by chance.
    """
    counts, bounds = np.histogram(ordered, bins=_BUCKETS)
    buckets = [
        {"lower_bound": float(low), "upper_bound": float(high), "count": float(count)}
        for low, high, count in zip(bounds[:-1], bounds[1:], counts, strict=True)
    ]
    level = max(0, math.ceil(math.log2(ordered.size / _SKETCH_SIZE)))
    step = 2**level
    whole = ordered.size // step * step
    levels: list[list[float]] = [[] for _ in range(level + 1)]
    levels[level] = ordered[:whole].reshape(-1, step)[:, step // 2].tolist()
    # What does not fill a whole step keeps its own weight.
    levels[0] = levels[0] + ordered[whole:].tolist() if level else levels[0]
    parameters = {"c": _SKETCH_SHRINK, "k": float(_SKETCH_SIZE)}
    return {"buckets": buckets, "sketch": {"parameters": parameters, "data": levels}}


def _string(common: Members, found: list[str]) -> Members:
    counts = Counter(found)
    statistics: Members = {"common": common, "distinct_count": float(len(counts))}
    if counts and len(counts) <= MOST_CATEGORIES:
        buckets = [{"value": value, "count": count} for value, count in counts.most_common()]
        statistics["distribution"] = {"categorical": {"buckets": buckets}}
    return statistics


def common_of(feature: Members) -> Members:
    """Present and missing counts of a feature in statistics.json."""
    statistics: Members = feature.get("numerical_statistics") or feature["string_statistics"]
    common: Members = statistics["common"]
    return common


def completeness(feature: Members) -> float:
    """The part of values that are present."""
    common = common_of(feature)
    total = common["num_present"] + common["num_missing"]
    return float(common["num_present"] / total) if total else 0.0
