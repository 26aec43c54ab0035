"""Deliveries come by themselves, by the machine that is tested, with its rights, and none fails unnoticed."""

import pytest

from stacks.ingestion.machine import Delivery, Export, ingestion_machine
from stacks.parts.layout import Bucket, Zone
from tests.stacks.cloud import Cloud, Resource, text_of
from tests.stacks.machines import (
    FILLED,
    check_calls_are_allowed,
    machines_called,
    states_of,
    successors,
)
from tests.stacks.roles import roles_of

SCHEDULE = "AWS::Scheduler::Schedule"


@pytest.fixture
def machines(cloud: Cloud) -> list[Resource]:
    return machines_called("-ingest", cloud) or cloud.lacks("a source that is delivered by itself")


def _schedules(machine: Resource) -> list[Resource]:
    return machine.template.of_type(SCHEDULE)


def _job(cloud: Cloud, machine: Resource) -> Resource:
    (job,) = machine.template.of_type("AWS::Glue::Job")
    assert states_of(machine)["StartJob"]["Parameters"]["JobName"] == job.get("Name"), machine
    return job


def test_the_deployed_machine_is_the_one_that_is_tested(cloud: Cloud, machines: list[Resource]) -> None:
    for machine in machines:
        (pipeline,) = machine.template.of_type("AWS::SageMaker::Pipeline")
        name = pipeline.get("PipelineName")
        use_case = name.removeprefix(f"{machine.template.prefix}-")
        states = states_of(machine)
        export = None
        if "Export" in states:
            table = states["Export"]["Parameters"]["TableArn"]
            here = f"arn:aws:dynamodb:{machine.template.region}:{machine.template.account}:table/"
            assert table.startswith(here), machine
            export = Export(table, FILLED)
        target = Zone(Bucket.named(FILLED), f"raw/{use_case}")
        delivery = Delivery(
            _job(cloud, machine).get("Name"), target, name, export, may_be_nothing="LookForDelivery" in states
        )
        assert states == ingestion_machine(delivery, FILLED)["States"], machine


def test_nothing_is_trained_with_before_its_rows_are_held_against_rules(
    cloud: Cloud, machines: list[Resource]
) -> None:
    """By a job that runs in the network, one at a time, and whose rules are those of the use case."""
    for machine in machines:
        job, states = _job(cloud, machine), states_of(machine)
        before = {name for name, state in states.items() if "StartPipeline" in successors(state)}
        assert before <= {"HasJobEnded", "IsDelivered"}, machine
        (rules,) = job.template.of_type("AWS::Glue::DataQualityRuleset")
        assert job.get("DefaultArguments")["--rules"] == rules.get("Name"), job
        assert "RowCount > 0" in rules.get("Ruleset"), rules
        (connection,) = job.template.of_type("AWS::Glue::Connection")
        assert job.get("Connections", "Connections") == [connection.get("ConnectionInput", "Name")], job
        place = connection.get("ConnectionInput", "PhysicalConnectionRequirements")
        assert place["SubnetId"], connection
        assert place["SecurityGroupIdList"], connection
        (encryption,) = job.template.of_type("AWS::Glue::SecurityConfiguration")
        assert job.get("SecurityConfiguration") == encryption.get("Name"), job
        assert job.get("ExecutionProperty", "MaxConcurrentRuns") == 1, job
        assert job.get("MaxRetries") == 0, job


def test_a_job_reads_one_secret_at_most_and_writes_deliveries_of_its_use_case_alone(
    cloud: Cloud, machines: list[Resource]
) -> None:
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for machine in machines:
        job = _job(cloud, machine)
        role, arguments = roles[str(cloud.the_one(job, "Role"))], job.get("DefaultArguments")
        secrets = [s["Resource"] for s in role.allowing("secretsmanager:GetSecretValue")]
        wanted = f":secret:{arguments.get('--secret')}-??????"
        assert [text_of(secret, lambda _: FILLED)[-len(wanted) :] for secret in secrets] == (
            [wanted] if "--secret" in arguments else []
        ), job
        use_case = job.get("Name").removeprefix(f"{job.template.prefix}-").removesuffix("-deliver")
        for statement in role.allowing("s3:PutObject"):
            assert text_of(statement["Resource"], lambda _: FILLED) == f"{FILLED}/raw/{use_case}/*", job
        assert role.allowing("s3:PutObject") or arguments["--kind"] == "dynamodb", job
        assert not role.allowing("s3:DeleteObject"), job


def test_the_machine_calls_only_what_its_role_allows(cloud: Cloud, machines: list[Resource]) -> None:
    check_calls_are_allowed(machines, cloud)


def test_dynamodb_exports_in_the_name_of_the_machines_role(cloud: Cloud, machines: list[Resource]) -> None:
    roles = {str(role.resource): role for role in roles_of(cloud)}
    exporting = [machine for machine in machines if "Export" in states_of(machine)]
    for machine in exporting or cloud.lacks("a table of DynamoDB that is exported"):
        assert roles[str(cloud.the_one(machine, "RoleArn"))].allowing("s3:PutObject"), machine


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
