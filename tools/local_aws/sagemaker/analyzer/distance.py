"""How far two distributions are apart, between 0 and 1, as Deequ has it.

The largest difference of the two distribution functions (L-infinity, as in the two-sample
Kolmogorov-Smirnov test). The robust form takes off what chance explains: 1.8 * sqrt((n + m) / (n * m)),
the test's critical value at a significance of 0.003. A few requests can thus never be a drift.
https://github.com/awslabs/deequ/blob/master/src/main/scala/com/amazon/deequ/analyzers/Distance.scala
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CRITICAL = 1.8


def feature_distance(baseline: dict[str, Any], current: dict[str, Any], robust: bool) -> float | None:
    """The distance of one feature's statistics, or nothing when they cannot be compared."""
    before, after = _numbers(baseline), _numbers(current)
    if before is not None and after is not None:
        return _numerical(before, after, robust)
    old, new = _categories(baseline), _categories(current)
    if old and new:
        return _categorical(old, new, robust)
    return None


def _numbers(feature: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Values and their weights, in order."""
    kll = feature.get("numerical_statistics", {}).get("distribution", {}).get("kll")
    if kll is None:
        return None
    levels = kll["sketch"]["data"]
    values = np.concatenate([np.asarray(level, dtype=float) for level in levels])
    weights = np.concatenate([np.full(len(level), 2.0**number) for number, level in enumerate(levels)])
    order = np.argsort(values, kind="stable")
    return values[order], weights[order]


def _categories(feature: dict[str, Any]) -> dict[str, float]:
    distribution = feature.get("string_statistics", {}).get("distribution", {})
    buckets = distribution.get("categorical", {}).get("buckets", [])
    return {bucket["value"]: float(bucket["count"]) for bucket in buckets}


def _numerical(
    before: tuple[NDArray[np.float64], NDArray[np.float64]],
    after: tuple[NDArray[np.float64], NDArray[np.float64]],
    robust: bool,
) -> float:
    keys = np.union1d(before[0], after[0])
    shares = []
    for values, weights in (before, after):
        running = np.concatenate([[0.0], np.cumsum(weights)])
        shares.append(running[np.searchsorted(values, keys, side="right")] / running[-1])
    simple = float(np.abs(shares[0] - shares[1]).max())
    return _corrected(simple, float(before[1].sum()), float(after[1].sum()), robust)


def _categorical(before: dict[str, float], after: dict[str, float], robust: bool) -> float:
    n, m = sum(before.values()), sum(after.values())
    keys = before.keys() | after.keys()
    simple = max(abs(before.get(key, 0.0) / n - after.get(key, 0.0) / m) for key in keys)
    return _corrected(simple, n, m, robust)


def _corrected(simple: float, n: float, m: float, robust: bool) -> float:
    return max(0.0, simple - _CRITICAL * math.sqrt((n + m) / (n * m))) if robust else simple
