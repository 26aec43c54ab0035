"""What holds of every state machine that is data: where its states lead, and what its calls may say."""

import re
from collections.abc import Iterator
from typing import Any

import botocore.session

Json = dict[str, Any]
ENDS = {"Succeed", "Fail"}
_SDK = "arn:aws:states:::aws-sdk:"


def successors(state: Json) -> Iterator[str]:
    if "Next" in state:
        yield state["Next"]
    for rule in [*state.get("Choices", []), *state.get("Catch", [])]:
        yield rule["Next"]
    if "Default" in state:
        yield state["Default"]


def check_every_state_is_reached(states: dict[str, Json], first: str) -> None:
    """Every state leads to one that exists, or ends, and is reached from the first."""
    reached, waiting = set(), [first]
    while waiting:
        name = waiting.pop()
        assert bool(list(successors(states[name]))) is (states[name]["Type"] not in ENDS), name
        waiting += [each for each in successors(states[name]) if each not in reached]
        reached.add(name)
    assert reached == states.keys()


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
