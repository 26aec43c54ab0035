"""An endpoint changes over in a way that its fleet allows."""

from typing import TYPE_CHECKING

import pytest

from config.models.updates import EndpointUpdate

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

PROD, ENDPOINT = "environments/prod", "use_cases.rents.endpoint"
UPDATE = f"{ENDPOINT}.update"
ONE = {"min": 1, "max": 2, "because": "it is a trial"}


@pytest.mark.parametrize(
    ("update", "instances", "words"),
    [
        (
            {"strategy": "blue"},
            {},
            ["update.strategy", "all-at-once, canary, linear, rolling, without-guardrails"],
        ),
        (
            {"strategy": "canary"},
            ONE,
            ["update.strategy", "one instance has none", "let two instances always run"],
        ),
        ({"strategy": "rolling"}, ONE, ["update.strategy", "one instance has none", "write all-at-once"]),
        ({"strategy": "canary", "percent": 60}, {}, ["update.percent: 60", "at least 1 and at most 50"]),
        (
            {"strategy": "linear", "percent": 9},
            {},
            ["update.percent: 9", "is too little", "10 to 50"],
        ),
        (
            {"strategy": "rolling", "percent": 4},
            {},
            ["update.percent: 4", "is too little", "5 to 50"],
        ),
        (
            {"strategy": "canary", "percent": 25},
            {},
            ["update.percent: 25", "of 2 instances is less than one", "50 to 50", "instances.min to 4"],
        ),
        ({"percent": 50}, ONE, ["update.percent: 50", "all traffic moves at once", "left out"]),
        ({"strategy": "all-at-once", "percent": 50}, {}, ["update.percent: 50", "all traffic moves at once"]),
        (
            {"strategy": "without-guardrails", "percent": 50},
            {},
            ["update.percent: 50", "all traffic moves at once"],
        ),
        ({"bake_minutes": 2}, {}, ["update.bake_minutes: 2", "at least 3 and at most 60"]),
        ({"bake_minutes": 61}, {}, ["update.bake_minutes: 61", "at least 3 and at most 60"]),
        ({"latency_p99_ms": 60_001}, {}, ["update.latency_p99_ms: 60001", "1 to 60000"]),
        (
            {"strategy": "linear", "percent": 10, "bake_minutes": 60},
            {"min": 10, "max": 10},
            ["update.bake_minutes: 60", "takes 600 minutes in 10 steps", "at most 42 with 10 steps"],
        ),
    ],
)
def test_an_update_that_a_fleet_does_not_allow_is_told(
    workspace: "Workspace", update: dict[str, object], instances: dict[str, object], words: list[str]
) -> None:
    workspace.set(PROD, UPDATE, update)
    if instances:
        workspace.set(PROD, f"{ENDPOINT}.instances", instances)
    (line,) = workspace.mistakes()
    assert all(word in line for word in words), line


def test_a_fleet_that_rests_on_one_instance_cannot_be_updated_in_parts(workspace: "Workspace") -> None:
    workspace.set("environments/dev", "off_hours", {"stop": "19:00", "start": "07:00"})
    workspace.set("environments/dev", f"{ENDPOINT}.instances", {"min": 2, "max": 2})
    workspace.set("environments/dev", UPDATE, {"strategy": "linear"})
    (line,) = workspace.mistakes()
    assert "update.strategy" in line
    assert "off_hours leaves one instance" in line


def test_a_fleet_that_rests_on_one_instance_has_no_steps(workspace: "Workspace") -> None:
    workspace.set("environments/dev", "off_hours", {"stop": "19:00", "start": "07:00"})
    workspace.set("environments/dev", f"{ENDPOINT}.instances", {"min": 2, "max": 2})
    workspace.set("environments/dev", UPDATE, {"percent": 50})
    (line,) = workspace.mistakes()
    assert "update.percent: 50" in line
    assert "off_hours leaves one instance" in line


def test_what_waits_does_not_rest_by_the_clock(workspace: "Workspace") -> None:
    workspace.set("environments/dev", "off_hours", {"stop": "19:00", "start": "07:00"})
    queues = {"instances": {"min": 2, "max": 2}, "asynchronous": {}, "update": {"strategy": "canary"}}
    workspace.set("environments/dev", ENDPOINT, queues)
    unwatched = {"capture_percentage": 0, "because": "whoever reads the answers compares them"}
    workspace.set("environments/dev", ENDPOINT.replace("endpoint", "monitoring"), unwatched)
    (deployment,) = workspace.load().environments[0].use_cases.values()
    assert deployment.endpoint.update.strategy == "canary"


def test_without_a_word_two_instances_are_tried_by_half_and_one_is_replaced() -> None:
    update = EndpointUpdate()
    assert (update.chosen(2), update.chosen(1)) == ("canary", "all-at-once")
    assert (update.step_percent, update.bake_minutes, update.latency_p99_ms) == (50, 5, None)
