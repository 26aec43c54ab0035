"""A pipeline execution, watched by the person who started it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.rehearse.errors import RehearsalError
from tools.rehearse.people import Person
from tools.rehearse.waiting import wait_for

# A tuning job may be a hundred trainings.
_EXECUTION_TIMEOUT_SECONDS = 1800
_LOG_LINES_SHOWN = 12
_RUNNING = ("Executing", "Stopping", "Starting")


@dataclass(frozen=True)
class Criterion:
    """The success criterion as the deployed pipeline has it."""

    section: str
    metric: str
    comparison: str
    threshold: float


def read_criterion(person: Person, pipeline_name: str) -> Criterion:
    """The condition of the pipeline's definition, with its default threshold."""
    described = person.client("sagemaker").describe_pipeline(PipelineName=pipeline_name)
    definition = json.loads(described["PipelineDefinition"])
    check = next(step for step in definition["Steps"] if step["Type"] == "Condition")
    condition = check["Arguments"]["Conditions"][0]
    section, metric, _ = condition["LeftValue"]["Std:JsonGet"]["Path"].split(".")
    defaults = {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition["Parameters"]}
    threshold = defaults[condition["RightValue"]["Get"].removeprefix("Parameters.")]
    comparison = "at least" if condition["Type"].startswith("GreaterThan") else "at most"
    return Criterion(section, metric, comparison, threshold)


def run_pipeline(
    person: Person, pipeline_name: str, parameters: dict[str, str], tell: Callable[[str], None]
) -> str:
    """Start an execution, tell of each step that ends, and return its ARN once it has succeeded."""
    execution = start_pipeline(person, pipeline_name, parameters)
    follow_pipeline(person, pipeline_name, execution, tell)
    return execution


def start_pipeline(person: Person, pipeline_name: str, parameters: dict[str, str]) -> str:
    """Start an execution and return its ARN."""
    started = person.client("sagemaker").start_pipeline_execution(
        PipelineName=pipeline_name,
        PipelineParameters=[{"Name": name, "Value": value} for name, value in parameters.items()],
    )
    return str(started["PipelineExecutionArn"])


def follow_pipeline(person: Person, pipeline_name: str, execution: str, tell: Callable[[str], None]) -> None:
    """Tell of each step that ends, until the execution has succeeded."""
    client = person.client("sagemaker")
    told: set[str] = set()

    def tell_what_ended() -> bool:
        """Whether no step runs."""
        steps = steps_of(person, execution)
        ended = [step for step in steps if "EndTime" in step]
        for step in ended:
            if step["StepName"] not in told:
                tell(_describe_step(step))
        told.update(step["StepName"] for step in ended)
        return len(ended) == len(steps)

    def look() -> dict[str, Any] | None:
        if not tell_what_ended():
            return None
        described = client.describe_pipeline_execution(PipelineExecutionArn=execution)
        if described["PipelineExecutionStatus"] in _RUNNING:
            return None
        # Steps without a job may have come and gone since.
        tell_what_ended()
        return dict(described)

    done = wait_for(f"pipeline {pipeline_name}", look, _EXECUTION_TIMEOUT_SECONDS, person.pace)
    if done["PipelineExecutionStatus"] != "Succeeded":
        failed = [step for step in steps_of(person, execution) if step["StepStatus"] == "Failed"]
        log = "\n".join(line for step in failed for line in _job_log(person, step))
        reason = done.get("FailureReason", "no reason was given")
        raise RehearsalError(f"pipeline {pipeline_name} {done['PipelineExecutionStatus']}: {reason}\n{log}")


def steps_of(person: Person, execution: str) -> list[dict[str, Any]]:
    """The steps of an execution in the order in which they started."""
    answer = person.client("sagemaker").list_pipeline_execution_steps(
        PipelineExecutionArn=execution, SortOrder="Ascending"
    )
    return list(answer["PipelineExecutionSteps"])


def _describe_step(step: dict[str, Any]) -> str:
    seconds = (step["EndTime"] - step["StartTime"]).total_seconds()
    text = f"{step['StepName']:<20} {step['StepStatus']:<10} {seconds:5.1f} s"
    return f"{text}  {step['FailureReason']}" if "FailureReason" in step else text


def _job_log(person: Person, step: dict[str, Any]) -> list[str]:
    """The end of the log of a failed step's job, or of a tuning job's trainings, which have its name."""
    groups = {"ProcessingJob": "ProcessingJobs", "TrainingJob": "TrainingJobs", "TuningJob": "TrainingJobs"}
    for kind, group in groups.items():
        arn = step.get("Metadata", {}).get(kind, {}).get("Arn")
        if arn:
            return _log_tail(person, f"/aws/sagemaker/{group}", arn.split("/")[-1])
    return []


def _log_tail(person: Person, group: str, stream_prefix: str) -> list[str]:
    client = person.client("logs")
    streams = client.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream_prefix)["logStreams"]
    lines: list[str] = []
    for stream in streams:
        events = client.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
        lines += [event["message"] for event in events]
    return [f"The end of log group {group}, stream {stream_prefix}:", *lines[-_LOG_LINES_SHOWN:]]
