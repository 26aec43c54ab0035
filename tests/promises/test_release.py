"""The release that is deployed is the machine that is tested, within its role's permissions, and logged."""

import json

from stacks.parts.images import xgboost_image
from stacks.parts.layout import Bucket, Zone
from stacks.release.machine import Pipelines, release_machine
from tests.stacks.cloud import Cloud, Resource, text_of
from tests.stacks.roles import roles_of

ARTIFACTS = Bucket.named("filled")
MODELS = Zone(ARTIFACTS, "models")
MACHINE = "AWS::StepFunctions::StateMachine"
# Step Functions names actions in camel case; copying is reading and writing for IAM.
IAM_ACTIONS = {"s3:copyObject": {"s3:GetObject", "s3:PutObject"}}


def _releases(cloud: Cloud) -> list[Resource]:
    return [each for each in cloud.of_type(MACHINE) if each.template.short_name == "release"]


def _pipelines(machine: Resource) -> Pipelines:
    here = machine.template
    repository = xgboost_image(here.region).partition(":")[0]
    zones = (Zone(ARTIFACTS, prefix) for prefix in ("training", "executions"))
    return Pipelines(f"{here.prefix}-{{}}", repository, *zones)


def test_the_deployed_machine_is_the_one_that_is_tested(cloud: Cloud) -> None:
    for machine in _releases(cloud):
        deployed = json.loads(text_of(machine.get("DefinitionString"), lambda _: "filled"))
        assert deployed == release_machine(_pipelines(machine), MODELS, "filled"), machine


def test_the_machine_calls_only_what_its_role_allows(cloud: Cloud) -> None:
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for machine in _releases(cloud):
        role = roles[str(cloud.the_one(machine, "RoleArn"))]
        for state in release_machine(_pipelines(machine), MODELS, "topic")["States"].values():
            if state["Type"] == "Task":
                service, action = state["Resource"].removeprefix("arn:aws:states:::aws-sdk:").split(":")
                called = f"{service}:{action[0].upper()}{action[1:]}"
                for needed in IAM_ACTIONS.get(f"{service}:{action}", {called}):
                    assert role.allowing(needed), f"{machine}: {needed}"


def test_every_execution_is_logged(cloud: Cloud) -> None:
    for machine in cloud.of_type(MACHINE):
        assert machine.get("LoggingConfiguration", "Level") == "ALL", machine
        assert machine.get("LoggingConfiguration", "IncludeExecutionData") is True, machine
        assert machine.get("TracingConfiguration", "Enabled") is True, machine
        assert cloud.the_one(machine, "LoggingConfiguration").type == "AWS::Logs::LogGroup", machine
