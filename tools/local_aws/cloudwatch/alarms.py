"""CloudWatch alarms: judged when data is put and when they are looked at; changes of state act.

AWS judges once a minute; here the current, unfinished period counts already, so that nobody has to wait for
its end. Actions are notifications through SNS topics, and scaling policies; others are logged as not done.
"""

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError
from moto.core.responses import ActionResult

from tools.local_aws.clients import service_credentials
from tools.local_aws.cloudwatch.alarm_messages import history_item, notification, state_change_event
from tools.local_aws.cloudwatch.alarm_settings import AlarmSettings, AlarmSettingsError, settings_of
from tools.local_aws.cloudwatch.alarm_states import ALARM, INSUFFICIENT_DATA, OK, Verdict, judge
from tools.local_aws.cloudwatch.metric_math import MetricMathError
from tools.local_aws.cloudwatch.metric_series import MetricKey, by_metric, clock_of, series_of
from tools.local_aws.cloudwatch.queue_metrics import QueueMetrics
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError

SERVICE_PRINCIPAL = "cloudwatch.amazonaws.com"

log = logging.getLogger(__name__)


class Warden:
    """Watches the alarms, and acts when one changes its state."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._history: dict[str, list[dict[str, Any]]] = defaultdict(list)
        # Two requests must not see, and act on, the same change of state.
        self._lock = threading.RLock()

    def judging_new_alarms(self, put_metric_alarm: Callable[..., Any]) -> Callable[..., Any]:
        def put(backend: Any, name: str, **more: Any) -> Any:
            before = backend.alarms.get(name)
            alarm = put_metric_alarm(backend, name, **more)
            try:
                settings_of(alarm)
            except (AlarmSettingsError, MetricMathError) as error:
                _restore(backend, name, before)
                raise ApiError("ValidationError", f"Alarm {name}: {error}") from error
            _take_over_state(alarm, before)
            self._note(
                alarm, "ConfigurationUpdate", f'Alarm "{name}" {"updated" if before else "created"}', {}
            )
            self._judge(backend, [alarm])
            return alarm

        return put

    def judging_new_data(self, put_metric_data: Callable[..., None]) -> Callable[..., None]:
        def put(backend: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
            put_metric_data(backend, namespace, metric_data)
            names = {datum["MetricName"] for datum in metric_data}
            watching = [alarm for alarm in _evaluable(backend) if _watches(alarm, namespace, names)]
            self._judge(backend, watching)

        return put

    def acting_on_set_states(self, _: Callable[..., None]) -> Callable[..., None]:
        def set_state(backend: Any, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
            alarm = backend.alarms.get(alarm_name)
            if alarm is None:
                raise ApiError("ResourceNotFound", f"There is no alarm named {alarm_name}")
            if state_value not in (OK, ALARM, INSUFFICIENT_DATA):
                raise ApiError(
                    "ValidationError", f"StateValue {state_value} is none of the states of an alarm"
                )
            with self._lock:
                self._change(alarm, Verdict(state_value, reason), reason_data or "{}")

        return set_state

    def judging_first(self, describe: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def describe_alarms(response: Any) -> Any:
            backend = response.cloudwatch_backend
            self._judge(backend, _evaluable(backend))
            return describe(response)

        return describe_alarms

    @property
    def describe_history(self) -> Callable[[Any], Any]:
        """The operation DescribeAlarmHistory, which moto does not have."""

        def describe_alarm_history(response: Any) -> Any:
            name, kind = response._get_param("AlarmName"), response._get_param("HistoryItemType")
            items = [
                item
                for alarm_name, of_alarm in list(self._history.items())
                for item in of_alarm
                if name in (None, alarm_name) and kind in (None, item["HistoryItemType"])
            ]
            newest_first = sorted(items, key=lambda item: item["Timestamp"], reverse=True)
            return ActionResult({"AlarmHistoryItems": newest_first})

        return describe_alarm_history

    def _judge(self, backend: Any, alarms: Iterable[Any]) -> None:
        with self._lock:
            judged = [(alarm, settings_of(alarm)) for alarm in alarms]
            metrics = {watched.key for _, settings in judged for watched in settings.metrics.values()}
            of_queues = QueueMetrics.get_cloudwatch_metrics(backend.account_id, backend.region_name)
            data = by_metric(chain(backend.metric_data, of_queues), metrics)
            for alarm, settings in judged:
                verdict = _judge_alarm(data, alarm, settings)
                if verdict.state != alarm.state_value:
                    self._change(alarm, verdict, "{}")

    def _change(self, alarm: Any, verdict: Verdict, reason_data: str) -> None:
        previous = {
            "value": alarm.state_value,
            "reason": alarm.state_reason,
            "timestamp": _stamp(alarm.state_updated_timestamp),
        }
        alarm.update_state(verdict.reason, reason_data, verdict.state)
        log.info("Alarm %s: %s -> %s: %s", alarm.name, previous["value"], verdict.state, verdict.reason)
        summary = f"Alarm updated from {previous['value']} to {verdict.state}"
        data = {
            "oldState": previous,
            "newState": {"stateValue": verdict.state, "stateReason": verdict.reason},
        }
        self._note(alarm, "StateUpdate", summary, data)
        event = state_change_event(alarm, previous)
        self._context.of(alarm.alarm_arn).client("events").put_events(Entries=[event])
        if alarm.actions_enabled:
            for action in _actions(alarm):
                self._act(alarm, action, str(previous["value"]))

    def _act(self, alarm: Any, action_arn: str, previous_state: str) -> None:
        try:
            self._notify(alarm, action_arn, previous_state)
            outcome = f"Successfully executed action {action_arn}"
        except ClientError as error:
            outcome = f"Failed to execute action {action_arn}: {error.response['Error']['Message']}"
            log.warning("Alarm %s: %s", alarm.name, outcome)
        self._note(alarm, "Action", outcome, {})

    def _notify(self, alarm: Any, action_arn: str, previous_state: str) -> None:
        if carry_out := self._context.alarm_actions.get(action_arn.split(":")[2]):
            carry_out(action_arn, alarm)
            return
        if ":sns:" not in action_arn:
            told = "the embedded AWS acts through SNS and Application Auto Scaling only"
            unsupported = {"Error": {"Code": "Unsupported", "Message": told}}
            raise ClientError(unsupported, "Publish")
        context = self._context.of(alarm.alarm_arn)
        sns = context.client("sns", service_credentials(SERVICE_PRINCIPAL, alarm.alarm_arn))
        subject, message = notification(alarm, previous_state, context.account, context.region)
        sns.publish(TopicArn=action_arn, Subject=subject, Message=json.dumps(message))

    def _note(self, alarm: Any, kind: str, summary: str, data: dict[str, Any]) -> None:
        self._history[alarm.name].append(history_item(alarm.name, kind, summary, data))


def _judge_alarm(data: Mapping[MetricKey, Sequence[Any]], alarm: Any, settings: AlarmSettings) -> Verdict:
    period = settings.period_seconds
    watched_data = {name: (watched, data[watched.key]) for name, watched in settings.metrics.items()}
    newest = clock_of(chain.from_iterable(of_one for _, of_one in watched_data.values()), int(time.time()))
    current = newest // period * period
    periods = range(current - (settings.rule.periods_looked_at - 1) * period, current + 1, period)
    series = {
        name: series_of(of_one, watched.statistic, periods, period)
        for name, (watched, of_one) in watched_data.items()
    }
    combined = settings.combine(series, periods)
    return judge(settings.rule, [combined[start] for start in sorted(combined)], alarm.state_value)


def _evaluable(backend: Any) -> list[Any]:
    return [alarm for alarm in list(backend.alarms.values()) if alarm.rule is None]


def _watches(alarm: Any, namespace: str, names: set[str]) -> bool:
    keys: list[MetricKey] = [watched.key for watched in settings_of(alarm).metrics.values()]
    return any(key.namespace == namespace and key.name in names for key in keys)


def _restore(backend: Any, name: str, before: Any) -> None:
    if before is None:
        del backend.alarms[name]
    else:
        backend.alarms[name] = before


def _take_over_state(alarm: Any, before: Any) -> None:
    """A changed alarm keeps its state, a new one has none yet; moto starts both as OK."""
    if before is None:
        alarm.state_value = INSUFFICIENT_DATA
        return
    for name in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp"):
        setattr(alarm, name, getattr(before, name))


def _actions(alarm: Any) -> list[str]:
    by_state = {OK: alarm.ok_actions, ALARM: alarm.alarm_actions}
    return list(by_state.get(alarm.state_value, alarm.insufficient_data_actions) or [])


def _stamp(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.isoformat(timespec="milliseconds")
