"""A day's rows are predicted by the deployed machine, with the deployed roles, and a bad one is heard of."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse.acts import drift_alarm
from tools.rehearse.people import Person
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.changes_the_rehearsal

NAME, USE_CASE = "dev-house-prices", "house-prices"
LONG_AGO = datetime(2026, 1, 5, 3, tzinfo=UTC)


def _captured_rows(kept: Kept, count: int) -> list[str]:
    s3, bucket = kept.client("s3"), kept.outputs("dev-foundation")["CaptureBucketName"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{NAME}/AllTraffic/")["Contents"]
    lines = s3.get_object(Bucket=bucket, Key=listed[0]["Key"])["Body"].read().splitlines()
    rows = [json.loads(line)["captureData"]["endpointInput"]["data"].strip() for line in lines]
    return "\n".join(rows).splitlines()[:count]


def _bring(engineer: Person, kept: Kept, day: datetime, files: Mapping[str, Sequence[str]]) -> None:
    outputs = kept.outputs("dev-foundation"), kept.outputs(f"{NAME}-serving")
    for name, rows in files.items():
        key = f"{outputs[1]['BatchInputFolder']}{day:%Y/%m/%d}/{name}"
        engineer.client("s3").put_object(
            Bucket=outputs[0]["CaptureBucketName"], Key=key, Body="\n".join(rows).encode()
        )


def _run(engineer: Person, kept: Kept, day: datetime) -> dict[str, Any]:
    """As the schedule starts it, and as an engineer does it once more."""
    started = engineer.client("stepfunctions").start_execution(
        stateMachineArn=_machine(kept, "batch"), input=json.dumps({"time": f"{day:%Y-%m-%dT%H:%M:%SZ}"})
    )
    return _ended(engineer, started["executionArn"])


def _machine(kept: Kept, kind: str) -> str:
    return f"arn:aws:states:{kept.region}:{kept.account}:stateMachine:{NAME}-{kind}"


def _ended(engineer: Person, execution: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        described = engineer.client("stepfunctions").describe_execution(executionArn=execution)
        return None if described["status"] == "RUNNING" else dict(described)

    return wait_for("the machine", ended, 60)


def _compared(engineer: Person, kept: Kept, batch: Mapping[str, Any]) -> dict[str, Any]:
    """The run of the monitor that a batch has started: it has the name of the batch's job."""
    events = engineer.client("stepfunctions").get_execution_history(
        executionArn=batch["executionArn"], maxResults=1000
    )["events"]
    entered = [each.get("stateEnteredEventDetails", {}) for each in events]
    (told,) = [each["input"] for each in entered if each.get("name") == "StartMonitorWhatIsThere"]
    execution = _machine(kept, "batch-monitor").replace(":stateMachine:", ":execution:")
    run = _ended(engineer, f"{execution}:{json.loads(told)['Batch']['Job']}")
    assert run["status"] == "SUCCEEDED", run
    return run


def _metrics(engineer: Person, kept: Kept, run: Mapping[str, Any]) -> dict[str, float]:
    """What a run of the monitor has published; nothing where it had nothing to compare."""
    output = json.loads(run["output"])
    if "Metrics" not in output:
        return {}
    report = engineer.client("s3").get_object(
        Bucket=kept.outputs("dev-foundation")["ArtifactsBucketName"],
        Key=f"{output['Window']['Report']}/metrics.json",
    )
    assert output["Window"]["Report"].startswith(f"monitoring/{USE_CASE}/batch-quality/")
    data = json.loads(report["Body"].read())["MetricData"]
    assert all(each["Dimensions"] == [{"Name": "Batch", "Value": NAME}] for each in data)
    return {each["MetricName"]: each["Value"] for each in data}


def _answers(engineer: Person, kept: Kept, day: datetime) -> dict[str, list[str]]:
    s3, bucket = engineer.client("s3"), kept.outputs("dev-foundation")["CaptureBucketName"]
    prefix = f"{kept.outputs(f'{NAME}-serving')['BatchOutputFolder']}{day:%Y/%m/%d}/"
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return {
        each["Key"].rpartition("/")[2]: s3.get_object(Bucket=bucket, Key=each["Key"])["Body"]
        .read()
        .decode()
        .splitlines()
        for each in found
    }


def test_a_days_rows_have_the_answers_of_the_endpoint(kept: Kept, people: dict[str, Person]) -> None:
    rows, day = _captured_rows(kept, 3), LONG_AGO
    _bring(
        people["data engineer"], kept, day, {"offers.csv": [f"offer-{n},{row}" for n, row in enumerate(rows)]}
    )
    ended = _run(people["MLOps engineer"], kept, day)
    assert ended["status"] == "SUCCEEDED", ended
    answer = (
        people["MLOps engineer"]
        .client("sagemaker-runtime")
        .invoke_endpoint(EndpointName=NAME, ContentType="text/csv", Body="\n".join(rows).encode())
    )
    prices = answer["Body"].read().decode().splitlines()
    expected = [f"offer-{n},{price}" for n, price in enumerate(prices)]
    assert _answers(people["data engineer"], kept, day) == {"offers.csv.out": expected}


def test_a_header_and_a_day_without_rows_are_failures_that_people_hear_of(
    kept: Kept, people: dict[str, Person]
) -> None:
    """The file beside it has its answers."""
    (row,), day = _captured_rows(kept, 1), LONG_AGO.replace(day=6)
    files = {"bad.csv": ["offer,Year_Built", f"offer-1,{row}"], "good.csv": [f"offer-2,{row}"]}
    _bring(people["data engineer"], kept, day, files)
    failed = _run(people["MLOps engineer"], kept, day)
    assert (failed["status"], failed["error"]) == ("FAILED", "BatchFailed"), failed
    assert list(_answers(people["data engineer"], kept, day)) == ["good.csv.out"]
    history = (
        people["MLOps engineer"]
        .client("stepfunctions")
        .get_execution_history(executionArn=failed["executionArn"], maxResults=1000)
    )
    told = [
        event["stateEnteredEventDetails"]["input"]
        for event in history["events"]
        if event.get("stateEnteredEventDetails", {}).get("name") == "TellPeople"
    ]
    assert "ClientError: See job logs" in told[0], told
    watched = _compared(people["MLOps engineer"], kept, failed)
    assert _metrics(people["MLOps engineer"], kept, watched)["rows"] == 1
    nothing = _run(people["MLOps engineer"], kept, LONG_AGO.replace(day=7))
    assert (nothing["status"], nothing["error"]) == ("FAILED", "BatchFailed"), nothing
    without = _compared(people["MLOps engineer"], kept, nothing)
    assert "Job" not in json.loads(without["output"]), "no job starts to compare nothing"


def test_a_batch_of_rows_that_came_later_is_a_drift_of_batches_and_one_like_the_delivery_is_none(
    kept: Kept, people: dict[str, Person]
) -> None:
    """The story has told both, and has moved the metrics of no endpoint by it."""
    engineer = people["MLOps engineer"]
    assert drift_alarm(engineer, NAME, "Batch")["StateValue"] == "ALARM"
    listed = engineer.client("stepfunctions").list_executions(stateMachineArn=_machine(kept, "batch-monitor"))
    found = {}
    for each in listed["executions"]:
        described = engineer.client("stepfunctions").describe_execution(executionArn=each["executionArn"])
        metrics = _metrics(engineer, kept, described)
        if metrics.get("rows") == 100:
            found[metrics["violations"] > 0] = metrics
    assert found.keys() == {False, True}
    year = "feature_baseline_drift_Year_Sold"
    assert found[True][year] > 0.1 > found[False][year]
    assert 0 < found[False]["attribution_agreement_at_best"] <= 1


def test_answers_whose_rows_are_replaced_or_gone_are_compared_by_nobody_and_the_monitor_fails(
    kept: Kept, people: dict[str, Person]
) -> None:
    """Its alarm tells; a batch of which nothing is known would look like a quiet night."""
    (row,), day, engineer = _captured_rows(kept, 1), LONG_AGO.replace(day=8), people["MLOps engineer"]
    rows = [f"offer-1,{row}"]
    _bring(people["data engineer"], kept, day, {"offers.csv": rows})
    ended = _run(engineer, kept, day)
    assert ended["status"] == "SUCCEEDED", ended
    told = json.loads(ended["output"])["Told"]
    _bring(people["data engineer"], kept, day, {"offers.csv": rows * 2})
    replaced = _once_more(engineer, kept, told)
    assert replaced["status"] == "FAILED"
    assert "none of 1 rows with an answer can be compared" in replaced["cause"]
    outputs = kept.outputs("dev-foundation"), kept.outputs(f"{NAME}-serving")
    people["data engineer"].client("s3").delete_object(
        Bucket=outputs[0]["CaptureBucketName"],
        Key=f"{outputs[1]['BatchInputFolder']}{day:%Y/%m/%d}/offers.csv",
    )
    gone = _once_more(engineer, kept, told)
    assert gone["status"] == "FAILED"
    assert "No S3 objects found" in gone["cause"]


def _once_more(engineer: Person, kept: Kept, told: Mapping[str, str]) -> dict[str, Any]:
    """The monitor of a batch, as an engineer starts it."""
    started = engineer.client("stepfunctions").start_execution(
        stateMachineArn=_machine(kept, "batch-monitor"), input=json.dumps(told)
    )
    return _ended(engineer, started["executionArn"])
