"""A day's rows are predicted by the deployed machine, with the deployed roles, and a bad one is heard of."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
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
    arn = f"arn:aws:states:{kept.region}:{kept.account}:stateMachine:{NAME}-batch"
    states = engineer.client("stepfunctions")
    started = states.start_execution(
        stateMachineArn=arn, input=json.dumps({"time": f"{day:%Y-%m-%dT%H:%M:%SZ}"})
    )

    def ended() -> dict[str, Any] | None:
        described = states.describe_execution(executionArn=started["executionArn"])
        return None if described["status"] == "RUNNING" else dict(described)

    return wait_for("the batch", ended, 60)


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
    nothing = _run(people["MLOps engineer"], kept, LONG_AGO.replace(day=7))
    assert (nothing["status"], nothing["error"]) == ("FAILED", "BatchFailed"), nothing
