"""How CloudWatch tells of a change of state: the event, the notification and the history item.

Sources: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

import json
from datetime import UTC, datetime
from typing import Any


def state_change_event(alarm: Any, previous: dict[str, Any]) -> dict[str, Any]:
    """The entry to put on the default event bus."""
    detail = {
        "alarmName": alarm.name,
        "state": {
            "value": alarm.state_value,
            "reason": alarm.state_reason,
            "reasonData": alarm.state_reason_data,
            "timestamp": _now(),
        },
        "previousState": previous,
        "configuration": {"description": alarm.description, "metrics": _metrics(alarm)},
    }
    return {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Detail": json.dumps(detail),
        "Resources": [alarm.alarm_arn],
    }


def notification(alarm: Any, previous_state: str, account: str, region: str) -> tuple[str, dict[str, Any]]:
    """Subject and message for an SNS topic."""
    # SNS takes at most 100 characters as a subject.
    subject = f'{alarm.state_value}: "{alarm.name}" in {region}'[:100]
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _now(),
        "Region": region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": previous_state,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_data_actions,
        "Trigger": {
            "Metrics": _metrics(alarm),
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.datapoints_to_alarm,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data,
        },
    }
    return subject, message


def history_item(alarm_name: str, kind: str, summary: str, data: dict[str, Any]) -> dict[str, Any]:
    """One item of DescribeAlarmHistory."""
    return {
        "AlarmName": alarm_name,
        "AlarmType": "MetricAlarm",
        "Timestamp": datetime.now(UTC),
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps({"version": "1.0", **data}),
    }


def _metrics(alarm: Any) -> list[dict[str, Any]]:
    if not alarm.metric_data_queries:
        statistic = alarm.statistic or alarm.extended_statistic
        stat = _metric_stat(alarm.namespace, alarm.metric_name, alarm.dimensions, alarm.period, statistic)
        return [{"id": "m1", "metricStat": stat, "returnData": True}]
    return [_query(query) for query in alarm.metric_data_queries]


def _query(query: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"id": query.id, "returnData": query.return_data in (None, True, "true")}
    if query.expression is not None:
        return told | {"expression": query.expression, "label": query.label}
    stat = query.metric_stat
    metric = stat.metric
    told["metricStat"] = _metric_stat(
        metric.namespace, metric.metric_name, metric.dimensions, stat.period, stat.stat
    )
    return told


def _metric_stat(namespace: str, name: str, dimensions: Any, period: Any, statistic: Any) -> dict[str, Any]:
    by_name = {dimension.name: dimension.value for dimension in dimensions}
    metric = {"namespace": namespace, "name": name, "dimensions": by_name}
    return {"metric": metric, "period": int(period), "stat": statistic}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
