"""A release believes the endpoint, not the stack: whoever has changed it, people are told."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tests.tools.rehearse.test_mistakes import NAME, version_one
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.breaks_the_rehearsal

BY_HAND = "by-hand"


@pytest.fixture
def changed_by_hand(kept: Kept) -> Iterator[None]:
    """The endpoint runs another configuration than its stack says, as after an update that was taken back."""
    sagemaker = kept.client("sagemaker")
    intended = kept.outputs(f"{NAME}-serving")["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=intended)["ProductionVariants"]
    sagemaker.create_endpoint_config(EndpointConfigName=BY_HAND, ProductionVariants=variants)
    _update(sagemaker, BY_HAND)
    yield
    _update(sagemaker, intended)


def _update(sagemaker: Any, configuration: str) -> None:
    sagemaker.update_endpoint(EndpointName=NAME, EndpointConfigName=configuration)

    def runs() -> bool | None:
        endpoint = sagemaker.describe_endpoint(EndpointName=NAME)
        shown = endpoint["EndpointStatus"], endpoint["EndpointConfigName"]
        return shown == ("InService", configuration) or None

    wait_for("the endpoint", runs, 60)


@pytest.mark.usefixtures("changed_by_hand")
def test_a_release_fails_where_the_endpoint_runs_another_configuration_and_tells_which(kept: Kept) -> None:
    stepfunctions = kept.client("stepfunctions")
    replay = {"ModelPackageArn": version_one(kept), "UseCase": "house-prices", "FollowsLatest": True}
    execution = stepfunctions.start_execution(
        stateMachineArn=kept.outputs("dev-release")["ReleaseStateMachineArn"], input=json.dumps(replay)
    )["executionArn"]

    def ended() -> str | None:
        status: str = stepfunctions.describe_execution(executionArn=execution)["status"]
        return None if status == "RUNNING" else status

    assert wait_for("the release", ended, 120) == "FAILED"
    history = stepfunctions.get_execution_history(executionArn=execution)["events"]
    states = [event["stateEnteredEventDetails"] for event in history if "stateEnteredEventDetails" in event]
    assert [state["name"] for state in states][-3:] == ["IsEndpointAsIntended", "TellPeople", "ReleaseFailed"]
    told = json.loads(next(state["input"] for state in states if state["name"] == "TellPeople"))
    assert told["Endpoint"]["EndpointConfigName"] == BY_HAND
    assert told["Stack"]["EndpointConfigName"] == [kept.outputs(f"{NAME}-serving")["EndpointConfigName"]]
