"""Deliveries come by themselves, by the machine that is tested, with its rights, and none fails unnoticed."""

import json

import pytest

from stacks.ingestion.machine import Delivery, ingestion_machine
from stacks.parts.layout import Bucket, Zone
from tests.stacks.cloud import Cloud, Json, Resource, text_of
from tests.stacks.machines import action_of
from tests.stacks.roles import roles_of

MACHINE, SCHEDULE, FILLED = "AWS::StepFunctions::StateMachine", "AWS::Scheduler::Schedule", "filled"


@pytest.fixture
def machines(cloud: Cloud) -> list[Resource]:
    found = [each for each in cloud.of_type(MACHINE) if each.get("StateMachineName").endswith("-ingest")]
    return found or cloud.lacks("a source that is delivered by itself")


def _schedules(machine: Resource) -> list[Resource]:
    return machine.template.of_type(SCHEDULE)


def _states(machine: Resource) -> dict[str, Json]:
    definition = json.loads(text_of(machine.get("DefinitionString"), lambda _: FILLED))
    states: dict[str, Json] = definition["States"]
    return states


def test_the_deployed_machine_is_the_one_that_is_tested(machines: list[Resource]) -> None:
    for machine in machines:
        (pipeline,) = machine.template.of_type("AWS::SageMaker::Pipeline")
        name = pipeline.get("PipelineName")
        use_case = name.removeprefix(f"{machine.template.prefix}-")
        states = _states(machine)
        table = states["Export"]["Parameters"]["TableArn"]
        target = Zone(Bucket.named(FILLED), f"raw/{use_case}")
        assert states == ingestion_machine(Delivery(table, target, FILLED, name), FILLED)["States"], machine
        here = f"arn:aws:dynamodb:{machine.template.region}:{machine.template.account}:table/"
        assert table.startswith(here), machine


def test_the_machine_calls_only_what_its_role_allows(cloud: Cloud, machines: list[Resource]) -> None:
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for machine in machines:
        role = roles[str(cloud.the_one(machine, "RoleArn"))]
        for state in _states(machine).values():
            if state["Type"] == "Task":
                service, action = action_of(state).split(":")
                needed = f"{service}:{action[0].upper()}{action[1:]}"
                assert role.allowing(needed), f"{machine}: {needed}"
        # DynamoDB writes in the name of the role.
        assert role.allowing("s3:PutObject"), machine


def test_a_schedule_starts_its_machine_in_utc_and_an_alarm_says_when_it_did_not(
    cloud: Cloud, machines: list[Resource]
) -> None:
    roles = {str(role.resource): role for role in roles_of(cloud)}
    watched = {
        str(queue)
        for alarm in cloud.of_type("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for queue in cloud.referenced(alarm.template, alarm.get("Dimensions"))
    }
    for machine in machines:
        for schedule in _schedules(machine):
            assert cloud.the_one(schedule, "Target", "Arn") == machine, schedule
            assert schedule.get("ScheduleExpressionTimezone") == "UTC", schedule
            queue = cloud.the_one(schedule, "Target", "DeadLetterConfig")
            assert str(queue) in watched, schedule
            role = roles[str(cloud.the_one(schedule, "Target", "RoleArn"))]
            for action, target in (("states:StartExecution", machine), ("sqs:SendMessage", queue)):
                (statement,) = role.allowing(action)
                assert cloud.referenced(schedule.template, statement["Resource"]) == [target], schedule
            assert role.allowing("kms:GenerateDataKey"), schedule
