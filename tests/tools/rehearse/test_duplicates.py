"""Releases that meet: events arrive twice, and people replay what is already under way."""

import json
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tests.tools.rehearse.test_mistakes import NAME, version_one
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.breaks_the_rehearsal

USE_CASE = "house-prices"


def test_releases_of_one_version_at_the_same_time_are_one(kept: Kept) -> None:
    """The second finds the stack in the first one's hands, waits for it, and has nothing left to do."""
    _serve_without_monitoring(kept)
    stepfunctions = kept.client("stepfunctions")
    replay = {
        "stateMachineArn": kept.outputs("dev-release")["ReleaseStateMachineArn"],
        "input": json.dumps(
            {"ModelPackageArn": version_one(kept), "UseCase": USE_CASE, "FollowsLatest": True}
        ),
    }
    started = [stepfunctions.start_execution(**replay)["executionArn"] for _ in range(4)]

    def ended() -> list[str] | None:
        described = [stepfunctions.describe_execution(executionArn=arn)["status"] for arn in started]
        return None if "RUNNING" in described else described

    assert wait_for("the releases", ended, 120) == ["SUCCEEDED"] * 4


def _serve_without_monitoring(kept: Kept) -> None:
    cloudformation, stack = kept.client("cloudformation"), f"{NAME}-monitoring"
    parameters: list[dict[str, Any]] = [{"ParameterKey": "ModelVersion", "ParameterValue": "none"}]
    cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True, Parameters=parameters)
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
