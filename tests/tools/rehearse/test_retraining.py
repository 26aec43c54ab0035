"""An alarm has a model trained anew once, whatever comes in while it rests, and with something new only."""

import json
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.changes_the_rehearsal

NAME = "dev-house-prices"


@pytest.fixture
def machine(kept: Kept) -> str:
    return kept.outputs(f"{NAME}-monitoring")["RetrainingStateMachineArn"]


def _running(kept: Kept, machine: str) -> list[str]:
    listed = kept.client("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    return [execution["executionArn"] for execution in listed["executions"]]


def _wait_for_the_one(kept: Kept, machine: str) -> None:
    """A rest is short here: while the alarm is raised, another one begins at its end."""
    wait_for("one execution", lambda: len(_running(kept, machine)) == 1 or None, 30)


def _start(kept: Kept, machine: str) -> str:
    because = json.dumps({"because": "a test"})
    started = kept.client("stepfunctions").start_execution(stateMachineArn=machine, input=because)
    return str(started["executionArn"])


def _states(kept: Kept, execution: str) -> list[str]:
    events: list[dict[str, Any]] = kept.client("stepfunctions").get_execution_history(
        executionArn=execution, maxResults=1000
    )["events"]
    return [
        event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event
    ]


def _train_with_the_newest(kept: Kept) -> None:
    """Somebody has; whatever becomes of it."""
    bucket, sagemaker = kept.outputs("dev-foundation")["DataBucketName"], kept.client("sagemaker")
    delivered = kept.client("s3").list_objects_v2(Bucket=bucket, Prefix="raw/house-prices/")["Contents"]
    newest = f"s3://{bucket}/{max(found['Key'] for found in delivered)}"
    started = sagemaker.start_pipeline_execution(
        PipelineName=NAME, PipelineParameters=[{"Name": "InputData", "Value": newest}]
    )
    sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=started["PipelineExecutionArn"], ClientRequestToken="0" * 32
    )


def test_while_one_rests_others_end_without_a_training(kept: Kept, machine: str) -> None:
    _wait_for_the_one(kept, machine)
    started = [_start(kept, machine) for _ in range(3)]
    wait_for("the others", lambda: set(started).isdisjoint(_running(kept, machine)) or None, 30)
    for execution in started:
        assert _states(kept, execution)[-1] == "AnotherRuns"
        assert "StartPipeline" not in _states(kept, execution)


def test_without_a_newer_delivery_nothing_is_trained_and_people_are_told(kept: Kept, machine: str) -> None:
    for execution in _running(kept, machine):
        kept.client("stepfunctions").stop_execution(executionArn=execution)
    wait_for("its end", lambda: not _running(kept, machine) or None, 30)
    _train_with_the_newest(kept)
    execution = _start(kept, machine)
    wait_for("the rest", lambda: "CountHours" in _states(kept, execution) or None, 30)
    assert "TellOfNothingNewer" in _states(kept, execution)
    assert "StartPipeline" not in _states(kept, execution)
