"""What is looked at in a stack, and what of it is wrong."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from tools.doctor.checks import Finding, State, ok, problem, warning
from tools.refused import missing_right
from tools.status.rows import served_version
from tools.synthesized import Json, Stack
from tools.verify.deployed import Clients, DeployedStack, Resource, deployed

_EVENTS = "the stack's events in CloudFormation say why"
_NOT_CONFIRMED = "REVIEW_IN_PROGRESS"
"""Of a stack whose first change set nobody has carried out: it stays so."""
_OF_AWS = "AWS/"
"""Of namespaces of metrics that AWS measures; what monitors find in rows has others."""
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
_ASKED = ("Invocations", "Invocation5XXErrors")
# https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html
_QUEUED = ("InvocationsProcessed", "InvocationFailures")
_LONGEST = timedelta(days=1)
_PERIOD_SECONDS = 60


@dataclass(frozen=True)
class Becoming(Finding):
    """A problem that may pass by itself."""


def becoming(what: str) -> Finding:
    return Becoming(State.PROBLEM, what, "say make verify again when it has come to an end")


def stack(declared: Stack, clients: Clients) -> Iterator[Finding]:
    """The stack itself, and when it is as it should be, what runs of it."""
    there = deployed(declared, clients)
    if there is None:
        yield problem("the stack is not there", "make deploy")
        return
    if there.status.endswith("_IN_PROGRESS") and there.status != _NOT_CONFIRMED:
        yield becoming(f"the stack is {there.status}")
        return
    taken_back = there.status == "UPDATE_ROLLBACK_COMPLETE"
    if not taken_back and ("ROLLBACK" in there.status or not there.status.endswith("_COMPLETE")):
        yield problem(f"the stack is {there.status}", _EVENTS)
        return
    if not there.has_the_template():
        yield problem("the stack is deployed from another template than this assembly's", "make deploy")
        return
    # A release that its alarms took back leaves a stack so, and the template as it was.
    yield (
        warning(f"{there.status}: its last change was taken back", _EVENTS)
        if taken_back
        else ok(there.status)
    )
    for kind in _KINDS:
        yield from _each(there, kind)
    yield from _alarms(there)


def _each(there: DeployedStack, kind: "_Kind") -> Iterator[Finding]:
    """What is wrong with all of a kind; a problem where there is no such thing any more."""
    describe = getattr(there.client(kind.service), kind.operation)
    for made in there.made(kind.type, kind.named_by):
        try:
            found = describe(**{kind.named_by: made.name})
        except ClientError as error:
            if missing_right(error):
                raise
            told = error.response["Error"]["Message"]
            yield problem(told, "make drift says what else somebody has removed")
        else:
            yield from kind.look(there, made, found)


def _endpoint(there: DeployedStack, made: Resource, found: Json) -> Iterator[Finding]:
    yield from _in_service(made.name, found["EndpointStatus"], found)
    served = found["EndpointConfigName"]
    if served != there.outputs.get("EndpointConfigName", served):
        sagemaker = there.client("sagemaker")
        config = sagemaker.describe_endpoint_config(EndpointConfigName=served)
        version = served_version(sagemaker, config["ProductionVariants"][0]["ModelName"])
        yield _other_version(there, made.name, version, served)
    for variant in found.get("ProductionVariants", ()):
        dimensions = {"EndpointName": made.name, "VariantName": variant["VariantName"]}
        counted = _QUEUED if "AsyncInferenceConfig" in found else _ASKED
        yield _traffic(there, f"{made.name}, {variant['VariantName']}", dimensions, counted)


def _component(there: DeployedStack, made: Resource, found: Json) -> Iterator[Finding]:
    yield from _in_service(made.name, found["InferenceComponentStatus"], found)
    model = found["Specification"]["ModelName"]
    if model != there.outputs["ComponentModelName"]:
        version = served_version(there.client("sagemaker"), model)
        yield _other_version(there, made.name, version, model)
    yield _traffic(there, made.name, {"InferenceComponentName": made.name}, _ASKED)


def _in_service(name: str, status: str, found: Json) -> Iterator[Finding]:
    if status == "InService":
        yield ok(f"{name} is InService")
    elif status in ("Creating", "Updating", "SystemUpdating", "RollingBack"):
        yield becoming(f"{name} is {status}")
    else:
        reason = f": {found['FailureReason']}" if "FailureReason" in found else ""
        yield problem(f"{name} is {status}{reason}", "docs/operations.md#roll-back")


def _other_version(there: DeployedStack, name: str, version: str, by: str) -> Finding:
    expected = there.outputs["DeployedModelVersion"]
    told = f"{name} serves version {version} by {by}, which the stack has not made; it has version {expected}"
    return problem(told, "somebody has updated it beside CloudFormation: make drift, then make deploy")


def _traffic(there: DeployedStack, name: str, dimensions: Json, counted: tuple[str, str]) -> Finding:
    """What was asked since the last change: nobody here may ask the endpoint itself."""
    now = datetime.now(UTC)
    since = max(there.changed, now - _LONGEST)
    requests, errors = (_sum(there, metric, dimensions, since, now) for metric in counted)
    told = f"{name}: {requests:g} requests since {since:%Y-%m-%d %H:%M} UTC"
    if errors:
        said = f"{told}, {errors:g} of them answered with a server error"
        change = "its log group says why; an alarm says when it is too many"
        return problem(said, change) if errors >= requests else warning(said, change)
    if not requests:
        return warning(f"{told}: whether it answers, nobody knows yet", "ask it, or make smoke")
    return ok(f"{told}, no server error")


def _sum(there: DeployedStack, metric: str, dimensions: Json, since: datetime, now: datetime) -> float:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    stat = {
        "Metric": {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": named},
        "Period": _PERIOD_SECONDS,
        "Stat": "Sum",
    }
    pages = there.client("cloudwatch").get_paginator("get_metric_data")
    asked = [{"Id": "asked", "MetricStat": stat}]
    found = pages.paginate(MetricDataQueries=asked, StartTime=since, EndTime=now)
    return float(sum(sum(each["Values"]) for page in found for each in page["MetricDataResults"]))


def _schedule(_: DeployedStack, made: Resource, found: Json) -> Iterator[Finding]:
    if found["State"] != made.properties.get("State", "ENABLED"):
        change = "somebody has changed it beside CloudFormation: make drift"
        yield problem(f"the schedule {made.name} is {found['State']}", change)


def _monitor(_: DeployedStack, made: Resource, found: Json) -> Iterator[Finding]:
    status = found["MonitoringScheduleStatus"]
    told = f"the monitoring schedule {made.name} is {status}"
    if status == "Pending":
        yield becoming(told)
    elif status != "Scheduled":
        reason = f": {found['FailureReason']}" if "FailureReason" in found else ""
        yield problem(f"{told}{reason}", "aws sagemaker start-monitoring-schedule, or make deploy")


def _pipeline(_: DeployedStack, made: Resource, found: Json) -> Iterator[Finding]:
    if not _is_as_declared(made, found["PipelineDefinition"]):
        change = "somebody has changed it beside CloudFormation: make drift, then make deploy"
        yield problem(f"the definition of the pipeline {made.name} is not the template's", change)


def _is_as_declared(made: Resource, definition: str) -> bool:
    """By all that the template says itself; what CloudFormation fills in stands within a text of JSON."""
    body = made.properties["PipelineDefinition"]["PipelineDefinitionBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    pattern = '[^"]*'.join(re.escape(part) for part in _texts(parts))
    as_written = json.dumps(json.loads(definition), separators=(",", ":"), ensure_ascii=False)
    return any(re.fullmatch(pattern, text) for text in (definition, as_written))


def _texts(parts: list[Any]) -> Iterator[str]:
    """Texts between what is filled in; one of them may be empty."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        else:
            yield text
            text = ""
    yield text


def _alarms(there: DeployedStack) -> Iterator[Finding]:
    """Those that tell people. What a monitor finds in rows is about hours before the deployment."""
    names = [made.name for made in there.made("AWS::CloudWatch::Alarm", "AlarmName")]
    if not names:
        return
    pages = there.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNames=names)
    found = {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}
    if missing := sorted(set(names) - found.keys()):
        yield problem(f"no alarm {', '.join(missing)}", "make drift, then make deploy")
    for alarm in found.values():
        if alarm["StateValue"] == "ALARM" and alarm["ActionsEnabled"] and _tells_people(alarm):
            told = f"ALARM since {alarm['StateUpdatedTimestamp'].astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            make = problem if _is_of_aws(alarm) else warning
            yield make(f"{told}: {alarm['AlarmName']}", alarm.get("AlarmDescription", ""))


def _tells_people(alarm: Json) -> bool:
    """Others wake an endpoint, or take a version back: that they ring is their work."""
    return any(":sns:" in action for action in alarm["AlarmActions"])


def _is_of_aws(alarm: Json) -> bool:
    metrics = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each]
    return all(metric["Namespace"].startswith(_OF_AWS) for metric in metrics or [alarm])


class _Kind(NamedTuple):
    """A type of resource, the question that its service answers, and what is looked at in the answer."""

    type: str
    named_by: str
    """In the template as in the question."""
    service: str
    operation: str
    look: Callable[[DeployedStack, Resource, Json], Iterator[Finding]]


_KINDS = (
    _Kind("AWS::SageMaker::Endpoint", "EndpointName", "sagemaker", "describe_endpoint", _endpoint),
    _Kind(
        "AWS::SageMaker::InferenceComponent",
        "InferenceComponentName",
        "sagemaker",
        "describe_inference_component",
        _component,
    ),
    _Kind("AWS::Scheduler::Schedule", "Name", "scheduler", "get_schedule", _schedule),
    _Kind(
        "AWS::SageMaker::MonitoringSchedule",
        "MonitoringScheduleName",
        "sagemaker",
        "describe_monitoring_schedule",
        _monitor,
    ),
    _Kind("AWS::SageMaker::Pipeline", "PipelineName", "sagemaker", "describe_pipeline", _pipeline),
)
