"""Our own monitor as a state machine: correct calls, on the window that the schedule means."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest

from config.settings import GroundTruth
from stacks.foundation.buckets import CAPTURED_DATA_KEPT
from stacks.monitoring.machine import Daily, MonitoringJob, Watch, monitor_machine
from stacks.monitoring.own import schedule_expression
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.layout import Bucket, Zone
from tools.local_aws.scheduler.clock import scheduled_time

Json = dict[str, Any]
CAPTURED = Daily("captured", Zone(Bucket.named("captured")), ("dev-rents", "AllTraffic"), "requests")
LABELS = Daily("labels", Zone(Bucket.named("data"), "ground-truth"), ("rents",), "labelled_requests")
WATCH = Watch(
    name="dev-rents",
    step="monitor",
    arguments=("--rows", "50"),
    wait_days=7,
    window_hours=6,
    reads=(CAPTURED, LABELS),
    versions=Zone(Bucket.named("artifacts"), "models/rents"),
    version="7",
    reports=Zone(Bucket.named("artifacts"), "monitoring/rents/data-quality"),
    namespace="dev/data-quality",
)
ANSWERS = Daily(
    "answers", Zone(Bucket.named("capture"), "batch/output"), ("rents",), "rows", is_of_batch=True
)
ROWS = Daily("rows", Zone(Bucket.named("capture"), "batch/input"), ("rents",), metric=None)
OF_BATCHES = replace(
    WATCH,
    step="monitor_batch",
    arguments=("--input-filter", "$[1:]"),
    wait_days=0,
    window_hours=None,
    reads=(ANSWERS, ROWS),
    version=None,
)
JOB = MonitoringJob(
    image="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
    code=Code("s3://assets/code.zip", "code.zip"),
    role_arn="arn:aws:iam::111111111111:role/monitor",
    instance_type="ml.m5.large",
    settings=JobSettings("key", ["subnet-1"], ["sg-1"], 20, 2400),
    tags={"environment": "dev"},
)


@pytest.fixture(scope="module")
def states() -> dict[str, Json]:
    found: dict[str, Json] = monitor_machine(WATCH, JOB)["States"]
    return found


@pytest.fixture(scope="module")
def of_batches() -> dict[str, Json]:
    found: dict[str, Json] = monitor_machine(OF_BATCHES, JOB)["States"]
    return found


@pytest.fixture(params=[WATCH, OF_BATCHES], ids=["traffic", "batches"])
def each(request: pytest.FixtureRequest) -> dict[str, Json]:
    found: dict[str, Json] = monitor_machine(request.param, JOB)["States"]
    return found


def test_every_state_leads_on_or_ends(each: dict[str, Json]) -> None:
    for name, state in each.items():
        following = [state.get("Next"), state.get("Default"), *(c["Next"] for c in state.get("Choices", []))]
        named = {state for state in following if state}
        assert named <= each.keys(), name
        assert bool(named) is (state["Type"] != "Succeed"), name


def test_it_waits_until_captured_requests_have_arrived(states: dict[str, Json]) -> None:
    assert monitor_machine(WATCH, JOB)["StartAt"] == "IsOnceMore"
    (once_more,) = states["IsOnceMore"]["Choices"]
    assert once_more["And"][1] == {"Variable": "$.now", "BooleanEquals": True}
    assert once_more["Next"] == states["AwaitCapture"]["Next"] == "ReadTime"
    assert states["IsOnceMore"]["Default"] == "CountHours"
    soon = monitor_machine(replace(WATCH, wait_days=0), JOB)["States"]
    assert soon["IsOnceMore"]["Default"] == "AwaitCapture"
    assert "WaitAnHour" not in soon


def test_no_execution_waits_so_long_that_its_machine_cannot_be_deleted(states: dict[str, Json]) -> None:
    """Days are waited for by the hour, and the longest time has room among an execution's events."""
    waits = [state["Seconds"] for state in states.values() if state["Type"] == "Wait"]
    assert max(waits) <= 3600
    (enough,) = states["HasWaited"]["Choices"]
    assert enough["NumericGreaterThanEquals"] == 7 * 24
    assert enough["Next"] == "AwaitCapture"
    longest = GroundTruth.model_fields["after_days"].metadata[-1].le
    assert longest * 24 * 6 < 20_000
    assert longest < CAPTURED_DATA_KEPT.to_days()
    assert states["AwaitCapture"]["Seconds"] >= 300


def test_the_job_has_only_parameters_that_the_api_knows(each: dict[str, Json]) -> None:
    request = each["Compare"]["Parameters"]
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape = model.operation_model("CreateProcessingJob").input_shape
    assert {key.removesuffix(".$") for key in request} <= shape.members.keys()
    assert set(shape.required_members) <= {key.removesuffix(".$") for key in request}


def test_the_job_compares_the_window_that_ends_with_the_scheduled_hour(states: dict[str, Json]) -> None:
    request = states["Compare"]["Parameters"]
    assert request["AppSpecification"]["ContainerArguments.$"] == (
        "States.Array('--endpoint', 'dev-rents', '--namespace', 'dev/data-quality', "
        "'--window-hours', '6', '--rows', '50', '--last-hour', $.Window.Hour)"
    )
    names = states["NameWindow"]["Parameters"]
    date = "$.Parts[0], $.Parts[1], $.Parts[2]"
    assert names["Captured.$"] == f"States.Format('dev-rents/AllTraffic/{{}}/{{}}/{{}}/', {date})"
    assert names["Labels.$"] == f"States.Format('ground-truth/rents/{{}}/{{}}/{{}}/', {date})"
    assert names["Hour.$"] == "$.Parts[3]"


def test_a_batch_is_compared_at_once_with_the_version_that_has_answered_it(
    of_batches: dict[str, Json],
) -> None:
    assert monitor_machine(OF_BATCHES, JOB)["StartAt"] == "ReadTime"
    assert not [state for state in of_batches.values() if state["Type"] == "Wait"]
    names, day = of_batches["NameWindow"]["Parameters"], "$.Parts[0], $.Parts[1], $.Parts[2]"
    assert names["Answers.$"] == f"States.Format('batch/output/rents/{{}}/{{}}/{{}}/{{}}/', {day}, $.Batch)"
    assert names["Rows.$"] == f"States.Format('batch/input/rents/{{}}/{{}}/{{}}/', {day})"
    assert names["Report.$"].endswith(f"{day}, $.Batch)")
    request = of_batches["Compare"]["Parameters"]
    assert request["AppSpecification"]["ContainerArguments"] == [
        *("--batch", "dev-rents", "--namespace", "dev/data-quality", "--input-filter", "$[1:]")
    ]
    (baseline,) = (each for each in request["ProcessingInputs"] if each["InputName"] == "baseline")
    expected = "States.Format('s3://artifacts/models/rents/{}/', $.Version)"
    assert baseline["S3Input"]["S3Uri.$"] == expected


def test_a_batch_without_rows_is_told_as_such_and_not_as_traffic(of_batches: dict[str, Json]) -> None:
    (told,) = of_batches["NoAnswers"]["Parameters"]["MetricData"]
    assert (told["MetricName"], told["Value"]) == ("rows", 0)
    assert told["Dimensions"] == [{"Name": "Batch", "Value": "dev-rents"}]
    assert of_batches["NoAnswers"]["Next"] == "NothingToCompare"


def test_answers_whose_rows_are_gone_fail_the_job_and_are_no_quiet_night(of_batches: dict[str, Json]) -> None:
    (found,) = of_batches["IsAnyAnswers"]["Choices"]
    assert found["Next"] == "Compare"
    inputs = [each["InputName"] for each in of_batches["Compare"]["Parameters"]["ProcessingInputs"]]
    assert {"answers", "rows"} <= set(inputs)


def test_no_job_starts_without_one_of_its_inputs_and_what_is_missing_is_told(
    states: dict[str, Json],
) -> None:
    following = "FindCaptured"
    for daily in WATCH.reads:
        what = daily.name.title()
        assert following == f"Find{what}"
        assert states[following]["Parameters"]["Bucket"] == daily.zone.bucket.name
        (found,) = states[f"IsAny{what}"]["Choices"]
        assert states[f"IsAny{what}"]["Default"] == f"No{what}"
        told = states[f"No{what}"]["Parameters"]["MetricData"]
        assert [(metric["MetricName"], metric["Value"]) for metric in told] == [(daily.metric, 0)]
        following = found["Next"]
    assert following == "Compare"


def test_what_is_known_at_run_time_only_is_marked_as_such(states: dict[str, Json]) -> None:
    def check(value: Any, marked: bool) -> None:
        if isinstance(value, dict):
            for key, member in value.items():
                check(member, key.endswith(".$"))
        elif isinstance(value, list):
            for member in value:
                check(member, False)
        else:
            assert str(value).startswith(("$.", "States.")) is marked, value

    for state in states.values():
        check(state.get("Parameters", {}), False)
    assert json.loads(json.dumps(states)) == states


@pytest.mark.parametrize("every_hours", [1, 2, 3, 4, 6, 8, 12, 24])
def test_windows_lie_within_a_day_and_leave_no_hour_out(every_hours: int) -> None:
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    for hour in range(24):
        time = scheduled_time(schedule_expression(every_hours), moment + timedelta(hours=hour, minutes=7))
        assert time.date() == moment.date()
        assert 0 <= time.hour - hour < every_hours
        assert time.hour - every_hours + 1 >= 0
