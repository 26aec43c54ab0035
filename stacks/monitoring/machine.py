"""The state machine that compares some hours of an endpoint's traffic with what it should be, as data.

Amazon States Language, with AWS's integrations only: there is no code of ours to patch. Its input is
`{"time": "2026-11-21T15:59:00Z"}`: a moment in the last hour of the window, so that nothing has to count
hours or days; with `"now": true` it waits for nothing, because somebody compares once more. A call that keeps
failing fails the execution, of which an alarm tells.
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
    metric: str
    """Told to be 0 when there is nothing, and nothing to compare then."""


@dataclass(frozen=True)
class Watch:
    """An endpoint, what its traffic is compared with, and where it is told."""

    endpoint: str
    step: str
    """The script of `pipeline_code` that compares."""
    arguments: tuple[str, ...]
    """For the script; endpoint, window and metrics are told in any case."""
    wait_days: int
    """From the end of a window until what is compared with it is there."""
    window_hours: int
    reads: tuple[Daily, ...]
    baseline_uri: str
    reports: Zone
    namespace: str


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
    return {
        "Comment": "Captured traffic is compared with what it should be",
        "StartAt": "IsOnceMore",
        "States": {
            "IsOnceMore": choice(
                {
                    "And": [
                        {"Variable": "$.now", "IsPresent": True},
                        {"Variable": "$.now", "BooleanEquals": True},
                    ],
                    "Next": "ReadTime",
                },
                default="CountHours" if watch.wait_days else "AwaitCapture",
            ),
            **(wait_for_days(watch.wait_days, "AwaitCapture") if watch.wait_days else {}),
            "AwaitCapture": {"Type": "Wait", "Seconds": CAPTURE_DELAY_SECONDS, "Next": "ReadTime"},
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


def _name_window(watch: Watch, following: str) -> dict[str, Json]:
    """What is called by day and hour: $.Window."""
    date = ["$.Parts[0]", "$.Parts[1]", "$.Parts[2]"]
    unique = "States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 4)"
    names = {
        "Hour": AtRunTime("$.Parts[3]"),
        **{
            daily.name.title(): _format(daily.zone.key(*daily.below, "{}", "{}", "{}", ""), *date)
            for daily in watch.reads
        },
        "Report": _format(watch.reports.key("{}", "{}", "{}", "{}"), *date, "$.Parts[3]"),
        "Job": AtRunTime(f"States.Format('{watch.endpoint}-{{}}', {unique})"),
    }
    return {
        "ReadTime": {
            "Type": "Pass",
            "Parameters": {"Parts.$": "States.StringSplit($.time, '-T:Z')"},
            "Next": "NameWindow",
        },
        "NameWindow": {
            "Type": "Pass",
            "Parameters": _parameters(names),
            "ResultPath": "$.Window",
            "Next": following,
        },
    }


def _find_all(watch: Watch, following: str) -> dict[str, Json]:
    """A job without one of its inputs would fail: that there is nothing is told without one."""
    states: dict[str, Json] = {}
    for daily in reversed(watch.reads):
        states = {**_find(daily, watch, following), **states}
        following = f"Find{daily.name.title()}"
    return {**states, "NothingToCompare": {"Type": "Succeed"}}


def _find(daily: Daily, watch: Watch, following: str) -> dict[str, Json]:
    what = daily.name.title()
    nothing = {
        "MetricName": daily.metric,
        "Value": 0,
        "Dimensions": [{"Name": "Endpoint", "Value": watch.endpoint}],
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
            "baseline": watch.baseline_uri,
        },
        outputs=[Output("report", "/opt/ml/processing/output/report", report)],
        role_arn=job.role_arn,
        instance_type=job.instance_type,
        settings=job.settings,
    )
    arguments = [
        *("--endpoint", watch.endpoint),
        *("--namespace", watch.namespace),
        *("--window-hours", str(watch.window_hours)),
        *watch.arguments,
        "--last-hour",
    ]
    quoted = ", ".join(f"'{argument}'" for argument in arguments)
    request["AppSpecification"]["ContainerArguments"] = AtRunTime(f"States.Array({quoted}, $.Window.Hour)")
    return {
        "ProcessingJobName": AtRunTime("$.Window.Job"),
        **request,
        "Tags": [{"Key": key, "Value": value} for key, value in job.tags.items()],
    }


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
