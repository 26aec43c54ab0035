"""The acts of the story: each is what one person does, or what the platform then does by itself."""

import csv
import io
import json
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools import ground_truth
from tools.local_aws.process import LocalAws
from tools.rehearse.batches import BatchFindings
from tools.rehearse.errors import RehearsalError
from tools.rehearse.experiments import Tracked
from tools.rehearse.people import Person
from tools.rehearse.pipeline import Criterion
from tools.rehearse.samples import Row, Sample
from tools.rehearse.waiting import wait_for

_CSV = "text/csv"
_RELEASE_TIMEOUT_SECONDS = 120
_MONITOR_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class HeldOut:
    """The rows that training has not seen, and the order in which a request names the features."""

    features: list[str]
    rows: list[Row]


@dataclass(frozen=True)
class Evaluation:
    """How good a model is on the test part."""

    metrics: dict[str, float] = field(default_factory=dict)
    positive: str = ""
    """The label that a binary classifier is about; empty otherwise."""
    from_probability: float = 0.0
    """Where it begins."""


@dataclass(frozen=True)
class LiveQuality:
    """How good the live model is, by what really happened."""

    rows: int
    metrics: dict[str, float]
    violations: list[dict[str, str]]


@dataclass(frozen=True)
class Retrained:
    """What an alarm had trained."""

    version: str
    delivery: str
    evaluation: Evaluation


@dataclass
class Results:
    """What the rehearsal found, for its last block."""

    evaluation: Evaluation = field(default_factory=Evaluation)
    predictions: list[tuple[str, str]] = field(default_factory=list)
    quiet_rows: int = 0
    """How many rows like the delivery raised no violation."""
    violations: list[dict[str, str]] = field(default_factory=list)
    alarm_state: str = ""
    batches: BatchFindings | None = None
    """None where nobody compares batches."""
    live: LiveQuality | None = None
    """None where nobody tells what happened."""
    retrained: Retrained | None = None
    """None where no alarm asks for it."""
    tracked: Tracked | None = None
    """None where there is no MLflow app."""


def deliver_data(engineer: Person, bucket: str, sample: Sample, name: str) -> str:
    """Upload the raw file, but for the rows that come later, as a new delivery and return its URI."""
    return _deliver(engineer, bucket, f"raw/{sample.use_case}/{name}", sample.delivery())


def deliver_what_came_later(
    engineer: Person, bucket: str, sample: Sample, later: Sequence[Row], name: str
) -> str:
    """Upload another delivery, which has rows that came later, too, and return its URI."""
    return _deliver(engineer, bucket, f"raw/{sample.use_case}/{name}", sample.next_delivery(later))


def _deliver(engineer: Person, bucket: str, key: str, body: bytes) -> str:
    engineer.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    return f"s3://{bucket}/{key}"


def read_evaluation(
    scientist: Person, bucket: str, prefix: str, criterion: Criterion, pictures: Path
) -> Evaluation:
    """Fetch the execution's evaluation: metrics as numbers, page and pictures into a folder."""
    s3 = scientist.client("s3")
    report: dict[str, float] = {}
    positive: dict[str, Any] = {}
    pictures.mkdir(exist_ok=True)
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", []):
        name = Path(item["Key"]).name
        if name == "evaluation.json":
            body = json.loads(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read())
            # A confusion matrix is no number.
            numbers = ((metric, entry.get("value")) for metric, entry in body[criterion.section].items())
            report = {metric: value for metric, value in numbers if value is not None}
            positive = body.get("positive", {})
        elif name.endswith((".png", ".html")):
            s3.download_file(bucket, item["Key"], str(pictures / name))
    if criterion.metric not in report:
        raise RehearsalError(f"the evaluation below s3://{bucket}/{prefix} has no {criterion.metric}")
    return Evaluation(report, positive.get("label", ""), positive.get("from_probability", 0.0))


def read_held_out(scientist: Person, bucket: str, prefix: str) -> HeldOut:
    """The test part of an execution's processed data."""
    s3 = scientist.client("s3")

    def read(name: str) -> str:
        return str(s3.get_object(Bucket=bucket, Key=f"{prefix}/{name}")["Body"].read().decode("utf-8"))

    schema = json.loads(read("schema.json"))
    rows = list(csv.DictReader(io.StringIO(read("test.csv"))))
    return HeldOut([*schema["numeric"], *schema["categorical"]], rows)


def expect_refusal(who: str, what: str, call: Callable[[], object]) -> str:
    """Let somebody try what they may not: the refusal's text, or RehearsalError if it was allowed."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDeniedException", "AccessDenied"):
            return str(error.response["Error"]["Message"])
        raise
    raise RehearsalError(f"{who} could {what}, which that role must not allow")


def pending_package(scientist: Person, group: str) -> str:
    """ARN of the newest version that waits for approval."""
    packages = scientist.client("sagemaker").list_model_packages(
        ModelPackageGroupName=group,
        ModelApprovalStatus="PendingManualApproval",
        SortBy="CreationTime",
        SortOrder="Descending",
    )["ModelPackageSummaryList"]
    if not packages:
        raise RehearsalError(f"the pipeline succeeded, but no version of {group} waits for approval")
    return str(packages[0]["ModelPackageArn"])


def decide(person: Person, package: str, decision: str) -> None:
    """Approve or reject a model version."""
    person.client("sagemaker").update_model_package(ModelPackageArn=package, ModelApprovalStatus=decision)


def wait_for_release(
    operator: Any,
    engineer: Person,
    endpoints: Collection[str],
    machine_arn: str,
    earlier: Collection[str] = (),
) -> None:
    """Wait until the state machine has succeeded for each endpoint, and all are in service.

    `earlier` are the ARNs of executions that have ended before.
    """
    ended = wait_for_ends(operator, engineer, machine_arn, earlier, len(endpoints))
    if failed := [arn for arn, status in ended.items() if status != "SUCCEEDED"]:
        raise RehearsalError(_why(operator, failed[0]))
    for endpoint in endpoints:
        described = engineer.client("sagemaker").describe_endpoint(EndpointName=endpoint)
        if described["EndpointStatus"] != "InService":
            reason = described.get("FailureReason", "no reason was given")
            raise RehearsalError(f"endpoint {endpoint} is {described['EndpointStatus']}: {reason}")


def executions_of(operator: Any, machine_arn: str) -> dict[str, str]:
    """Their statuses by ARN, the newest first."""
    listed = operator("stepfunctions").list_executions(stateMachineArn=machine_arn)["executions"]
    return {execution["executionArn"]: execution["status"] for execution in listed}


def wait_for_ends(
    operator: Any, engineer: Person, machine_arn: str, earlier: Collection[str], count: int
) -> dict[str, str]:
    """Wait until so many more executions of a release have ended, or one has failed; statuses by ARN."""

    def look() -> dict[str, str] | None:
        found = executions_of(operator, machine_arn)
        later = {arn: status for arn, status in found.items() if arn not in earlier}
        has_failed = set(later.values()) - {"SUCCEEDED", "RUNNING"}
        return later if has_failed or (len(later) >= count and "RUNNING" not in later.values()) else None

    return wait_for("the release state machine", look, _RELEASE_TIMEOUT_SECONDS, engineer.pace)


def _why(operator: Any, execution: str) -> str:
    """What a machine knew when it gave up: the input of its last state before telling people."""
    events = operator("stepfunctions").get_execution_history(executionArn=execution)["events"]
    entered = [event["stateEnteredEventDetails"] for event in events if "stateEnteredEventDetails" in event]
    told = next((state["input"] for state in entered if state["name"] == "TellPeople"), "")
    path = " > ".join(state["name"] for state in entered)
    return f"{execution} failed after {path}; it had {told}"


def pipeline_runs(person: Person, pipeline: str) -> list[str]:
    """ARNs of the executions of a pipeline, the newest first."""
    listed = person.client("sagemaker").list_pipeline_executions(PipelineName=pipeline)
    return [str(each["PipelineExecutionArn"]) for each in listed["PipelineExecutionSummaries"]]


def wait_for_retraining(operator: Any, machine_arn: str, scientist: Person, pipeline: str) -> str:
    """Wait until an alarm has started the state machine and that the pipeline; its execution's ARN."""

    def look() -> str | None:
        runs = operator("stepfunctions").list_executions(stateMachineArn=machine_arn)["executions"]
        if failed := [run["executionArn"] for run in runs if run["status"] in ("FAILED", "TIMED_OUT")]:
            raise RehearsalError(_why(operator, failed[0]))
        arns = pipeline_runs(scientist, pipeline)
        return arns[0] if runs and len(arns) > 1 else None

    return wait_for("a retraining", look, _RELEASE_TIMEOUT_SECONDS, scientist.pace)


def predict(
    engineer: Person, endpoint: str, features: list[str], row: Row, inference_id: str | None = None
) -> str:
    """One request as text/csv, one line as the answer; RehearsalError if that is no text/csv."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([row[feature] for feature in features])
    answer = engineer.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint,
        ContentType=_CSV,
        Accept=_CSV,
        Body=line.getvalue().encode(),
        InferenceId=inference_id or str(uuid.uuid4()),
    )
    if answer["ContentType"] != _CSV:
        raise RehearsalError(
            f"endpoint {endpoint} answers {answer['ContentType']} where {_CSV} is accepted; data capture "
            "keeps such an answer as BASE64, which no monitor reads beside a request in CSV"
        )
    (line_of_answer,) = csv.reader([answer["Body"].read().decode("utf-8")])
    return line_of_answer[0]


def tell_what_happened(
    engineer: Person, bucket: str, use_case: str, moment: datetime, happened: ground_truth.Labels
) -> None:
    """Labels of the requests of one hour."""
    key = ground_truth.key(use_case, moment)
    engineer.client("s3").put_object(Bucket=bucket, Key=key, Body=ground_truth.body(happened))


def measure_quality(engineer: Person, monitor: "Monitor", moment: datetime) -> LiveQuality:
    """Compare the day of a moment with what happened, now and not days later."""
    machine = _machine(engineer, monitor.schedule)
    runs = engineer.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    _start(engineer, monitor.schedule, {"time": f"{moment:%Y-%m-%d}T23:59:00Z", "now": True})
    report = monitor.wait_for_report(engineer, len(runs))
    quality = monitor.read(engineer, report, "model_quality")
    violations = monitor.violations(engineer, report)
    return LiveQuality(quality["dataset"]["item_count"], quality["metrics"], violations)


def strike_hour(aws: LocalAws, schedules: list[str]) -> list[str]:
    """Let the embedded AWS's clock strike for these schedules; tells which have started."""
    return list(aws.control("strike-hour", schedules=schedules)["started"])


def prepare_account(aws: LocalAws, network: dict[str, Any] | None, slack_workspaces: Sequence[str]) -> None:
    """Add a VPC that somebody else has made, and authorize workspaces as somebody does in the console."""
    members = ("vpc_id", "subnet_ids", "availability_zones", "security_group_ids")
    if network:
        aws.control("existing-network", **{member: network[member] for member in members})
    for workspace in slack_workspaces:
        aws.control("authorize-slack-workspace", workspace=workspace)


@dataclass(frozen=True)
class Monitor:
    """What watches an endpoint, as the monitoring stack says."""

    engine: str
    schedule: str
    artifacts: str
    """The bucket with its reports."""

    def wait_for_violations(self, engineer: Person, runs_before: int = 0) -> list[dict[str, str]]:
        """Wait until the run after so many has ended and return the violations that it reports."""
        return self.violations(engineer, self.wait_for_report(engineer, runs_before))

    def wait_for_report(self, engineer: Person, runs_before: int) -> str:
        """The folder of the report of the run after so many, once it has ended."""
        wait = _report_of_own if self.engine == "own" else _report_of_model_monitor
        return wait(engineer, self, runs_before).rstrip("/")

    def violations(self, engineer: Person, report: str) -> list[dict[str, str]]:
        return list(self.read(engineer, report, "constraint_violations")["violations"])

    def read(self, engineer: Person, report: str, name: str) -> Any:
        """A file of a report."""
        body = engineer.client("s3").get_object(Bucket=self.artifacts, Key=f"{report}/{name}.json")["Body"]
        return json.loads(body.read())


def start_monitor(engineer: Person, schedule: str, moment: datetime) -> None:
    """Compare the hours that end with the one of a moment, as the schedule would."""
    _start(engineer, schedule, {"time": f"{moment:%Y-%m-%dT%H:%M:%SZ}"})


def _start(engineer: Person, schedule: str, what: dict[str, Any]) -> None:
    machine = _machine(engineer, schedule)
    engineer.client("stepfunctions").start_execution(stateMachineArn=machine, input=json.dumps(what))


def _machine(engineer: Person, schedule: str) -> str:
    """The state machine is called like its schedule."""
    aws = engineer.aws
    return f"arn:aws:states:{aws.region}:{aws.account}:stateMachine:{schedule}"


def _report_of_own(engineer: Person, monitor: Monitor, runs_before: int) -> str:
    """The folder that the state machine's newest execution names."""
    client, machine = engineer.client("stepfunctions"), _machine(engineer, monitor.schedule)

    def look() -> dict[str, Any] | None:
        executions = client.list_executions(stateMachineArn=machine)["executions"]
        is_there = len(executions) > runs_before and executions[0]["status"] != "RUNNING"
        return executions[0] if is_there else None

    execution = wait_for(f"an execution of {monitor.schedule}", look, _MONITOR_TIMEOUT_SECONDS, engineer.pace)
    described = client.describe_execution(executionArn=execution["executionArn"])
    if described["status"] != "SUCCEEDED":
        raise RehearsalError(f"monitoring failed: {described.get('error')}: {described.get('cause')}")
    return str(json.loads(described["output"])["Window"]["Report"])


def _report_of_model_monitor(engineer: Person, monitor: Monitor, runs_before: int) -> str:
    client, schedule = engineer.client("sagemaker"), monitor.schedule

    def look() -> dict[str, Any] | None:
        executions = client.list_monitoring_executions(MonitoringScheduleName=schedule)
        ended = [
            summary
            for summary in executions["MonitoringExecutionSummaries"]
            if summary["MonitoringExecutionStatus"] not in ("Pending", "InProgress")
        ]
        return ended[0] if len(ended) > runs_before else None

    execution = wait_for(f"an execution of {schedule}", look, _MONITOR_TIMEOUT_SECONDS, engineer.pace)
    if execution["MonitoringExecutionStatus"] == "Failed":
        raise RehearsalError(f"monitoring failed: {execution.get('FailureReason', 'no reason was given')}")
    job = client.describe_processing_job(ProcessingJobName=execution["ProcessingJobArn"].split("/")[-1])
    output = str(job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"])
    return output.removeprefix(f"s3://{monitor.artifacts}/")


def drift_alarm(engineer: Person, name: str, dimension: str = "Endpoint") -> dict[str, Any]:
    """The alarm on the drift metrics of an endpoint, or of its batches, as CloudWatch describes it."""
    alarms = engineer.client("cloudwatch").describe_alarms()["MetricAlarms"]
    for alarm in alarms:
        stats = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
        of_drift = [each for each in stats if each["MetricName"].startswith("feature_baseline_drift_")]
        if any({"Name": dimension, "Value": name} in each["Dimensions"] for each in of_drift):
            return dict(alarm)
    raise RehearsalError(f"no alarm watches the drift metrics of {dimension} {name}")
