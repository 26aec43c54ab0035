"""How far two samples of a column are apart, and how far chance alone moves them.

Samples are counts in the same bins, so that resampling a window of a million rows costs what one of ten does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.special import gammainccinv, rel_entr
from tabular import DataError

Json = dict[str, Any]
Formula = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Of counts before and after, [..., bins], and of where the bins lie, in standard deviations before."""
RESAMPLES = 200
SEED = 0
LEAST_SKEWNESS = 0.01
FEWEST_ROWS = 50
"""Fewer say nothing: of a rare value one row is too many."""
FARTHEST = 10
"""How many standard deviations outside of the baseline a number counts as: else one could hide a drift."""
FEWEST_OF_A_CATEGORY = 5
"""Rarer categories count together, with those that were never seen."""
NUMERIC, CATEGORICAL = "numeric", "categorical"


@dataclass(frozen=True)
class Distance:
    """A way to say how far two samples are apart; 0 where they are the same."""

    formula: Formula
    levels: int
    """Into how many quantiles numbers are divided."""
    is_ordered: bool = False
    """Whether it needs an order, which categories have not."""
    power: int = 2
    """That of it is, by chance, a sum of squares."""


def _shares(counts: np.ndarray) -> np.ndarray:
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def _stability(before: np.ndarray, after: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Half a row more in each bin, because a share of nothing has no logarithm."""
    old, new = _shares(before + 0.5), _shares(after + 0.5)
    return np.asarray((rel_entr(old, new) + rel_entr(new, old)).sum(axis=-1))


def _ahead(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(np.cumsum(_shares(before) - _shares(after), axis=-1)))


def _largest(before: np.ndarray, after: np.ndarray, _: np.ndarray) -> np.ndarray:
    return np.asarray(_ahead(before, after).max(axis=-1))


def _way(before: np.ndarray, after: np.ndarray, places: np.ndarray) -> np.ndarray:
    return np.asarray((_ahead(before, after)[..., :-1] * np.diff(places)).sum(axis=-1))


def _jensen_shannon(before: np.ndarray, after: np.ndarray, _: np.ndarray) -> np.ndarray:
    # Of two equal samples rounding can leave less than nothing, which has no root.
    return np.asarray(np.nan_to_num(jensenshannon(_shares(before), _shares(after), base=2, axis=-1)))


def _cramer(before: np.ndarray, after: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Cramér's V of the chi-square test, as if both samples were of the same size."""
    old, new = _shares(before), _shares(after)
    both = np.where(old + new > 0, old + new, 1.0)
    return np.asarray(np.sqrt(((old - new) ** 2 / both).sum(axis=-1) / 2))


DISTANCES: Mapping[str, Distance] = {
    "population-stability-index": Distance(_stability, 10, power=1),
    "kolmogorov-smirnov": Distance(_largest, 50, is_ordered=True),
    "wasserstein": Distance(_way, 50, is_ordered=True),
    "jensen-shannon": Distance(_jensen_shannon, 10),
    "chi-square": Distance(_cramer, 10),
}
DEFAULTS = {NUMERIC: "kolmogorov-smirnov", CATEGORICAL: "jensen-shannon"}


def distances_of(arguments: Sequence[str]) -> dict[str, str]:
    """By column, from comma-joined `wasserstein:Area`; raises DataError for what is no distance."""
    pairs = [pair.partition(":") for argument in arguments for pair in argument.split(",")]
    wrong = [name for distance, _, name in pairs if not name or distance not in DISTANCES]
    if wrong:
        raise DataError(
            f"--distance {', '.join(wrong)}: write one of {', '.join(DISTANCES)} and a colon before"
        )
    return {name: distance for distance, _, name in pairs}


@dataclass(frozen=True)
class Moved:
    """How far a column has moved, and how far it would have moved if nothing had changed."""

    method: str
    distance: float
    chance: float
    """What quiet windows of as many rows do not exceed."""

    @property
    def beyond(self) -> float:
        """What chance does not explain."""
        return max(0.0, self.distance - self.chance)


@dataclass(frozen=True)
class Binned:
    """Two samples of a column in the same bins."""

    before: np.ndarray
    after: np.ndarray
    places: np.ndarray

    def moved(self, method: str, significance: float) -> Moved:
        """`significance` is how often a quiet window may seem to have moved."""
        formula, power = DISTANCES[method].formula, DISTANCES[method].power
        generator = np.random.default_rng(SEED)
        # The baseline is a sample: the shares of what it and a quiet window are taken from are about its own.
        shares = generator.dirichlet(self.before + 0.5, RESAMPLES)
        windows = generator.multinomial(round(float(self.after.sum())), shares)
        quiet = formula(np.broadcast_to(self.before, windows.shape), windows, self.places) ** power
        distance = float(formula(self.before, self.after, self.places))
        return Moved(method, distance, _rarely_exceeded(quiet, significance) ** (1 / power))


def _rarely_exceeded(quiet: np.ndarray, significance: float) -> float:
    """Where the tail of a gamma distribution begins that is like these.

    A window in a million cannot be seen among 200. The farther of two tails counts: of the one that begins at
    0, which sums of squares follow, and of Pearson's type III, which is as skewed as rare values are.
    """
    mean, deviation = float(quiet.mean()), float(quiet.std())
    if not deviation:
        return mean
    skewness = max(float(((quiet - mean) ** 3).mean()) / deviation**3, LEAST_SKEWNESS)
    shapes = np.array([(mean / deviation) ** 2, 4 / skewness**2])
    return float((mean + deviation * (gammainccinv(shapes, significance) - shapes) / np.sqrt(shapes)).max())


def binned(before: Json, after: Json, levels: int) -> Binned | None:
    """Two features of statistics.json; None where they cannot be compared, or by too few rows."""
    if present(after) < FEWEST_ROWS or not present(before):
        return None
    if "numerical_statistics" in before and "numerical_statistics" in after:
        # The values in sketches of AWS's analyzer may not weigh the same.
        return _of_numbers(before, after, levels) if _is_plain(before) and _is_plain(after) else None
    if "string_statistics" in before and "string_statistics" in after:
        return _of_categories(before, after)
    return None


def _is_plain(feature: Json) -> bool:
    return len(feature["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"]) == 1


def _of_numbers(before: Json, after: Json, levels: int) -> Binned:
    """Between quantiles, where a number that many rows have is a bin of its own."""
    values = [values_of(feature) for feature in (before, after)]
    spread = float(values[0].std()) or 1.0
    reach = FARTHEST * spread
    values[1] = np.clip(values[1], values[0].min() - reach, values[0].max() + reach)
    edges = np.unique(values[0])
    if len(edges) > levels:
        edges = np.unique(np.quantile(values[0], np.linspace(0, 1, levels + 1), method="inverted_cdf"))
    bins = [np.searchsorted(edges, each, "left") + np.searchsorted(edges, each, "right") for each in values]
    count = 2 * len(edges) + 1
    is_light = np.bincount(bins[0], minlength=count) < len(values[0]) / (2 * levels)
    joined = np.arange(count) - (is_light & (np.arange(count) % 2 == 1))
    bins = [joined[each] for each in bins]
    counts = [np.bincount(each, minlength=count) for each in bins]
    totals = [np.bincount(each, part, count) for each, part in zip(bins, values, strict=True)]
    used = counts[0] + counts[1] > 0
    places = (totals[0] + totals[1])[used] / (counts[0] + counts[1])[used] / spread
    rows = [present(feature) for feature in (before, after)]
    shares = [_shares(each[used].astype(np.float64)) for each in counts]
    return Binned(shares[0] * rows[0], shares[1] * rows[1], places)


def values_of(feature: Json) -> np.ndarray:
    """The numbers that statistics.json keeps of a column, in their order."""
    return np.array(feature["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"][0])


def _of_categories(before: Json, after: Json) -> Binned:
    counts = [categories(feature) for feature in (before, after)]
    frequent = [name for name, count in counts[0].items() if count >= FEWEST_OF_A_CATEGORY]
    rows = [present(feature) for feature in (before, after)]
    known = [np.array([each.get(name, 0.0) for name in frequent]) for each in counts]
    # Statistics of another baseline name the most frequent only: of others it is known that they are no more.
    if counts[1] and len(counts[1]) < after["string_statistics"]["distinct_count"]:
        is_named = np.array([name in counts[1] for name in frequent], dtype=bool)
        as_before = known[0] * rows[1] / rows[0]
        known[1] = np.where(is_named, known[1], np.minimum(as_before, min(counts[1].values())))
    old, new = (
        np.append(part, max(0.0, count - part.sum())) for part, count in zip(known, rows, strict=True)
    )
    return Binned(old, new, np.arange(len(frequent) + 1.0))


def categories(feature: Json) -> dict[str, float]:
    """The rows of each category that statistics.json names."""
    distribution = feature["string_statistics"].get("distribution", {})
    return {each["value"]: each["count"] for each in distribution.get("categorical", {}).get("buckets", [])}


def present(feature: Json) -> int:
    """How many of a column's cells hold something."""
    statistics = feature.get("numerical_statistics") or feature["string_statistics"]
    return int(statistics["common"]["num_present"])
