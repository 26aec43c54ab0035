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


def action_of(task: Json) -> str:
    assert task["Resource"].startswith(_SDK)
    action: str = task["Resource"].removeprefix(_SDK)
    return action


def check_call(name: str, task: Json) -> None:
    """The call exists, and has parameters that the API knows, and those that it needs."""
    service, action = action_of(task).split(":")
    operations = botocore.session.get_session().get_service_model(service)
    operation = operations.operation_model(action[0].upper() + action[1:])
    parameters = {key.removesuffix(".$") for key in task["Parameters"]}
    assert parameters <= operation.input_shape.members.keys(), name
    assert set(operation.input_shape.required_members) <= parameters, name


def check_paths_of_result(name: str, task: Json) -> None:
    """What is selected of the answer is there."""
    service, action = action_of(task).split(":")
    operations = botocore.session.get_session().get_service_model(service)
    shape = operations.operation_model(action[0].upper() + action[1:]).output_shape
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
    return shape.members.get(key) if shape.type_name == "structure" else None
