"""The machine that brings deliveries: complete, patient, and nobody misses a failure."""

import graphlib
from typing import Any

import pytest

from stacks.ingestion.machine import UNFINISHED, Delivery, Export, ingestion_machine
from stacks.parts.layout import Bucket, Zone
from tests.stacks.machines import (
    Json,
    check_call,
    check_every_state_is_reached,
    check_paths_of_result,
    successors,
)

KEY = "arn:aws:kms:us-east-1:111111111111:key/k"
DELIVERIES: dict[str, dict[str, Any]] = {
    "dynamodb": {"export": Export("arn:aws:dynamodb:us-east-1:111111111111:table/rents", KEY)},
    "jdbc": {},
    "bucket": {"may_be_nothing": True},
}


def machine_of(kind: str) -> dict[str, Json]:
    target = Zone(Bucket.named("data"), "raw/rents")
    delivery = Delivery("dev-rents-deliver", target, "dev-rents", **DELIVERIES[kind])
    found: dict[str, Json] = ingestion_machine(delivery, "arn:aws:sns:us-east-1:1:alerts")["States"]
    return found


@pytest.fixture(scope="module", params=DELIVERIES)
def states(request: pytest.FixtureRequest) -> dict[str, Json]:
    return machine_of(request.param)


@pytest.fixture(scope="module")
def tasks(states: dict[str, Json]) -> dict[str, Json]:
    return {name: state for name, state in states.items() if state["Type"] == "Task"}


def test_every_state_leads_to_a_state_that_exists_and_is_reached(states: dict[str, Json]) -> None:
    check_every_state_is_reached(states, "ReadTime")


def test_every_loop_waits_so_long_that_two_days_fit_into_the_history(states: dict[str, Json]) -> None:
    without_waiting = {name: set(successors(s)) for name, s in states.items() if s["Type"] != "Wait"}
    graphlib.TopologicalSorter(without_waiting).prepare()
    waits = [state["Seconds"] for state in states.values() if state["Type"] == "Wait"]
    # A look: the wait is entered and left, the call has five events, the choice two.
    assert min(waits) * 25_000 / 9 > 40 * 3_600


def test_every_call_exists_and_its_failure_is_told(tasks: dict[str, Json]) -> None:
    for name, task in tasks.items():
        check_call(name, task)
        check_paths_of_result(name, task)
        assert name == "TellPeople" or [catch["Next"] for catch in task["Catch"]] == ["TellPeople"], name


@pytest.mark.parametrize(
    ("kind", "choice", "path", "good", "busy"),
    [
        ("dynamodb", "IsExported", "$.Export.Status", {"COMPLETED": "StartJob"}, {"IN_PROGRESS"}),
        ("dynamodb", "HasJobEnded", "$.Run.State", {"SUCCEEDED": "StartPipeline"}, {*UNFINISHED}),
        ("jdbc", "HasJobEnded", "$.Run.State", {"SUCCEEDED": "StartPipeline"}, {*UNFINISHED}),
        ("bucket", "HasJobEnded", "$.Run.State", {"SUCCEEDED": "LookForDelivery"}, {*UNFINISHED}),
        (
            *("jdbc", "HasPipelineEnded", "$.Execution.Status"),
            *({"Succeeded": "Delivered"}, {"Executing", "Stopping"}),
        ),
    ],
)
def test_only_success_leads_on_and_whatever_else_ends_is_told(
    kind: str, choice: str, path: str, good: dict[str, str], busy: set[str]
) -> None:
    state = machine_of(kind)[choice]
    rules = {rule["StringEquals"]: rule["Next"] for rule in state["Choices"]}
    assert {rule["Variable"] for rule in state["Choices"]} == {path}
    assert {status: name for status, name in rules.items() if not name.startswith("Await")} == good
    assert rules.keys() - good.keys() == busy
    assert state["Default"] == "TellPeople"


def test_a_bucket_that_has_nothing_new_starts_no_pipeline() -> None:
    states = machine_of("bucket")
    look, is_delivered = states["LookForDelivery"], states["IsDelivered"]
    assert (look["Parameters"]["Prefix.$"], look["Next"]) == ("$.Delivery.Prefix", "IsDelivered")
    (rule,) = is_delivered["Choices"]
    assert (rule["Variable"], rule["NumericEquals"], rule["Next"]) == ("$.Found.Count", 1, "StartPipeline")
    assert states[is_delivered["Default"]] == {"Type": "Succeed"}


def test_a_call_that_is_tried_again_means_the_same_delivery() -> None:
    """Export and execution have one token, which is made before either call."""
    states = machine_of("dynamodb")
    assert states["ReadTime"]["Parameters"]["Token.$"] == "States.UUID()"
    export, start = states["Export"]["Parameters"], states["StartPipeline"]["Parameters"]
    assert export["ClientToken.$"] == start["ClientRequestToken.$"] == "$.Delivery.Token"


def test_the_pipeline_reads_what_the_job_has_delivered(states: dict[str, Json]) -> None:
    names, start = states["NameDelivery"]["Parameters"], states["StartPipeline"]["Parameters"]
    assert states["StartJob"]["Parameters"]["Arguments"] == {"--delivery.$": "$.Delivery.Uri"}
    assert start["PipelineParameters"] == [{"Name": "InputData", "Value.$": "$.Delivery.Uri"}]
    folder, parts = names["Prefix.$"].removeprefix("States.Format('").split("', ", 1)
    assert folder.startswith("raw/rents/")
    assert names["Uri.$"] == f"States.Format('s3://data/{folder}/', {parts}"


def test_a_table_is_exported_to_where_it_is_delivered_with_the_key_of_the_environment() -> None:
    export = machine_of("dynamodb")["Export"]["Parameters"]
    assert (export["S3Prefix.$"], export["S3Bucket"]) == ("$.Delivery.Prefix", "data")
    assert (export["S3SseAlgorithm"], export["S3SseKmsKeyId"]) == ("KMS", KEY)
