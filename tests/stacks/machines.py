"""What holds of every state machine that is data: where its states lead, and what its calls may say."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import botocore.session

from tests.stacks.cloud import Cloud, Resource, text_of
from tests.stacks.roles import roles_of

Json = dict[str, Any]
ENDS = {"Succeed", "Fail"}
WITHOUT_SUCCESS = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
FILLED = "filled"
"""In a definition that is read from a template: whatever CloudFormation puts there."""
_SDK = "arn:aws:states:::aws-sdk:"
_IAM_PREFIXES = {"sfn": "states"}
_IAM_ACTIONS = {"s3:ListObjectsV2": "s3:ListBucket"}


def machines_called(ending: str, cloud: Cloud) -> list[Resource]:
    """The state machines whose names end so."""
    machines = cloud.of_type("AWS::StepFunctions::StateMachine")
    return [each for each in machines if each.get("StateMachineName").endswith(ending)]


def states_of(machine: Resource) -> dict[str, Json]:
    """The states of a machine in a template, by name."""
    definition = json.loads(text_of(machine.get("DefinitionString"), lambda _: FILLED))
    states: dict[str, Json] = definition["States"]
    return states


def check_calls_are_allowed(machines: Iterable[Resource], cloud: Cloud) -> None:
    """The role of each machine allows what its states call."""
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for machine in machines:
        role = roles[str(cloud.the_one(machine, "RoleArn"))]
        for state in states_of(machine).values():
            if state["Type"] == "Task":
                needed = _permission(state)
                assert role.allowing(needed), f"{machine}: {needed}"


def _permission(task: Json) -> str:
    service, action = action_of(task).split(":")
    permission = f"{_IAM_PREFIXES.get(service, service)}:{action[0].upper()}{action[1:]}"
    return _IAM_ACTIONS.get(permission, permission)


def check_people_hear_of_failures(machines: Iterable[Resource], cloud: Cloud) -> None:
    """An alarm on each machine tells of every way in which an execution does not succeed."""
    told = {
        str(watched)
        for alarm in cloud.of_type("AWS::CloudWatch::Alarm")
        if alarm.get("AlarmActions") and tells_of_failures(alarm)
        for watched in cloud.referenced(alarm.template, alarm.get("Metrics"))
    }
    assert set(map(str, machines)) <= told


def tells_of_failures(alarm: Resource) -> bool:
    expression, *metrics = alarm.get("Metrics") or [{}]
    stats = [item["MetricStat"] for item in metrics]
    named = {stat["Metric"]["MetricName"] for stat in stats if stat["Stat"] == "Sum"}
    told = (alarm.get("ComparisonOperator"), alarm.get("Threshold"), expression.get("Expression"))
    return named == WITHOUT_SUCCESS and told == ("GreaterThanOrEqualToThreshold", 1, "SUM(METRICS())")


def successors(state: Json) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    for rule in [*state.get("Choices", []), *state.get("Catch", [])]:
        yield rule["Next"]
    if "Default" in state:
        yield state["Default"]


def reached(states: dict[str, Json], first: str, without: str = "") -> set[str]:
    """The states that one comes to from the first; by way of the one that is left out to none."""
    found, waiting = {without}, [first]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += successors(states[name])
    return found - {without}


def check_every_state_is_reached(states: dict[str, Json], first: str) -> None:
    """Every state leads to one that exists, or ends, and is reached from the first."""
    assert reached(states, first) == states.keys()
    for name, state in states.items():
        assert bool(list(successors(state))) is (state["Type"] not in ENDS), name


def action_of(task: Json) -> str:
    assert task["Resource"].startswith(_SDK)
    action: str = task["Resource"].removeprefix(_SDK)
    return action


def check_call(name: str, task: Json) -> None:
    """The call exists, and has parameters that the API knows, and those that it needs."""
    operation = _operation(task)
    parameters = {key.removesuffix(".$") for key in task["Parameters"]}
    assert parameters <= set(map(_as_in_states, operation.input_shape.members)), name
    assert set(map(_as_in_states, operation.input_shape.required_members)) <= parameters, name


def _operation(task: Json) -> Any:
    service, action = action_of(task).split(":")
    operations = botocore.session.get_session().get_service_model(
        {"sfn": "stepfunctions"}.get(service, service)
    )
    return operations.operation_model(action[0].upper() + action[1:])


def _as_in_states(member: str) -> str:
    """State machines begin all names of members with a capital letter.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
    """
    return member[0].upper() + member[1:]


def check_paths_of_result(name: str, task: Json) -> None:
    """What is selected of the answer is there."""
    shape = _operation(task).output_shape
    for value in task.get("ResultSelector", {}).values():
        for path in re.findall(r"\$\.([\w.\[\]*]+)", re.sub(r"\?\(.*?\)", "*", value)):
            member = shape
            for key in re.findall(r"\w+|\*", path):
                member = _member(member, key)
                assert member is not None, f"{name}: {path}"


def _member(shape: Any, key: str) -> Any:
    if shape.type_name == "list" and (key.isdigit() or key == "*"):
        return shape.member
    if shape.type_name == "map":
        return shape.value
    if shape.type_name != "structure":
        return None
    return {_as_in_states(name): member for name, member in shape.members.items()}.get(key)
