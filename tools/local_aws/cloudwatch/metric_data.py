"""GetMetricData: every statistic, periods where CloudWatch begins them, and metric math.

Moto begins periods at StartTime, knows no percentiles, and of metric math only the name of another query.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tools.local_aws.cloudwatch.metric_math import MetricMath, MetricMathError, Series
from tools.local_aws.cloudwatch.metric_series import MetricKey, by_metric, is_statistic, series_of
from tools.local_aws.errors import ApiError

Json = dict[str, Any]


def get_metric_data(
    backend: Any,
    queries: Sequence[Json],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampDescending",
) -> list[Json]:
    """In moto's place, which answers with what this returns."""
    start, end = (_seconds(time) for time in (start_time, end_time))
    if start >= end:
        raise ApiError("ValidationError", "The parameter EndTime must be greater than StartTime.")
    stats = {query["Id"]: query["MetricStat"] for query in queries if "MetricStat" in query}
    keys = {name: _key(stat) for name, stat in stats.items()}
    data = by_metric(backend.get_all_metrics(), keys.values())
    periods = {name: _periods(int(stat["Period"]), start, end) for name, stat in stats.items()}
    found = {name: _series(stat, data[keys[name]], periods[name]) for name, stat in stats.items()}
    shortest = min(periods.values(), key=lambda each: each.step, default=range(start, end, 60))
    return [
        _result(query, _evaluated(query, found, shortest), scan_by)
        for query in queries
        if query.get("ReturnData") is not False
    ]


def _periods(seconds: int, start: int, end: int) -> range:
    return range(start // seconds * seconds, end, seconds)


def _key(stat: Json) -> MetricKey:
    asked = stat["Metric"]
    dimensions = frozenset((each["Name"], each["Value"]) for each in asked.get("Dimensions", ()))
    return MetricKey(asked["Namespace"], asked["MetricName"], dimensions)


def _series(stat: Json, data: Sequence[Any], periods: range) -> Series:
    if not is_statistic(stat["Stat"]):
        raise ApiError("ValidationError", f"The value {stat['Stat']} for parameter Stat is not supported.")
    return series_of(data, stat["Stat"], periods, periods.step)


def _evaluated(query: Json, found: Mapping[str, Series], periods: range) -> Series:
    if "MetricStat" in query:
        return found[query["Id"]]
    try:
        return MetricMath(query["Expression"], list(found)).evaluate(found, periods)
    except MetricMathError as error:
        raise ApiError("ValidationError", f"Error in expression '{query['Id']}': {error}") from error


def _result(query: Json, series: Series, scan_by: str) -> Json:
    times = sorted(series, reverse=scan_by != "TimestampAscending")
    name = query.get("MetricStat", {}).get("Metric", {}).get("MetricName", query["Id"])
    return {
        "id": query["Id"],
        "label": query.get("Label") or name,
        "timestamps": [datetime.fromtimestamp(time, UTC) for time in times],
        "values": [series[time] for time in times],
        "status_code": "Complete",
    }


def _seconds(moment: datetime) -> int:
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
