"""The machine that retrains: complete, alone, patient, and nobody misses what it did not do."""

import graphlib
from dataclasses import replace

import pytest

from stacks.parts.layout import Bucket, Zone
from stacks.retraining.approval import ApprovalRule
from stacks.retraining.machine import Retraining, retraining_machine
from tests.stacks.machines import (
    Json,
    check_call,
    check_every_state_is_reached,
    check_paths_of_result,
    successors,
)

ALERTS = "arn:aws:sns:us-east-1:1:alerts"
BY_PEOPLE = Retraining("dev-rents", Zone(Bucket.named("data"), "raw/rents"), "", ["dev-rents-drift"], 7)
BY_ITSELF = Retraining(
    "dev-rents",
    BY_PEOPLE.deliveries,
    "arn:aws:states:us-east-1:1:stateMachine:ingest",
    ["dev-rents-drift"],
    7,
)
VERSION = "arn:aws:sagemaker:us-east-1:1:model-package/dev-rents/{}"
OF_THE_RULE = ("ReadRegistered", "FindNewestDecided", "ReadVersion", "Approve")
"""Whatever fails there, a version waits."""
BY_RULE = replace(BY_PEOPLE, rule=ApprovalRule("dev-rents", VERSION, 0.02))


@pytest.fixture(
    scope="module",
    params=[BY_PEOPLE, BY_ITSELF, BY_RULE],
    ids=["people deliver", "a machine delivers", "a rule approves"],
)
def states(request: pytest.FixtureRequest) -> dict[str, Json]:
    found: dict[str, Json] = retraining_machine(request.param, ALERTS)["States"]
    return found


def test_every_state_leads_to_a_state_that_exists_and_is_reached(states: dict[str, Json]) -> None:
    check_every_state_is_reached(states, "AwaitOthers")


def test_every_loop_waits(states: dict[str, Json]) -> None:
    # It goes on only after the waits that it counts.
    waiting = {"HasWaited", *(name for name, state in states.items() if state["Type"] == "Wait")}
    without_waiting = {name: set(successors(s)) for name, s in states.items() if name not in waiting}
    graphlib.TopologicalSorter(without_waiting).prepare()


def test_every_call_exists_and_its_failure_is_told(states: dict[str, Json]) -> None:
    for name, task in states.items():
        if task["Type"] == "Task":
            check_call(name, task)
            check_paths_of_result(name, task)
            expected = {"TellPeople": "CountHours", **dict.fromkeys(OF_THE_RULE, "TellOfVersion")}
            assert [catch["Next"] for catch in task["Catch"]] == [expected.get(name, "TellPeople")], name


def test_whatever_was_done_is_followed_by_a_rest(states: dict[str, Json]) -> None:
    """Only an execution that another one rests for, or one that has rested, ends well without."""
    last = {name for name, state in states.items() if "CountHours" in successors(state)}
    told = {"TellOfNothingNewer", "TellOfVersion"}
    assert last - {"TellPeople"} in (told, told | {"TellOfApproval"}, {"StartIngestion"})
    assert "TellPeople" in last
    ends = {name for name, state in states.items() if state["Type"] == "Succeed"}
    assert ends == {"AnotherRuns", "Rested"}
    assert {name for name, state in states.items() if "Rested" in successors(state)} == {
        "IsAnyRaised",
        "StartAnew",
    }
    (rule,) = states["HasWaited"]["Choices"]
    assert (rule["NumericGreaterThanEquals"], rule["Next"]) == (7 * 24, "ReadAlarms")


def test_a_delivery_that_grows_is_waited_for() -> None:
    states = retraining_machine(BY_PEOPLE, ALERTS)["States"]
    assert states["CountObjects"]["Parameters"] == states["CountAgain"]["Parameters"]
    (rule,) = states["IsComplete"]["Choices"]
    assert (rule["NumericEqualsPath"], rule["Next"]) == ("$.Counted.Objects", "NameDelivery")
    assert states["IsComplete"]["Default"] == "CountObjects"


def test_that_data_have_drifted_keeps_no_retrained_version_back() -> None:
    start = retraining_machine(BY_PEOPLE, ALERTS)["States"]["StartPipeline"]["Parameters"]
    assert {"Name": "DriftCheck", "Value": "warn"} in start["PipelineParameters"]


def test_without_a_rule_nothing_approves() -> None:
    for retraining in (BY_PEOPLE, BY_ITSELF):
        assert "updateModelPackage" not in str(retraining_machine(retraining, ALERTS))


def test_only_what_the_rule_is_sure_of_is_approved() -> None:
    """Every way to the approval goes by each of the questions, and each leaves to people what it doubts."""
    states = retraining_machine(BY_RULE, ALERTS)["States"]
    questions = ("IsAnyRegistered", "IsNewestApproved", "IsKnown", "IsBetter")
    assert {states[name]["Default"] for name in questions} == {"TellOfVersion"}
    for name in ("HasPipelineEnded", *questions):
        assert "Approve" not in _reached({**states, name: {"Type": "Succeed"}}, "StartPipeline"), name
    approve = states["Approve"]["Parameters"]
    assert approve["ModelApprovalStatus"] == "Approved"
    assert approve["ModelPackageArn.$"] == "$.Version.Arn"
    # The execution that was started here, whatever else runs or is told.
    assert states["ReadRegistered"]["Parameters"]["PipelineExecutionArn.$"] == "$.Execution.Arn"


def test_between_the_last_look_at_a_version_and_its_approval_nothing_waits() -> None:
    states = retraining_machine(BY_RULE, ALERTS)["States"]
    assert "Retry" not in states["Approve"]
    between = _reached(states, "ReadVersion") - _reached(states, "TellOfVersion") - {"TellOfApproval"}
    assert {name for name in between if states[name]["Type"] in ("Task", "Wait")} == {
        "ReadVersion",
        "Approve",
    }


def _reached(states: dict[str, Json], first: str) -> set[str]:
    found, waiting = set[str](), [first]
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting += [each for each in successors(states[name]) if each not in found]
    return found


def test_an_execution_chooses_neither_margin_nor_threshold() -> None:
    start = retraining_machine(BY_RULE, ALERTS)["States"]["StartPipeline"]["Parameters"]
    assert {each["Name"] for each in start["PipelineParameters"]} == {"InputData", "DriftCheck"}


def test_a_list_of_objects_fits_into_a_state() -> None:
    states = retraining_machine(BY_PEOPLE, ALERTS)["States"].values()
    lists = [state for state in states if state.get("Resource", "").endswith("s3:listObjectsV2")]
    assert [state["Parameters"]["MaxKeys"] for state in lists] == [500] * 3
