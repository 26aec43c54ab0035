"""What was put for a metric, summed up by period."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import MetricAggregatedDatum

from tools.local_aws.cloudwatch.metric_math import Series

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


@dataclass(frozen=True)
class MetricKey:
    """A metric: a name with other dimensions is another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass
class _Period:
    values: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)
    count: float = 0.0

    def add(self, datum: Any) -> None:
        if isinstance(datum, MetricAggregatedDatum):
            self.values += [datum.min, datum.max]
            self.sums.append(datum.sum)
            self.count += datum.sample_count
        else:
            self.values.append(datum.value)
            self.sums.append(datum.value)
            self.count += 1


_STATISTICS: Mapping[str, Callable[[_Period], float]] = {
    "Average": lambda period: sum(period.sums) / period.count,
    "Maximum": lambda period: max(period.values),
    "Minimum": lambda period: min(period.values),
    "SampleCount": lambda period: period.count,
    "Sum": lambda period: sum(period.sums),
}


def is_statistic(name: str) -> bool:
    """Whether the statistic can be computed: the five simple ones and percentiles such as p99."""
    return name in _STATISTICS or _PERCENTILE.fullmatch(name) is not None


def by_metric(data: Iterable[Any], metrics: Iterable[MetricKey]) -> Mapping[MetricKey, Sequence[Any]]:
    """Moto's data points of these metrics."""
    found: dict[MetricKey, list[Any]] = {metric: [] for metric in metrics}
    names = {metric.name for metric in found}
    for datum in data:
        if datum.name in names and (key := _key_of(datum)) in found:
            found[key].append(datum)
    return found


def _key_of(datum: Any) -> MetricKey:
    dimensions = frozenset((dimension.name, dimension.value) for dimension in datum.dimensions)
    return MetricKey(datum.namespace, datum.name, dimensions)


def clock_of(data: Iterable[Any], now: int) -> int:
    """The time by which metrics are judged: that of the newest data, where it is ahead of the clock.

    An update of an endpoint takes seconds here, and what its new fleet measures tells the minutes of AWS.
    """
    return max([now, *(_seconds(datum.timestamp) for datum in data)])


def series_of(data: Iterable[Any], statistic: str, periods: Sequence[int], period_seconds: int) -> Series:
    """The statistic of one metric's data in each of the periods that has some."""
    found: dict[int, _Period] = defaultdict(_Period)
    for datum in data:
        start = _seconds(datum.timestamp) // period_seconds * period_seconds
        if start in periods:
            found[start].add(datum)
    return {start: _statistic(statistic, found[start]) for start in sorted(found)}


def _statistic(name: str, period: _Period) -> float:
    if name in _STATISTICS:
        return _STATISTICS[name](period)
    ordered = sorted(period.values)
    share = float(name.removeprefix("p")) / 100
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _seconds(moment: datetime) -> int:
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
