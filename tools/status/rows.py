"""The rows of the screen: what is asked for each, and in which words it is told.

What somebody may not ask is told as not known, with the right that it takes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployed import deployed_stacks, orphans
from tools.refused import missing_right, why
from tools.status.place import Place, use_cases
from tools.synthesized import Json

COSTS = "https://console.aws.amazon.com/costmanagement/home#/cost-explorer"
_SHOWN = 3
_RUNS_WELL = {"Succeeded", "SUCCEEDED", "Completed", "CompletedWithViolations", "Executing", "RUNNING"}
_RUNS_BADLY = {"Failed", "FAILED", "TIMED_OUT", "ABORTED", "Stopped"}
_FILES_OF_A_VERSION = re.compile(r"/models/[^/]+/(?P<number>\d+)/model\.tar\.gz$")
_MISSING = ("could not find", "does not exist", "not found")


class Mood(StrEnum):
    """How a line is shown."""

    WELL = "well"
    BADLY = "badly"
    WAITING = "waiting"
    PLAIN = "plain"


@dataclass(frozen=True)
class Line:
    """One thing that is told."""

    text: str
    mood: Mood = Mood.PLAIN


Look = Callable[[Place], Iterator[Line]]


def lines(place: Place, look: Look) -> list[Line]:
    """What was seen up to where it was refused; a line in any case."""
    found: list[Line] = []
    try:
        found.extend(look(place))
    except ClientError as error:
        found.append(_not_there(error))
    except BotoCoreError as error:
        found.append(Line(f"not known: {why(error)}", Mood.WAITING))
    return found or [Line("none")]


def _not_there(error: ClientError) -> Line:
    told = error.response["Error"]["Message"]
    if not missing_right(error) and any(words in told.lower() for words in _MISSING):
        return Line("not deployed")
    return Line(f"not known: {why(error)}", Mood.WAITING)


# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
_MOODS = {
    "InService": Mood.WELL,
    **dict.fromkeys(("Failed", "OutOfService", "UpdateRollbackFailed"), Mood.BADLY),
}


def live(place: Place) -> Iterator[Line]:
    """Each variant with its version, and the endpoint's state where that is not as it should be."""
    sagemaker = place.client("sagemaker")
    if [*place.declared("AWS::SageMaker::InferenceComponent")]:
        yield from _component(place)
        return
    endpoint = sagemaker.describe_endpoint(EndpointName=place.name)
    declared = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    variants = [*declared["ProductionVariants"], *declared.get("ShadowProductionVariants", ())]
    running = [*endpoint.get("ProductionVariants", ()), *endpoint.get("ShadowProductionVariants", ())]
    counts = {each["VariantName"]: each for each in running}
    status = endpoint["EndpointStatus"]
    mood = _MOODS.get(status, Mood.WAITING)
    for variant in variants:
        version = served_version(sagemaker, variant["ModelName"])
        machines = _machines(variant, counts.get(variant["VariantName"], {}))
        yield Line(f"version {version} as {variant['VariantName']}, {status}, {machines}", mood)
    if "FailureReason" in endpoint:
        yield Line(endpoint["FailureReason"], Mood.BADLY)


def _component(place: Place) -> Iterator[Line]:
    """The model's part of the shared endpoint: its version, its state and how many copies run."""
    sagemaker = place.client("sagemaker")
    found = sagemaker.describe_inference_component(InferenceComponentName=place.name)
    version = served_version(sagemaker, found["Specification"]["ModelName"])
    runtime, status = found["RuntimeConfig"], found["InferenceComponentStatus"]
    current, desired = runtime["CurrentCopyCount"], runtime["DesiredCopyCount"]
    becoming = f", becoming {desired}" if desired != current else ""
    copies = "1 copy" if current == 1 else f"{current} copies"
    told = f"version {version} on {found['EndpointName']}, {status}, {copies}{becoming}"
    yield Line(told, _MOODS.get(status, Mood.WAITING))
    if "FailureReason" in found:
        yield Line(found["FailureReason"], Mood.BADLY)


def served_version(sagemaker: Any, model: str) -> str:
    """From where the release has put a version's files; what somebody has put elsewhere is of no version."""
    described = sagemaker.describe_model(ModelName=model)
    container = described.get("PrimaryContainer") or described["Containers"][0]
    found = _FILES_OF_A_VERSION.search(container.get("ModelDataUrl", ""))
    return found["number"] if found else "unknown"


def _machines(variant: Json, running: Json) -> str:
    if "ServerlessConfig" in variant:
        return f"serverless, up to {variant['ServerlessConfig']['MaxConcurrency']} at once"
    current = running.get("CurrentInstanceCount", variant["InitialInstanceCount"])
    desired = running.get("DesiredInstanceCount", current)
    becoming = f", becoming {desired}" if desired != current else ""
    return f"{current} × {variant['InstanceType']}{becoming}"


def waiting(place: Place) -> Iterator[Line]:
    """Versions that nobody has decided on, the newest first."""
    if place.trained_in:
        yield Line(f"decided on in account {place.trained_in}")
        return
    sagemaker = place.client("sagemaker")
    group = {"ModelPackageGroupName": place.name, "ModelApprovalStatus": "PendingManualApproval"}
    found = sagemaker.list_model_packages(**group, SortBy="CreationTime", SortOrder="Descending")
    for each in found["ModelPackageSummaryList"][:_SHOWN]:
        described = sagemaker.describe_model_package(ModelPackageName=each["ModelPackageArn"])
        number = each["ModelPackageVersion"]
        told = f"version {number} since {_moment(each['CreationTime'])}: {_metric(described)}"
        yield Line(told, Mood.WAITING)


def _metric(described: Json) -> str:
    """The criterion with the value that the version's card has of it."""
    criterion = described.get("CustomerMetadataProperties", {}).get("SuccessCriterion", "")
    card = json.loads(described.get("ModelCard", {}).get("ModelCardContent", "{}"))
    values = {
        metric["name"]: metric["value"]
        for evaluation in card.get("evaluation_details", ())
        for group in evaluation.get("metric_groups", ())
        for metric in group.get("metric_data", ())
    }
    name, _, wanted = criterion.partition(" ")
    if name not in values:
        return criterion or "made by hand"
    return f"{name} = {values[name]:.3g} ({wanted.replace('_', ' ')})"


def executions(place: Place) -> Iterator[Line]:
    if place.trained_in:
        yield Line(f"trained in account {place.trained_in}")
        return
    found = place.client("sagemaker").list_pipeline_executions(
        PipelineName=place.name, SortBy="CreationTime", SortOrder="Descending", MaxResults=_SHOWN
    )
    for each in found["PipelineExecutionSummaries"]:
        reason = each.get("PipelineExecutionFailureReason", "")
        yield _run(each["StartTime"], each["PipelineExecutionStatus"], reason)


def machines(kinds: Mapping[str, str]) -> Look:
    """The newest executions of state machines, by the last words of their names."""

    def look(place: Place) -> Iterator[Line]:
        for declared in place.declared("AWS::StepFunctions::StateMachine"):
            kind = str(declared["StateMachineName"]).removeprefix(place.name.rstrip("-")).strip("-")
            if kind in kinds:
                yield from _newest(place, str(declared["StateMachineName"]), kinds[kind])

    return look


def _newest(place: Place, machine: str, told: str) -> Iterator[Line]:
    here = place.environment
    arn = f"arn:aws:states:{here.region}:{here.account}:stateMachine:{machine}"
    found = place.client("stepfunctions").list_executions(stateMachineArn=arn, maxResults=1)["executions"]
    for each in found:
        run = _run(each["startDate"], each["status"])
        yield Line(f"{told}{run.text}", run.mood)
    if not found:
        yield Line(f"{told}has not run yet")


def monitoring_schedules(place: Place) -> Iterator[Line]:
    """Of Model Monitor, where the environment has it."""
    for declared in place.declared("AWS::SageMaker::MonitoringSchedule"):
        found = place.client("sagemaker").list_monitoring_executions(
            MonitoringScheduleName=declared["MonitoringScheduleName"], MaxResults=1
        )
        for each in found["MonitoringExecutionSummaries"]:
            reason = each.get("FailureReason", "")
            yield _run(each["ScheduledTime"], each["MonitoringExecutionStatus"], reason)


def alarms(place: Place) -> Iterator[Line]:
    """Those that ring; of an environment, those that are of no use case."""
    pages = place.client("cloudwatch").get_paginator("describe_alarms")
    prefix = place.name if place.use_case else place.environment.prefix
    known = [Place(place.environment, each).name for each in _others(place)]
    for page in pages.paginate(AlarmNamePrefix=f"{prefix}-", StateValue="ALARM"):
        for alarm in page["MetricAlarms"]:
            if not alarm["AlarmName"].startswith(tuple(f"{name}-" for name in known)):
                what = alarm.get("AlarmDescription") or alarm["AlarmName"]
                told = f"since {_moment(alarm['StateUpdatedTimestamp'])}: {what}"
                yield Line(told, Mood.BADLY)


def _others(place: Place) -> list[str]:
    names = use_cases(place.environment)
    return [each for each in names if each != place.use_case and each.startswith(place.use_case)]


def orphaned_stacks(place: Place) -> Iterator[Line]:
    """Of use cases and options that the configuration has no more."""
    for stack in orphans(place.environment, deployed_stacks(place.environment)):
        told = f"{stack.name}: make destroy ENVIRONMENT={place.environment.name} ORPHANS=1"
        yield Line(told, Mood.WAITING)


def schedules(place: Place) -> Iterator[Line]:
    """As the templates have them; some begin with the first model only."""
    for declared in place.declared("AWS::Scheduler::Schedule"):
        zone = declared.get("ScheduleExpressionTimezone", "UTC")
        yield Line(f"{declared['Name']}: {declared['ScheduleExpression']} {zone}")


def costs(place: Place) -> Iterator[Line]:
    """A link: each question to Cost Explorer's API costs 0.01 US dollars, and no persona may ask it.

    https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/
    """
    tag = f"use-case: {place.use_case}" if place.use_case else f"environment: {place.environment.prefix}"
    yield Line(f"by the tag {tag} in {COSTS}")


def _run(started: datetime, status: str, reason: str = "") -> Line:
    mood = Mood.WELL if status in _RUNS_WELL else Mood.BADLY if status in _RUNS_BADLY else Mood.WAITING
    return Line(f"{_moment(started)} {status}{f': {reason}' if reason else ''}", mood)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
