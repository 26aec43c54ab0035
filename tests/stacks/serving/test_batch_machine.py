"""The state machine of batches: the day's folder, one job that has an end, and people who hear of it."""

from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from config.settings import BatchTransform
from stacks.parts.layout import Bucket, Zone
from stacks.parts.pipeline_runs import POLL_SECONDS
from stacks.serving.batch_machine import Batch, batch_machine

Json = dict[str, Any]
CAPTURE = Bucket.named("capture")
BATCH = Batch(
    "dev-rents",
    Zone(CAPTURE, "batch/input/rents"),
    Zone(CAPTURE, "batch/output/rents"),
    {
        "ModelName": "rents",
        "TransformInput": {"SplitType": "Line"},
        "TransformOutput": {"Accept": "text/csv"},
    },
    max_hours=6,
    version="7",
)
MONITOR = "arn:aws:states:us-east-1:111111111111:stateMachine:dev-rents-batch-monitor"
TOPIC = "arn:aws:sns:us-east-1:111111111111:alerts"


@pytest.fixture(scope="module", params=[None, MONITOR], ids=["unwatched", "watched"])
def states(request: pytest.FixtureRequest) -> dict[str, Json]:
    found: dict[str, Json] = batch_machine(replace(BATCH, monitor_arn=request.param), TOPIC)["States"]
    return found


@pytest.fixture(scope="module")
def watched() -> dict[str, Json]:
    found: dict[str, Json] = batch_machine(replace(BATCH, monitor_arn=MONITOR), TOPIC)["States"]
    return found


def test_every_state_leads_on_or_ends(states: dict[str, Json]) -> None:
    for name, state in states.items():
        following = [state.get("Next"), state.get("Default"), *(c["Next"] for c in state.get("Choices", []))]
        named = {each for each in following if each}
        assert named <= states.keys(), name
        assert bool(named) is (state["Type"] not in ("Succeed", "Fail")), name


def test_every_call_that_keeps_failing_is_told_to_people(states: dict[str, Json]) -> None:
    for name, state in states.items():
        if state["Type"] == "Task" and name != "TellPeople":
            # What nobody can look at is not left running.
            caught = "StopTransform" if name == "CheckTransform" else "TellPeople"
            assert [rule["Next"] for rule in state["Catch"]] == [caught], name
            assert state["Retry"], name


def test_a_job_reads_the_folder_of_the_day_and_writes_to_one_of_its_own(states: dict[str, Json]) -> None:
    request, named = states["StartTransform"]["Parameters"], states["NameBatch"]["Parameters"]
    source = {"S3DataType": "S3Prefix", "S3Uri.$": "$.Batch.Rows"}
    assert request["TransformInput"] == {"DataSource": {"S3DataSource": source}, "SplitType": "Line"}
    assert request["TransformOutput"] == {"S3OutputPath.$": "$.Batch.Answers", "Accept": "text/csv"}
    assert (request["TransformJobName.$"], request["ModelName"]) == ("$.Batch.Job", "rents")
    day = "$.Parts[0], $.Parts[1], $.Parts[2]"
    assert named["Rows.$"] == f"States.Format('{BATCH.rows.uri()}/{{}}/{{}}/{{}}/', {day})"
    assert named["Answers.$"].startswith(
        f"States.Format('{BATCH.answers.uri()}/{{}}/{{}}/{{}}/{{}}/', {day}, "
    )


def test_a_folder_that_is_itself_an_object_is_no_row(states: dict[str, Json]) -> None:
    looked = states["FindRows"]["Parameters"]
    assert looked["StartAfter.$"] == looked["Prefix.$"] == "$.Batch.Prefix"


@pytest.mark.parametrize("state", ["StartTransform", "CheckTransform", "StopTransform"])
def test_calls_have_only_members_that_the_api_knows(states: dict[str, Json], state: str) -> None:
    action = states[state]["Resource"].rpartition(":")[2]
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.operation_model(action[0].upper() + action[1:]).input_shape
    given = {key.removesuffix(".$") for key in states[state]["Parameters"]}
    assert given <= shape.members.keys()


def test_a_day_without_rows_and_a_job_that_did_not_complete_are_told_to_people(
    states: dict[str, Json],
) -> None:
    ends = {rule.get("StringEquals"): rule["Next"] for rule in states["HasTransformEnded"]["Choices"]}
    failing = {states["AreAnyRows"]["Default"], ends["Failed"], ends["Stopped"]}
    if "Compare" in states:
        assert failing == {"CompareWhatIsThere"}
        failing = {states["StartMonitorWhatIsThere"]["Next"]}
        assert states["StartMonitor"]["Next"] == "Predicted"
    assert failing == {"TellPeople"}
    assert ends["Completed"] == ("Compare" if "Compare" in states else "Predicted")
    assert states["TellPeople"]["Next"] == "BatchFailed"


def test_the_monitor_is_told_which_batch_it_compares_and_which_version_has_answered(
    watched: dict[str, Json],
) -> None:
    """Not the version that serves when it looks: a release may come while a batch runs."""
    for suffix in ("", "WhatIsThere"):
        told = watched[f"Compare{suffix}"]["Parameters"]
        assert told == {"time.$": "$.Time", "batch.$": "$.Batch.Folder", "version": "7"}
        started = watched[f"StartMonitor{suffix}"]
        assert started["Resource"].endswith(":aws-sdk:sfn:startExecution")
        assert started["Parameters"]["StateMachineArn"] == MONITOR
        # A call that is tried again starts nothing twice.
        assert started["Parameters"]["Name.$"] == "$.Batch.Job"
    answers = watched["NameBatch"]["Parameters"]
    assert answers["Answers.$"].endswith(f", {answers['Folder.$']})")


def test_a_job_that_takes_too_long_is_stopped_and_told(states: dict[str, Json]) -> None:
    """A transform job has no limit of its own."""
    (too_long,) = [rule for rule in states["HasTransformEnded"]["Choices"] if "StringEquals" not in rule]
    assert too_long["NumericGreaterThanEquals"] * POLL_SECONDS == BATCH.max_hours * 3600
    assert too_long["Next"] == "StopTransform"
    assert states["StopTransform"]["Next"] == "TellPeople"


def test_the_longest_time_has_room_among_an_executions_events() -> None:
    """25,000: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html."""
    longest = BatchTransform.model_fields["max_hours"].metadata[-1].le
    events_of_a_look = 2 + 5 + 2 + 2
    assert longest * 3600 / POLL_SECONDS * events_of_a_look < 20_000
