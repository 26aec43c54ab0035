"""The release of an environment that follows another one, and what the other one's adds for it."""

import json

import pytest

from stacks.parts.layout import Bucket, Layout, Zone
from stacks.release.decisions import _GROUPS_OF_A_RULE, decisions_on
from stacks.release.followed import Followed
from stacks.release.machine import release_machine
from stacks.release.version import Origin
from tests.stacks.machines import (
    Json,
    check_call,
    check_every_state_is_reached,
    check_paths_of_result,
    reached,
)
from tests.stacks.release.images import check_an_image_is_asked_for

OWN, THERE = Bucket.named("own"), Bucket.named("there")
LAYOUT = Layout(data=OWN, artifacts=OWN, capture=OWN)
ARN = "arn:aws:sagemaker:us-east-1:111111111111:model-package"
FOLLOWED = Followed(
    "prod-{}", f"{ARN}-group/dev-{{}}", f"{ARN}/dev-{{}}/{{}}", Zone(THERE, "models"), ["registry/x"], LAYOUT
)
TOPIC = "arn:aws:sns:us-east-1:222222222222:alerts"


@pytest.fixture(scope="module", params=[False, True], ids=["endpoints", "shared endpoint"])
def states(request: pytest.FixtureRequest) -> dict[str, Json]:
    machine = release_machine(FOLLOWED, TOPIC, shares_endpoint=request.param)
    found: dict[str, Json] = machine["States"]
    return found


def _reached(states: dict[str, Json], without: str = "") -> set[str]:
    return reached(states, "DescribeVersion", without)


def test_every_state_is_reachable_and_leads_on(states: dict[str, Json]) -> None:
    check_every_state_is_reached(states, "DescribeVersion")
    for name, state in states.items():
        assert state["Type"] != "Choice" or "Default" in state, name


def test_every_call_exists_with_its_parameters_and_its_paths(states: dict[str, Json]) -> None:
    of_a_file = states["TakeFiles"]["ItemProcessor"]["States"]
    for name, state in {**states, **of_a_file}.items():
        if state["Type"] == "Task":
            check_call(name, state)
            check_paths_of_result(name, state)


@pytest.mark.parametrize("check", ["IsOfTheRegistry", "WhatWasDecided", "IsServable", "TakeFiles"])
def test_nothing_is_deployed_past_a_check(states: dict[str, Json], check: str) -> None:
    assert not {name for name in _reached(states, without=check) if name.startswith("Update")}


def test_a_version_without_an_image_is_refused_and_told(states: dict[str, Json]) -> None:
    check_an_image_is_asked_for(states["IsServable"])


def test_what_serves_has_the_name_of_this_environment(states: dict[str, Json]) -> None:
    """The version's group is called after the other one."""
    parameters = [state["Parameters"] for name, state in states.items() if name.startswith("Describe")]
    ours = [
        value
        for each in parameters
        for key, value in each.items()
        if key in ("StackName.$", "EndpointName.$", "InferenceComponentName.$")
    ]
    assert len(ours) == 2 + 1 + ("DescribeComponent" in states)
    assert all(value.startswith("States.Format('prod-{}") for value in ours), ours


def test_there_is_no_training_stack_to_update(states: dict[str, Json]) -> None:
    assert {name for name in states if name.startswith("Update")} == {"UpdateServing", "UpdateMonitoring"}


def test_files_come_from_the_other_environment_and_stay_in_this_one(states: dict[str, Json]) -> None:
    for name in ("NameFiles", "NameFilesWithQuality", "NameFilesWithBias", "NameFilesWithGroups"):
        for file in states[name]["Parameters"]["Files"]:
            assert file["Source.$"].startswith("States.Format('there/models/{}/{}/"), file
    copied = states["TakeFiles"]["ItemProcessor"]["States"]
    assert {state["Parameters"]["Bucket"] for state in copied.values() if state["Type"] == "Task"} == {"own"}
    assert states["ReadRecord"]["Parameters"]["Bucket"] == "there"


def test_it_waits_until_the_other_release_has_put_the_record_there(states: dict[str, Json]) -> None:
    (again,) = states["ReadRecord"]["Retry"]
    assert again["IntervalSeconds"] * again["MaxAttempts"] == 600
    assert again["BackoffRate"] == 1


def test_only_the_newest_approved_version_is_deployed(states: dict[str, Json]) -> None:
    asked = states["LookForNewer"]["Parameters"]
    assert (asked["ModelApprovalStatus"], asked["SortOrder"], asked["MaxResults"]) == (
        "Approved",
        "Descending",
        1,
    )
    assert states["IsNewest"]["Default"] == "NothingToDo"
    assert "UpdateServing" not in _reached(states, without="IsNewest")


def test_which_version_is_the_newest_is_asked_after_all_waiting(states: dict[str, Json]) -> None:
    """Two releases that wait for one stack go on in any order; the older one has nothing to do."""
    waits = [name for name, state in states.items() if state["Type"] == "Wait"]
    assert "WaitForServing" in waits
    assert states["IsNewest"]["Choices"][0]["Next"] == "UpdateServing"
    for wait in waits:
        assert "UpdateServing" not in reached(states, wait, without="LookForNewer"), wait


def test_a_rule_forwards_decisions_on_as_many_groups_as_a_pattern_can_name() -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html."""
    longest = [f"{number:063}" for number in range(_GROUPS_OF_A_RULE)]
    assert len(json.dumps(decisions_on(longest), separators=(",", ":"))) <= 2048


def test_who_is_followed_keeps_the_record_last_of_all() -> None:
    """Where it is, every file was compared, and is there; a second release that finds it goes on."""
    origin = Origin("dev-{}", "arn/{}/{}", ["registry/x"], LAYOUT, is_followed=True)
    states = release_machine(origin, TOPIC)["States"]
    assert states["TakeFiles"]["Next"] == "KeepRecord"
    keep = states["KeepRecord"]
    check_call("KeepRecord", keep)
    assert keep["Parameters"]["IfNoneMatch"] == "*"
    assert keep["Parameters"]["CopySource.$"].startswith(
        "States.Format('own/executions/{}/{}/record/record.json'"
    )
    assert keep["Parameters"]["Key.$"].startswith("States.Format('models/{}/{}/record.json'")
    assert {keep["Next"], *(catch["Next"] for catch in keep["Catch"])} == {"FollowsLatest"}


def test_whom_nobody_follows_keeps_no_record() -> None:
    states = release_machine(Origin("dev-{}", "arn/{}/{}", ["registry/x"], LAYOUT), TOPIC)["States"]
    assert "KeepRecord" not in states
