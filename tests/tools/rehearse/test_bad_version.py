"""A version that fails is taken back by its alarm: the old one serves on, and people are told why."""

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.kept_rehearsal import Kept
from tests.tools.rehearse.test_mistakes import NAME, put_another_handler, update_serving
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.breaks_the_rehearsal

FAILING = """
def transform_fn(*arguments): raise ValueError("a bad version")
"""
VERSION = "2000"


def test_an_alarm_takes_a_failing_version_back_and_endpoint_and_mail_say_which(kept: Kept) -> None:
    sagemaker, before = kept.client("sagemaker"), kept.outputs(f"{NAME}-serving")
    mails = _subscribed(kept)
    put_another_handler(kept, VERSION, FAILING)
    ended = threading.Event()
    caller = threading.Thread(target=_ask_until, args=(kept, ended), daemon=True)
    caller.start()
    update_serving(kept, VERSION)

    def status() -> str | None:
        (stack,) = kept.client("cloudformation").describe_stacks(StackName=f"{NAME}-serving")["Stacks"]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else str(stack["StackStatus"])

    assert wait_for("the update", status, 60) == "UPDATE_ROLLBACK_COMPLETE"
    ended.set()
    caller.join()
    mail = wait_for("the mail", lambda: _alarm(kept, mails), 30)
    endpoint = sagemaker.describe_endpoint(EndpointName=NAME)
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] == before["EndpointConfigName"]
    assert kept.outputs(f"{NAME}-serving")["DeployedModelVersion"] == before["DeployedModelVersion"]
    events = kept.client("cloudformation").describe_stack_events(StackName=f"{NAME}-serving")["StackEvents"]
    reasons = " ".join(event.get("ResourceStatusReason", "") for event in events)
    assert f"alarms are in alarm state: {mail['AlarmName']}" in reasons
    assert "more than 1% of requests fail in the model's container" in mail["AlarmDescription"]
    assert _is_refused(kept)


def _subscribed(kept: Kept) -> str:
    """The address of a queue that gets what the alert topic tells."""
    sqs = kept.client("sqs")
    url: str = sqs.create_queue(QueueName="told-of-a-bad-version")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = kept.outputs("dev-foundation")["AlertTopicArn"]
    kept.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return url


def _alarm(kept: Kept, url: str) -> dict[str, Any] | None:
    """The first mail of a rollback alarm."""
    received = kept.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    told = [json.loads(message["Body"])["Message"] for message in received]
    alarms = (json.loads(message) for message in told if '"NewStateValue": "ALARM"' in message)
    return next((each for each in alarms if "serving" in each["AlarmName"]), None)


def _ask_until(kept: Kept, ended: threading.Event) -> None:
    while not ended.is_set():
        _is_refused(kept)
        time.sleep(0.02)


def _is_refused(kept: Kept) -> bool:
    """Whether the live model says that one cell is no row, which is the mistake of whoever asks."""
    try:
        kept.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=NAME, ContentType="text/csv", Accept="text/csv", Body=b"1"
        )
    except ClientError as error:
        return bool(error.response.get("OriginalStatusCode") == 400)
    return False
