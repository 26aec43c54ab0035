"""CloudWatch: alarms are judged, act, and have a history."""

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse

from tools.local_aws.cloudwatch.alarms import Warden
from tools.local_aws.context import Context


def install(context: Context) -> None:
    warden = Warden(context)
    backend = CloudWatchBackend
    backend.put_metric_alarm = warden.judging_new_alarms(backend.put_metric_alarm)
    backend.put_metric_data = warden.judging_new_data(backend.put_metric_data)
    backend.set_alarm_state = warden.acting_on_set_states(backend.set_alarm_state)
    CloudWatchResponse.describe_alarms = warden.judging_first(CloudWatchResponse.describe_alarms)
    CloudWatchResponse.describe_alarm_history = warden.describe_history
