"""What an alarm of moto watches and when it rings; whatever cannot be evaluated is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.local_aws.cloudwatch.alarm_states import COMPARISONS, TREATMENTS, AlarmRule
from tools.local_aws.cloudwatch.metric_math import MetricMath, Series
from tools.local_aws.cloudwatch.metric_series import MetricKey, is_statistic


class AlarmSettingsError(ValueError):
    """An alarm that the embedded AWS cannot evaluate; the text says why."""


@dataclass(frozen=True)
class WatchedMetric:
    """One metric with the statistic that an alarm looks at."""

    key: MetricKey
    statistic: str


@dataclass(frozen=True)
class AlarmSettings:
    """An alarm ready to be evaluated; without `math` it watches exactly one metric."""

    rule: AlarmRule
    period_seconds: int
    metrics: Mapping[str, WatchedMetric]
    math: MetricMath | None

    def combine(self, series: Mapping[str, Series], periods: Sequence[int]) -> Series:
        """The series to compare with the threshold."""
        if self.math is None:
            return next(iter(series.values()))
        return self.math.evaluate(series, periods)


def settings_of(alarm: Any) -> AlarmSettings:
    """Reads an alarm of moto. `AlarmSettingsError` or `MetricMathError` if it cannot be evaluated."""
    rule = _rule(alarm)
    if not alarm.metric_data_queries:
        key = _key(alarm.namespace, alarm.metric_name, alarm.dimensions)
        watched = _watched(key, alarm.statistic or alarm.extended_statistic)
        return AlarmSettings(rule, int(alarm.period), {"metric": watched}, None)
    return _of_queries(rule, alarm.metric_data_queries)


def _rule(alarm: Any) -> AlarmRule:
    if alarm.rule is not None or alarm.threshold_metric_id is not None:
        raise AlarmSettingsError("The embedded AWS has neither composite nor anomaly detection alarms.")
    if alarm.comparison_operator not in COMPARISONS:
        raise AlarmSettingsError(
            f"ComparisonOperator {alarm.comparison_operator} must be one of {', '.join(COMPARISONS)}."
        )
    treatment = alarm.treat_missing_data or "missing"
    if treatment not in TREATMENTS:
        raise AlarmSettingsError(f"TreatMissingData {treatment} must be one of {', '.join(TREATMENTS)}.")
    periods = int(alarm.evaluation_periods)
    return AlarmRule(
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        evaluation_periods=periods,
        datapoints_to_alarm=int(alarm.datapoints_to_alarm or periods),
        treat_missing_data=treatment,
    )


def _of_queries(rule: AlarmRule, queries: Sequence[Any]) -> AlarmSettings:
    metrics = {query.id: query.metric_stat for query in queries if query.metric_stat is not None}
    periods = {int(stat.period) for stat in metrics.values()}
    if len(periods) != 1:
        raise AlarmSettingsError(f"The metrics of an alarm must share one period, not {sorted(periods)}.")
    returned = [query for query in queries if query.return_data in (None, True, "true")]
    if len(returned) != 1:
        raise AlarmSettingsError("Exactly one of the alarm's Metrics must have ReturnData true.")
    watched = {
        name: _watched(
            _key(stat.metric.namespace, stat.metric.metric_name, stat.metric.dimensions), stat.stat
        )
        for name, stat in metrics.items()
    }
    if returned[0].expression is None:
        return AlarmSettings(rule, periods.pop(), {returned[0].id: watched[returned[0].id]}, None)
    return AlarmSettings(rule, periods.pop(), watched, MetricMath(returned[0].expression, list(watched)))


def _key(namespace: str, name: str, dimensions: Sequence[Any]) -> MetricKey:
    return MetricKey(
        namespace, name, frozenset((dimension.name, dimension.value) for dimension in dimensions)
    )


def _watched(key: MetricKey, statistic: str) -> WatchedMetric:
    if not is_statistic(statistic):
        raise AlarmSettingsError(f"The embedded AWS cannot compute the statistic {statistic} of {key.name}.")
    return WatchedMetric(key, statistic)
