"""CloudWatch: alarms are judged, act, and have a history; dashboards are checked; metric data are whole."""

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse

from tools.local_aws.cloudwatch.alarms import Warden
from tools.local_aws.cloudwatch.dashboards import check_body
from tools.local_aws.cloudwatch.metric_data import get_metric_data
from tools.local_aws.context import Context


def install(context: Context) -> None:
    warden = Warden(context)
    backend = CloudWatchBackend
    backend.put_metric_alarm = warden.judging_new_alarms(backend.put_metric_alarm)
    backend.put_metric_data = warden.judging_new_data(backend.put_metric_data)
    backend.set_alarm_state = warden.acting_on_set_states(backend.set_alarm_state)
    CloudWatchResponse.describe_alarms = warden.judging_first(
        _by_all_filters(CloudWatchResponse.describe_alarms)
    )
    CloudWatchResponse.describe_alarm_history = warden.describe_history
    backend.put_dashboard = _checking_its_body(backend.put_dashboard)
    backend.get_metric_data = get_metric_data


def _by_all_filters(describe: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Moto looks at the state only where nothing else is asked for."""

    def describe_alarms(response: Any) -> Any:
        answer, state = describe(response), response._get_param("StateValue")
        for alarms in answer.result.values() if state else ():
            alarms[:] = [alarm for alarm in alarms if alarm.state_value == state]
        return answer

    return describe_alarms


def _checking_its_body(put_dashboard: Callable[..., Any]) -> Callable[..., Any]:
    def put(backend: Any, name: str, body: str) -> Any:
        check_body(body)
        return put_dashboard(backend, name, body)

    return put
