"""Models are trained anew by the machine that is tested, with its rights, and none misses its alarm."""

import pytest

from config.settings import Environment
from stacks.parts.layout import Bucket, Zone
from stacks.retraining.approval import ApprovalRule
from stacks.retraining.machine import Retraining, retraining_machine
from tests.stacks.cloud import Cloud, Resource, listed, text_of
from tests.stacks.machines import (
    FILLED,
    check_calls_are_allowed,
    check_people_hear_of_failures,
    machines_called,
    states_of,
)
from tests.stacks.roles import roles_of

ONLY_TO_APPROVE = {
    "StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"},
    "Null": {
        "sagemaker:CustomerMetadataPropertiesToRemove": "true",
        "sagemaker:ModelLifeCycle:Stage": "true",
    },
}
RULE = "AWS::Events::Rule"


@pytest.fixture
def machines(cloud: Cloud) -> list[Resource]:
    return machines_called("-retrain", cloud) or cloud.lacks("a model that is trained anew by itself")


def _rule(
    environment: str, environments: dict[str, Environment], pipeline: str, use_case: str
) -> ApprovalRule | None:
    retraining = environments[environment].use_cases[use_case].retraining
    if retraining is None or retraining.approve_when_better_by is None:
        return None
    account, region = environments[environment].account, environments[environment].region
    version = f"arn:aws:sagemaker:{region}:{account}:model-package/{pipeline}/{{}}"
    return ApprovalRule(pipeline, version, retraining.approve_when_better_by)


def test_the_deployed_machine_is_the_one_that_is_tested(
    machines: list[Resource], environments: dict[str, Environment]
) -> None:
    for machine in machines:
        states = states_of(machine)
        pipeline = machine.get("StateMachineName").removesuffix("-retrain")
        use_case = pipeline.removeprefix(f"{machine.template.prefix}-")
        brings = states.get("StartIngestion", {"Parameters": {"StateMachineArn": ""}})
        expected = Retraining(
            pipeline,
            Zone(Bucket.named(FILLED), f"raw/{use_case}"),
            brings["Parameters"]["StateMachineArn"],
            states["ReadAlarms"]["Parameters"]["AlarmNames"],
            states["HasWaited"]["Choices"][0]["NumericGreaterThanEquals"] // 24,
            _rule(machine.template.environment, environments, pipeline, use_case),
        )
        assert states == retraining_machine(expected, FILLED)["States"], machine


def test_a_machine_approves_versions_of_those_use_cases_that_say_so(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    for role in (each for each in roles_of(cloud) if each.name == "Retrain"):
        environment = environments[role.resource.template.environment]
        said = [
            f"{environment.prefix}-{name}"
            for name, deployment in environment.use_cases.items()
            if deployment.retraining and deployment.retraining.approve_when_better_by
        ]
        given = role.allowing("sagemaker:UpdateModelPackage")
        assert all(each["Condition"] == ONLY_TO_APPROVE for each in given), role
        named = [text_of(resource) for each in given for resource in listed(each["Resource"])]
        assert [name.split("/")[1] for name in named] == said, role


def test_the_machine_calls_only_what_its_role_allows(cloud: Cloud, machines: list[Resource]) -> None:
    check_calls_are_allowed(machines, cloud)


def test_the_alarms_that_the_machine_reads_start_it(cloud: Cloud, machines: list[Resource]) -> None:
    """By their raised state only; what could not be delivered waits in a queue that an alarm watches."""
    for machine in machines:
        (rule,) = [
            rule
            for rule in machine.template.of_type(RULE)
            if cloud.referenced(rule.template, rule.get("Targets")[0]["Arn"]) == [machine]
        ]
        pattern = rule.get("EventPattern")
        asking = cloud.referenced(rule.template, pattern["resources"])
        assert asking, rule
        assert {alarm.type for alarm in asking} == {"AWS::CloudWatch::Alarm"}, rule
        assert pattern["detail"] == {"state": {"value": ["ALARM"]}}, rule
        read = [
            each
            for each in cloud.referenced(machine.template, machine.get("DefinitionString"))
            if each.type == "AWS::CloudWatch::Alarm"
        ]
        assert sorted(map(str, read)) == sorted(map(str, asking)), machine
        assert rule.get("Targets")[0]["DeadLetterConfig"], rule


def test_people_hear_of_a_machine_that_does_not_succeed(cloud: Cloud, machines: list[Resource]) -> None:
    check_people_hear_of_failures(machines, cloud)
