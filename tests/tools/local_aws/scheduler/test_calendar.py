"""Days pass when they are told to: for what endpoints capture and schedules start, not for the clock."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools.local_aws.context import Context
from tools.local_aws.sagemaker.endpoints.data_capture import DataCapture, Message
from tools.local_aws.scheduler.calendar import Calendar
from tools.local_aws.scheduler.clock import Clock

SCHEDULE = {
    "Name": "s",
    "GroupName": "default",
    "Arn": "arn",
    "ScheduleExpression": "cron(59 * * * ? *)",
    "Target": {"Arn": "machine", "RoleArn": "role", "Input": '{"time": "<aws.scheduler.scheduled-time>"}'},
}
CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://captured",
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
}


@pytest.fixture
def calendar() -> Calendar:
    calendar = Calendar()
    calendar.pass_days(2)
    calendar.pass_days(1)
    return calendar


def today(days_later: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days_later):%Y/%m/%d}"


def test_it_tells_what_day_it_is(calendar: Calendar) -> None:
    told = datetime.fromisoformat(calendar.pass_days(0)["now"])
    assert f"{told:%Y/%m/%d}" == today(3)


def test_days_do_not_come_back(calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="do not come back"):
        calendar.pass_days(-1)


def test_a_request_is_captured_on_the_day_that_it_is(calendar: Calendar) -> None:
    kept: list[str] = []
    s3 = SimpleNamespace(put_object=lambda Key, **_: kept.append(Key))  # noqa: N803
    capture = DataCapture(CAPTURE, "e", "v", s3, calendar)
    capture.record(Message("text/csv", b"1"), Message("text/csv", b"2"), None)
    capture.flush()
    assert kept[0].startswith(f"e/v/{today(3)}/")


def test_a_schedule_starts_with_the_day_that_it_is(calendar: Calendar) -> None:
    started: list[str] = []
    keys = {"AccessKeyId": "a", "SecretAccessKey": "s", "SessionToken": "t"}
    service = SimpleNamespace(
        list_schedules=lambda **_: {"Schedules": [SCHEDULE]},
        get_schedule=lambda **_: SCHEDULE,
        assume_role=lambda **_: {"Credentials": keys},
        start_execution=lambda **given: started.append(given["input"]),
    )
    context: Any = SimpleNamespace(client=lambda *_: service, calendar=calendar, of=lambda _: context)
    Clock(context).strike()
    assert json.loads(started[0])["time"].startswith(today(3).replace("/", "-"))


def test_each_embedded_aws_has_its_own(tmp_path: Path) -> None:
    contexts = [Context("1", "r", "http://localhost:1", tmp_path) for _ in range(2)]
    contexts[0].calendar.pass_days(1)
    assert contexts[1].calendar.passed == timedelta()
