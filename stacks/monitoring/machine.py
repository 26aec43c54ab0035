"""The state machine that compares some hours of an endpoint's traffic with what it should be, as data.

Amazon States Language, with AWS's integrations only: there is no code of ours to patch. Its input is
`{"time": "2026-11-21T15:59:00Z"}`: a moment in the last hour of the window, so that nothing has to count
hours or days; with `"now": true` it waits for nothing, because somebody compares once more. That of batches
waits for nothing either; its input is `{"time": "2026-11-21T03:00:00Z", "batch": "0123456789ab", "version":
"7"}`: a moment of the batch's day, the folder of its answers, and the version that gave them. A call that
keeps failing fails the execution, of which an alarm tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.parts.jobs import Code, Container, JobSettings, Output, processing_request
from stacks.parts.layout import Zone
from stacks.parts.states import call, choice, wait_for_days, when

Json = dict[str, Any]


# Captured requests arrive in S3 some minutes late.
CAPTURE_DELAY_SECONDS = 600


class AtRunTime(str):
    """A path or an intrinsic function, whose value is known when the machine runs."""

    __slots__ = ()


@dataclass(frozen=True)
class Daily:
    """What the job reads of the window's day: a folder `<year>/<month>/<day>/`."""

    name: str
    """Of the job's input."""
    zone: Zone
    below: tuple[str, ...]
    metric: str | None
    """Told to be 0 when there is nothing, and nothing to compare then; None where the job has to fail."""
    is_of_batch: bool = False
    """Whether it is the folder in it of the batch that the machine is told."""


@dataclass(frozen=True)
class Watch:
    """An endpoint, what its traffic is compared with, and where it is told."""

    name: str
    """Of the endpoint, and of what has batches predicted beside it."""
    step: str
    """The script of `pipeline_code` that compares."""
    arguments: tuple[str, ...]
    """For the script; name, window and metrics are told in any case."""
    wait_days: int
    """From the end of a window until what is compared with it is there."""
    window_hours: int | None
    """None for batches."""
    reads: tuple[Daily, ...]
    versions: Zone
    """What the release has taken: a folder for each version, with its baselines."""
    version: str | None
    """Whose baselines; None for batches, which say which version has answered."""
    reports: Zone
    namespace: str

    @property
    def dimension(self) -> str:
        """What the metrics say the name is."""
        return "Endpoint" if self.window_hours else "Batch"


@dataclass(frozen=True)
class MonitoringJob:
    """How the job runs that compares."""

    image: str
    code: Code
    role_arn: str
    instance_type: str
    settings: JobSettings
    tags: Mapping[str, str]


def monitor_machine(watch: Watch, job: MonitoringJob) -> Json:
    awaited = _await_window(watch, "ReadTime") if watch.window_hours else {}
    what = "Captured traffic is" if watch.window_hours else "The rows of a batch are"
    return {
        "Comment": f"{what} compared with what it should be",
        "StartAt": next(iter(awaited), "ReadTime"),
        "States": {
            **awaited,
            **_name_window(watch, f"Find{watch.reads[0].name.title()}"),
            **_find_all(watch, "Compare"),
            "Compare": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sagemaker:createProcessingJob.sync",
                "Parameters": _parameters(_job_request(watch, job)),
                "ResultSelector": {"Name.$": "$.ProcessingJobName"},
                "ResultPath": "$.Job",
                "Next": "ReadMetrics",
            },
            "ReadMetrics": _task(
                "s3:getObject",
                {"Bucket": watch.reports.bucket.name, "Key": _format("{}/metrics.json", "$.Window.Report")},
                "PublishMetrics",
                ResultSelector={"Request.$": "States.StringToJson($.Body)"},
                ResultPath="$.Metrics",
            ),
            "PublishMetrics": _publish("$.Metrics.Request.MetricData", watch, "Watched"),
            "Watched": {"Type": "Succeed"},
        },
    }


def _await_window(watch: Watch, following: str) -> dict[str, Json]:
    return {
        "IsOnceMore": choice(
            {
                "And": [
                    {"Variable": "$.now", "IsPresent": True},
                    {"Variable": "$.now", "BooleanEquals": True},
                ],
                "Next": following,
            },
            default="CountHours" if watch.wait_days else "AwaitCapture",
        ),
        **(wait_for_days(watch.wait_days, "AwaitCapture") if watch.wait_days else {}),
        "AwaitCapture": {"Type": "Wait", "Seconds": CAPTURE_DELAY_SECONDS, "Next": following},
    }


def _name_window(watch: Watch, following: str) -> dict[str, Json]:
    """What is called by day and hour: $.Window."""
    date = ["$.Parts[0]", "$.Parts[1]", "$.Parts[2]"]
    unique = "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 4)"
    which = "$.Parts[3]" if watch.window_hours else "$.Batch"
    told = {} if watch.window_hours else {"Batch.$": "$.batch", "Version.$": "$.version"}
    names = {
        **({"Hour": AtRunTime(which)} if watch.window_hours else {}),
        **{
            daily.name.title(): _folder(daily, [*date, which] if daily.is_of_batch else date)
            for daily in watch.reads
        },
        "Report": _format(watch.reports.key("{}", "{}", "{}", "{}"), *date, which),
        "Job": AtRunTime(f"States.Format('{watch.name}-{{}}', {unique})"),
    }
    return {
        "ReadTime": {
            "Type": "Pass",
            "Parameters": {"Parts.$": "States.StringSplit($.time, '-T:Z')", **told},
            "Next": "NameWindow",
        },
        "NameWindow": {
            "Type": "Pass",
            "Parameters": _parameters(names),
            "ResultPath": "$.Window",
            "Next": following,
        },
    }


def _folder(daily: Daily, parts: list[str]) -> AtRunTime:
    return _format(daily.zone.key(*daily.below, *("{}" for _ in parts), ""), *parts)


def _find_all(watch: Watch, following: str) -> dict[str, Json]:
    """A job without one of its inputs fails: that there is nothing is told without one, where that can be."""
    states: dict[str, Json] = {}
    for daily in reversed(watch.reads):
        if daily.metric:
            states = {**_find(daily, watch, following), **states}
            following = f"Find{daily.name.title()}"
    return {**states, "NothingToCompare": {"Type": "Succeed"}}


def _find(daily: Daily, watch: Watch, following: str) -> dict[str, Json]:
    what = daily.name.title()
    nothing = {
        "MetricName": daily.metric,
        "Value": 0,
        "Dimensions": [{"Name": watch.dimension, "Value": watch.name}],
    }
    return {
        f"Find{what}": _task(
            "s3:listObjectsV2",
            {"Bucket": daily.zone.bucket.name, "Prefix": AtRunTime(f"$.Window.{what}"), "MaxKeys": 1},
            f"IsAny{what}",
            ResultSelector={"Count.$": "$.KeyCount"},
            ResultPath="$.Found",
        ),
        f"IsAny{what}": choice(
            when("$.Found.Count", "NumericGreaterThan", 0, following), default=f"No{what}"
        ),
        f"No{what}": _publish([nothing], watch, "NothingToCompare"),
    }


def _job_request(watch: Watch, job: MonitoringJob) -> Json:
    report = _format(f"s3://{watch.reports.bucket.name}/{{}}", "$.Window.Report")
    request = processing_request(
        Container(job.image, job.code.processing_command(watch.step)),
        inputs={
            "code": job.code.s3_uri,
            **{
                daily.name: _format(f"s3://{daily.zone.bucket.name}/{{}}", f"$.Window.{daily.name.title()}")
                for daily in watch.reads
            },
            "baseline": (
                watch.versions.uri(watch.version, "")
                if watch.version
                else _format(watch.versions.uri("{}", ""), "$.Version")
            ),
        },
        outputs=[Output("report", "/opt/ml/processing/output/report", report)],
        role_arn=job.role_arn,
        instance_type=job.instance_type,
        settings=job.settings,
    )
    request["AppSpecification"]["ContainerArguments"] = _arguments(watch)
    return {
        "ProcessingJobName": AtRunTime("$.Window.Job"),
        **request,
        "Tags": [{"Key": key, "Value": value} for key, value in job.tags.items()],
    }


def _arguments(watch: Watch) -> AtRunTime | list[str]:
    """A batch's are known before, and some of them would need escapes in an intrinsic function."""
    told = [f"--{watch.dimension.lower()}", watch.name, "--namespace", watch.namespace]
    if not watch.window_hours:
        return [*told, *watch.arguments]
    arguments = [*told, "--window-hours", str(watch.window_hours), *watch.arguments, "--last-hour"]
    quoted = ", ".join(f"'{argument}'" for argument in arguments)
    return AtRunTime(f"States.Array({quoted}, $.Window.Hour)")


def _publish(data: Any, watch: Watch, following: str) -> Json:
    metrics = AtRunTime(data) if isinstance(data, str) else data
    parameters = {"Namespace": watch.namespace, "MetricData": metrics}
    return _task("cloudwatch:putMetricData", parameters, following, ResultPath="$.Published")


def _task(action: str, parameters: Json, following: str, **fields: Any) -> Json:
    return call(action, _parameters(parameters), following, **fields)


def _format(text: str, *paths: str) -> AtRunTime:
    return AtRunTime(f"States.Format('{text}', {', '.join(paths)})")


def _parameters(value: Any) -> Any:
    """As the language has it: the key of what is known at run time ends with `.$`."""
    if isinstance(value, Mapping):
        return {
            f"{key}.$" if isinstance(item, AtRunTime) else key: _parameters(item)
            for key, item in value.items()
        }
    if isinstance(value, AtRunTime):
        return str(value)
    return [_parameters(item) for item in value] if isinstance(value, list) else value
