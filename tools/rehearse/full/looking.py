"""What the full story looks at: mails of alarms, an endpoint on its way, an execution's steps."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.local_aws.process import LocalAws
from tools.rehearse.errors import RehearsalError
from tools.rehearse.full.record import Fleet, Mail, Step
from tools.rehearse.people import Person
from tools.rehearse.pipeline import steps_of

Json = dict[str, Any]
_POLL_SECONDS = 0.1
_AHEAD = timedelta(hours=3)
"""More than an update's metrics are ahead of the clock."""
_WHOLE_SECONDS = 86_400


class Inbox:
    """Gets what the alert topic tells people, as their mailbox does."""

    def __init__(self, aws: LocalAws, topic: str) -> None:
        self._sqs = aws.client("sqs")
        self._url = self._sqs.create_queue(QueueName="inbox-of-the-story")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])

    def read(self, began: datetime) -> list[Mail]:
        """What is new, with the seconds of the story that began then; confirmations are left out."""
        mails: list[Mail] = []
        while found := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                body = json.loads(message["Body"])
                at = (datetime.fromisoformat(body["Timestamp"]) - began).total_seconds()
                mails.append(Mail(at, body.get("Subject", ""), body["Message"]))
        return sorted(mails, key=lambda mail: mail.at)


@dataclass
class Watched:
    """An endpoint while it changes over, as DescribeEndpoint tells it."""

    statuses: list[str] = field(default_factory=list)
    configurations: dict[str, None] = field(default_factory=dict)
    """Names, the one that served first."""

    def look(self, described: Json) -> None:
        self.configurations[described["EndpointConfigName"]] = None
        pending = described.get("PendingDeploymentSummary")
        told = described["EndpointStatus"]
        if pending:
            self.configurations[pending["EndpointConfigName"]] = None
            (status, *_) = pending["ProductionVariants"][0]["VariantStatus"]
            told = f"{told}, {status['Status']}: {status['StatusMessage']}"
        if [told] != self.statuses[-1:]:
            self.statuses.append(told)


@contextmanager
def watching(engineer: Person, endpoint: str) -> Iterator[Watched]:
    """Look again and again until the end, then once more."""
    client, watched, ended = engineer.client("sagemaker"), Watched(), threading.Event()

    def look() -> None:
        watched.look(client.describe_endpoint(EndpointName=endpoint))

    def look_on() -> None:
        while not ended.wait(_POLL_SECONDS):
            look()

    look()
    looker = threading.Thread(target=look_on, daemon=True)
    looker.start()
    try:
        yield watched
    finally:
        ended.set()
        looker.join()
        look()


def fleet_of(engineer: Person, endpoint: str, configuration: str, version: str) -> Fleet:
    """How many requests the fleet of an endpoint configuration got today, and how slow its answers were."""
    dimensions = {"EndpointName": endpoint, "VariantName": "AllTraffic", "EndpointConfigName": configuration}

    def query(name: str, metric: str, stat: str) -> Json:
        named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        asked = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": named}
        return {"Id": name, "MetricStat": {"Metric": asked, "Period": _WHOLE_SECONDS, "Stat": stat}}

    now = datetime.now(UTC)
    results = engineer.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query("requests", "Invocations", "Sum"), query("slowest", "ModelLatency", "p99")],
        StartTime=now - timedelta(days=1),
        EndTime=now + _AHEAD,
    )["MetricDataResults"]
    found = {result["Id"]: result["Values"] for result in results}
    return Fleet(version, round(sum(found["requests"])), max(found["slowest"], default=0.0) / 1000)


def latency_limit_ms(engineer: Person, endpoint: str) -> float:
    """From which on an update is taken back."""
    asked = {"Name": "EndpointName", "Value": endpoint}
    for alarm in engineer.client("cloudwatch").describe_alarms()["MetricAlarms"]:
        if alarm.get("MetricName") == "ModelLatency" and asked in alarm["Dimensions"]:
            return float(alarm["Threshold"]) / 1000
    raise RehearsalError(f"no alarm watches how long {endpoint} takes to answer")


def execution_steps(person: Person, pipeline: str, execution: str) -> list[Step]:
    """With what each follows, as the pipeline's definition says."""
    described = person.client("sagemaker").describe_pipeline(PipelineName=pipeline)
    after = _order(json.loads(described["PipelineDefinition"])["Steps"])
    return [
        Step(
            step["StepName"],
            step["StepStatus"],
            (step["EndTime"] - step["StartTime"]).total_seconds(),
            after.get(step["StepName"], ()),
        )
        for step in steps_of(person, execution)
    ]


def _order(steps: Sequence[Json], before: Sequence[str] = ()) -> Mapping[str, Sequence[str]]:
    """The steps that a step waits for, by its name: those that it names, or the condition it is behind."""
    found: dict[str, Sequence[str]] = {}
    names = [step["Name"] for step in steps]
    for step in steps:
        branches = [step["Arguments"].get(branch, []) for branch in ("IfSteps", "ElseSteps")]
        own = json.dumps({**step["Arguments"], "IfSteps": [], "ElseSteps": []})
        named = [name for name in names if f'"Steps.{name}.' in own or f'"Steps.{name}"' in own]
        found[step["Name"]] = [*dict.fromkeys([*step.get("DependsOn", []), *named, *before])]
        for branch in branches:
            found |= _order(branch, [step["Name"]])
    return found
