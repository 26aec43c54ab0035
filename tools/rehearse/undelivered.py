"""A decision that cannot start a release waits in the encrypted dead-letter queue, and an alarm says so."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tools.rehearse.errors import RehearsalError
from tools.rehearse.people import Person
from tools.rehearse.waiting import wait_for

_TIMEOUT_SECONDS = 30
_EVENTBRIDGE = "events.amazonaws.com"
_OUTAGE = {"Effect": "Deny", "Action": "states:StartExecution", "Resource": "*"}

Client = Callable[[str], Any]


@dataclass(frozen=True)
class Deliveries:
    """How decisions on the versions of a group reach the release."""

    rule: str
    role: str
    """The name of the role that starts the release."""
    queue: str
    """The name of the dead-letter queue."""

    @classmethod
    def of(cls, operator: Client, group: str, machine_arn: str) -> "Deliveries":
        events = operator("events")
        for rule in events.list_rule_names_by_target(TargetArn=machine_arn)["RuleNames"]:
            detail = json.loads(events.describe_rule(Name=rule)["EventPattern"])["detail"]
            if detail["ModelPackageGroupName"] == [group]:
                (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
                queue = target["DeadLetterConfig"]["Arn"].split(":")[-1]
                return cls(rule, target["RoleArn"].split("/")[-1], queue)
        raise RehearsalError(f"no rule starts {machine_arn} for a decision on {group}")

    def key(self, operator: Client) -> str:
        """What the queue is encrypted with."""
        sqs = operator("sqs")
        url = sqs.get_queue_url(QueueName=self.queue)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["KmsMasterKeyId"])
        return str(answer["Attributes"]["KmsMasterKeyId"])


def decide_in_vain(
    operator: Client, engineer: Person, deliveries: Deliveries, decide: Callable[[], object]
) -> str:
    """Let somebody decide while nothing may start a release; why the decision waits, or RehearsalError.

    The operator takes it out of the queue again, so that the alarm ends.
    """
    since = datetime.now(UTC) - timedelta(minutes=1)

    def look() -> str | None:
        if _is_lost(operator, deliveries, since):
            raise RehearsalError(_why_lost(operator, deliveries))
        return "waits" if _alarm_state(engineer, deliveries.queue) == "ALARM" else None

    with _outage(operator, deliveries.role):
        decide()
        wait_for(f"the alarm on {deliveries.queue}", look, _TIMEOUT_SECONDS)
    return _take_out(operator("sqs"), deliveries.queue)


@contextmanager
def _outage(operator: Client, role: str) -> Iterator[None]:
    """What is refused for want of permission goes to the dead-letter queue without another try.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    iam, policy = operator("iam"), {"RoleName": role, "PolicyName": "Outage"}
    iam.put_role_policy(
        **policy, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [_OUTAGE]})
    )
    try:
        yield
    finally:
        iam.delete_role_policy(**policy)


def _alarm_state(engineer: Person, queue: str) -> str:
    watched = {"Name": "QueueName", "Value": queue}
    for alarm in engineer.client("cloudwatch").describe_alarms()["MetricAlarms"]:
        if watched in alarm.get("Dimensions", []):
            return str(alarm["StateValue"])
    raise RehearsalError(f"no alarm watches the dead-letter queue {queue}")


def _is_lost(operator: Client, deliveries: Deliveries, since: datetime) -> bool:
    """The only trace that AWS leaves: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html"""
    statistics = operator("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="InvocationsFailedToBeSentToDlq",
        Dimensions=[{"Name": "RuleName", "Value": deliveries.rule}],
        StartTime=since,
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return bool(statistics["Datapoints"])


def _why_lost(operator: Client, deliveries: Deliveries) -> str:
    """What the key's policy says of EventBridge, because nothing tells what was refused."""
    key = deliveries.key(operator)
    policy = json.loads(operator("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    said = [statement for statement in policy["Statement"] if _EVENTBRIDGE in json.dumps(statement)]
    return (
        f"the decision is lost: EventBridge could not put it into the encrypted queue {deliveries.queue}. "
        f"The policy of its key {key} says of {_EVENTBRIDGE}: {json.dumps(said)}"
    )


def _take_out(sqs: Any, queue: str) -> str:
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return str(message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"])
