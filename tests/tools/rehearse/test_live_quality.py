"""What happens when the live model is no longer as good as it was when it was approved."""

import json
from datetime import UTC, datetime

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse import acts
from tools.rehearse.people import Person
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.changes_the_rehearsal

NAME, ROWS = "dev-house-prices", 400


def _monitor(kept: Kept) -> acts.Monitor:
    schedule = kept.outputs(f"{NAME}-monitoring")["QualityScheduleName"]
    return acts.Monitor("own", schedule, kept.outputs("dev-foundation")["ArtifactsBucketName"])


def _captured_row(kept: Kept) -> str:
    """What the story has asked."""
    s3, bucket = kept.client("s3"), kept.outputs("dev-foundation")["CaptureBucketName"]
    (first, *_) = s3.list_objects_v2(Bucket=bucket, Prefix=f"{NAME}/AllTraffic/")["Contents"]
    event = json.loads(s3.get_object(Bucket=bucket, Key=first["Key"])["Body"].read().splitlines()[0])
    return str(event["captureData"]["endpointInput"]["data"]).strip()


def test_prices_that_have_doubled_raise_the_alarm(kept: Kept, people: dict[str, Person]) -> None:
    """The requests look like those of training, so that no other monitor could notice."""
    engineer, now = people["MLOps engineer"], datetime.now(UTC)
    answer = engineer.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=NAME,
        ContentType="text/csv",
        Accept="text/csv",
        Body="\n".join([_captured_row(kept)] * ROWS).encode(),
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
    live = acts.measure_quality(engineer, _monitor(kept), now)
    assert live.rows >= ROWS
    (violation,) = live.violations
    assert violation["metric_name"] == "within_10_percent"

    def in_alarm() -> bool | None:
        described = kept.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
        return any("misses its criterion" in alarm["AlarmDescription"] for alarm in described) or None

    assert wait_for("the alarm", in_alarm, 30)
