"""The release as a state machine: complete, reachable, and within its role's permissions."""

import graphlib
import json
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from stacks.parts.layout import Bucket, Zone
from stacks.release.machine import release_machine
from tests.stacks.cloud import Cloud

Json = dict[str, Any]
ENDS = {"Succeed", "Fail"}
MODELS = Zone(Bucket.named("filled"), "models")
# Step Functions names actions in camel case; copying is reading and writing for IAM.
IAM_ACTIONS = {"s3:copyObject": {"s3:GetObject", "s3:PutObject"}}


@pytest.fixture(scope="module")
def states() -> dict[str, Json]:
    machine = release_machine(MODELS, "arn:aws:sns:us-east-1:111111111111:alerts")
    found: dict[str, Json] = machine["States"]
    return found


def _successors(state: Json) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    for rule in [*state.get("Choices", []), *state.get("Catch", [])]:
        yield rule["Next"]
    if "Default" in state:
        yield state["Default"]


def _tasks(states: dict[str, Json]) -> dict[str, Json]:
    return {name: state for name, state in states.items() if state["Type"] == "Task"}


def _action(task: Json) -> str:
    prefix = "arn:aws:states:::aws-sdk:"
    assert task["Resource"].startswith(prefix)
    action: str = task["Resource"].removeprefix(prefix)
    return action


def test_every_state_leads_to_a_state_that_exists(states: dict[str, Json]) -> None:
    for name, state in states.items():
        assert set(_successors(state)) <= states.keys(), name
        assert bool(list(_successors(state))) is (state["Type"] not in ENDS), name


def test_every_choice_has_a_default(states: dict[str, Json]) -> None:
    for name, state in states.items():
        assert state["Type"] != "Choice" or "Default" in state, name


def test_every_state_is_reachable(states: dict[str, Json]) -> None:
    reached, waiting = set(), ["DescribeVersion"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _successors(states[name])
    assert reached == states.keys()


def test_every_loop_waits(states: dict[str, Json]) -> None:
    """Polling without waiting would use up the execution's 25 000 events."""
    without_waiting = {
        name: set(_successors(state)) for name, state in states.items() if state["Type"] != "Wait"
    }
    graphlib.TopologicalSorter(without_waiting).prepare()


def test_no_call_replaces_what_later_states_read(states: dict[str, Json]) -> None:
    for name, task in _tasks(states).items():
        assert task.get("ResultPath", "$").startswith("$.") or task["Next"] == "ReleaseFailed", name


def test_every_call_is_tried_again_and_its_failure_told(states: dict[str, Json]) -> None:
    for name, task in _tasks(states).items():
        if name != "TellPeople":
            assert task["Retry"], name
            assert [catch["Next"] for catch in task["Catch"]] == ["TellPeople"], name
    assert states["TellPeople"]["Next"] == "ReleaseFailed"
    assert states["ReleaseFailed"]["Type"] == "Fail"


def test_every_call_exists_and_has_parameters_that_the_api_knows(states: dict[str, Json]) -> None:
    session = botocore.session.get_session()
    for name, task in _tasks(states).items():
        service, action = _action(task).split(":")
        operations = session.get_service_model(service)
        operation = operations.operation_model(action[0].upper() + action[1:])
        parameters = {key.removesuffix(".$") for key in task["Parameters"]}
        assert parameters <= operation.input_shape.members.keys(), name
        assert set(operation.input_shape.required_members) <= parameters, name


def test_paths_of_results_exist_in_the_answers(states: dict[str, Json]) -> None:
    session = botocore.session.get_session()
    for name, task in _tasks(states).items():
        service, action = _action(task).split(":")
        shape = (
            session.get_service_model(service).operation_model(action[0].upper() + action[1:]).output_shape
        )
        for value in task.get("ResultSelector", {}).values():
            for path in re.findall(r"\$\.([\w.\[\]]+)", value):
                member = shape
                for key in re.findall(r"\w+", path):
                    member = _member(member, key)
                    assert member is not None, f"{name}: {path}"


def _member(shape: Any, key: str) -> Any:
    if shape.type_name == "list" and key.isdigit():
        return shape.member
    if shape.type_name == "map":
        return shape.value
    return shape.members.get(key) if shape.type_name == "structure" else None


def test_the_machine_calls_only_what_its_role_allows(cloud: Cloud) -> None:
    for machine in cloud.of_type("AWS::StepFunctions::StateMachine"):
        role = cloud.the_one(machine, "RoleArn")
        allowed = {
            action
            for policy in cloud.of_type("AWS::IAM::ManagedPolicy")
            if role in cloud.referenced(policy.template, policy.get("Roles"))
            for statement in policy.get("PolicyDocument", "Statement")
            for action in _as_list(statement["Action"])
        }
        states = release_machine(MODELS, "topic")["States"]
        for task in _tasks(states).values():
            service, action = _action(task).split(":")
            needed = IAM_ACTIONS.get(f"{service}:{action}", {f"{service}:{action[0].upper()}{action[1:]}"})
            assert needed <= allowed, machine


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_the_deployed_machine_is_the_one_that_is_tested(cloud: Cloud, states: dict[str, Json]) -> None:
    for machine in cloud.of_type("AWS::StepFunctions::StateMachine"):
        pieces = machine.get("DefinitionString")["Fn::Join"][1]
        text = "".join(piece if isinstance(piece, str) else "filled" for piece in pieces)
        deployed = json.loads(text)
        assert deployed == release_machine(MODELS, "filled")
        assert deployed["States"].keys() == states.keys()


def test_every_execution_is_logged(cloud: Cloud) -> None:
    for machine in cloud.of_type("AWS::StepFunctions::StateMachine"):
        assert machine.get("LoggingConfiguration", "Level") == "ALL", machine
        assert cloud.the_one(machine, "LoggingConfiguration").type == "AWS::Logs::LogGroup", machine


def test_the_machine_may_release_exactly_the_stacks_of_its_environment(cloud: Cloud) -> None:
    for policy in cloud.of_type("AWS::IAM::ManagedPolicy"):
        for statement in policy.get("PolicyDocument", "Statement"):
            if statement["Sid"] == "DeployVersion":
                here = policy.template
                stacks = f"arn:aws:cloudformation:{here.region}:{here.account}:stack/{here.environment}-*"
                assert statement["Resource"] == [f"{stacks}-serving/*", f"{stacks}-monitoring/*"]
