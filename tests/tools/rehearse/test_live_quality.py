"""What happens when the live model is no longer as good as it was when it was approved."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse import acts
from tools.rehearse.people import Person
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.changes_the_rehearsal

Json = dict[str, Any]
NAME, ROWS = "dev-house-prices", 400


def _monitor(kept: Kept) -> acts.Monitor:
    schedule = kept.outputs(f"{NAME}-monitoring")["QualityScheduleName"]
    return acts.Monitor("own", schedule, kept.outputs("dev-foundation")["ArtifactsBucketName"])


def _captured(kept: Kept) -> list[Json]:
    """All requests and answers, the oldest first."""
    s3, bucket = kept.client("s3"), kept.outputs("dev-foundation")["CaptureBucketName"]
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{NAME}/AllTraffic/")["Contents"]
    files = (s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed)
    return [json.loads(line) for file in files for line in file.splitlines()]


def test_prices_that_have_doubled_raise_the_alarm(kept: Kept, people: dict[str, Person]) -> None:
    """The requests look like those of training, so that no other monitor could notice."""
    engineer, now = people["MLOps engineer"], datetime.now(UTC)
    asked_before = _captured(kept)[0]["captureData"]["endpointInput"]["data"]
    answer = engineer.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=NAME,
        ContentType="text/csv",
        Accept="text/csv",
        Body="\n".join([asked_before.strip()] * ROWS).encode(),
        InferenceId="doubled",
    )
    prices = [2 * float(line) for line in answer["Body"].read().decode().split()]
    acts.tell_what_happened(
        people["data engineer"],
        kept.outputs("dev-foundation")["DataBucketName"],
        "house-prices",
        now,
        {"doubled": [str(price) for price in prices]},
    )

    def captured() -> bool | None:
        return (
            any(event["eventMetadata"].get("inferenceId") == "doubled" for event in _captured(kept)) or None
        )

    wait_for("the captured request", captured, 60)
    live = acts.measure_quality(engineer, _monitor(kept), now)
    assert live.rows >= ROWS
    (violation,) = live.violations
    assert violation["metric_name"] == "within_10_percent"

    def in_alarm() -> bool | None:
        described = kept.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
        return any("misses its criterion" in alarm["AlarmDescription"] for alarm in described) or None

    assert wait_for("the alarm", in_alarm, 30)
