"""The release as a state machine: complete, reachable, and within its role's permissions."""

import graphlib
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest

from stacks.parts.layout import Bucket, Zone
from stacks.release.machine import Pipelines, release_machine

Json = dict[str, Any]
ENDS = {"Succeed", "Fail"}
ARTIFACTS = Bucket.named("filled")
MODELS = Zone(ARTIFACTS, "models")
PIPELINES = Pipelines(
    "dev-{}", "registry/xgboost", Zone(ARTIFACTS, "training"), Zone(ARTIFACTS, "executions")
)


@pytest.fixture(scope="module")
def states() -> dict[str, Json]:
    machine = release_machine(PIPELINES, MODELS, "arn:aws:sns:us-east-1:111111111111:alerts")
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


def _reached(states: dict[str, Json], without: str = "") -> set[str]:
    reached, waiting = {without}, ["DescribeVersion"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _successors(states[name])
    return reached - {without}


def _updates(states: dict[str, Json], without: str = "") -> set[str]:
    return {name for name in _reached(states, without) if name.startswith("Update")}


def test_every_state_is_reachable(states: dict[str, Json]) -> None:
    assert _reached(states) == states.keys()


def test_what_no_pipeline_has_made_is_not_deployed(states: dict[str, Json]) -> None:
    assert not _updates(states, without="IsFromThePipeline")


def test_only_an_approved_version_is_taken(states: dict[str, Json]) -> None:
    """A rejection leads to another version, which is read and looked at from the beginning."""
    approved, rejected = states["WhatWasDecided"]["Choices"]
    assert (approved["Variable"], approved["StringEquals"]) == ("$.Package.Status", "Approved")
    only_rejections = {**states["WhatWasDecided"], "Choices": [rejected]}
    assert not _updates({**states, "WhatWasDecided": only_rejections})


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
