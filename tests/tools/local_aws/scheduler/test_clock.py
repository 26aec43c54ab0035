"""Schedules start state machines when the hour strikes, as their role, and tell them their time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import Queue, allow, eventually, make_role, unique
from tools.local_aws.clients import ControlError
from tools.local_aws.process import LocalAws
from tools.local_aws.scheduler.clock import scheduled_time

SCHEDULER, STATES = {"Service": "scheduler.amazonaws.com"}, {"Service": "states.amazonaws.com"}
EVERY_HOUR = "cron(59 * * * ? *)"
INPUT = json.dumps({"time": "<aws.scheduler.scheduled-time>"})


@pytest.fixture
def machine(local_aws: LocalAws) -> str:
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    answer = local_aws.client("stepfunctions").create_state_machine(
        name=unique("machine"), definition=json.dumps(definition), roleArn=make_role(local_aws, STATES)
    )
    return str(answer["stateMachineArn"])


class Schedules:
    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.client = aws.client("scheduler")
        self.names: list[str] = []

    def make(
        self, target: str, role: str, expression: str = EVERY_HOUR, state: str = "ENABLED", **more: Any
    ) -> str:
        name = unique("schedule")
        self.client.create_schedule(
            Name=name,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            State=state,
            Target={"Arn": target, "RoleArn": role, "Input": INPUT, **more},
        )
        self.names.append(name)
        return name

    def strike(self) -> list[str]:
        return list(self.aws.control("strike-hour")["started"])


@pytest.fixture
def schedules(local_aws: LocalAws) -> Iterator[Schedules]:
    made = Schedules(local_aws)
    yield made
    for name in made.names:
        made.client.delete_schedule(Name=name)


def test_the_hour_strikes_and_the_machine_hears_the_time_of_the_schedule(
    local_aws: LocalAws, machine: str, schedules: Schedules
) -> None:
    role = make_role(local_aws, SCHEDULER, allow("states:StartExecution", resource=machine))
    name = schedules.make(machine, role)
    before = datetime.now(UTC)
    assert name in schedules.strike()
    client = local_aws.client("stepfunctions")

    def ended() -> Any:
        executions = client.list_executions(stateMachineArn=machine)["executions"]
        return executions[0] if executions and executions[0]["status"] == "SUCCEEDED" else None

    execution = client.describe_execution(executionArn=eventually(ended)["executionArn"])
    hours = {f"{moment:%Y-%m-%dT%H}:59:00Z" for moment in (before, datetime.now(UTC))}
    assert json.loads(execution["input"])["time"] in hours


def test_a_schedule_that_is_off_starts_nothing(
    local_aws: LocalAws, machine: str, schedules: Schedules
) -> None:
    role = make_role(local_aws, SCHEDULER, allow("states:StartExecution", resource=machine))
    assert schedules.make(machine, role, state="DISABLED") not in schedules.strike()


def test_a_role_that_may_not_start_the_machine_makes_the_strike_fail(
    local_aws: LocalAws, machine: str, schedules: Schedules
) -> None:
    schedules.make(machine, make_role(local_aws, SCHEDULER))
    with pytest.raises(ControlError, match="states:StartExecution"):
        schedules.strike()


def test_what_could_not_be_started_waits_in_the_queue_of_the_schedule(
    local_aws: LocalAws, machine: str, schedules: Schedules
) -> None:
    queue = Queue(local_aws)
    role = make_role(local_aws, SCHEDULER, allow("sqs:SendMessage", resource=queue.arn))
    schedules.make(machine, role, DeadLetterConfig={"Arn": queue.arn})
    schedules.strike()
    message = queue.next_message()
    assert json.loads(message["Body"]).keys() == {"time"}
    assert message["MessageAttributes"]["TARGET_ARN"]["StringValue"] == machine
    assert "states:StartExecution" in message["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]


def test_a_role_that_does_not_trust_the_scheduler_is_refused(
    local_aws: LocalAws, machine: str, schedules: Schedules
) -> None:
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        schedules.make(machine, make_role(local_aws, STATES, allow("states:StartExecution")))


@pytest.mark.parametrize(
    ("target", "expression", "why"),
    [
        ("arn:aws:sqs:us-east-1:111111111111:queue", EVERY_HOUR, "schedules state machines only"),
        ("arn:aws:states:us-east-1:111111111111:stateMachine:x", "at(2026-11-22T03:00:00)", "what repeats"),
    ],
)
def test_what_would_never_start_here_is_refused_at_once(
    local_aws: LocalAws, schedules: Schedules, target: str, expression: str, why: str
) -> None:
    role = make_role(local_aws, SCHEDULER, allow("states:StartExecution"))
    with pytest.raises(ClientError, match=why):
        schedules.make(target, role, expression)


@pytest.mark.parametrize(
    ("expression", "moment", "time"),
    [
        (EVERY_HOUR, "2026-11-21T15:07", "2026-11-21T15:59"),
        ("cron(0 * * * ? *)", "2026-11-21T15:07", "2026-11-21T15:00"),
        ("cron(59 5,11,17,23 * * ? *)", "2026-11-21T15:07", "2026-11-21T17:59"),
        ("cron(59 5 * * ? *)", "2026-11-30T15:07", "2026-12-01T05:59"),
        ("cron(0 3 ? * MON-FRI *)", "2026-11-21T15:07", "2026-11-21T15:07"),
        ("rate(1 day)", "2026-11-21T15:07", "2026-11-21T15:07"),
    ],
)
def test_the_time_is_the_next_one_that_this_hour_allows(expression: str, moment: str, time: str) -> None:
    assert scheduled_time(expression, datetime.fromisoformat(moment)) == datetime.fromisoformat(time)
