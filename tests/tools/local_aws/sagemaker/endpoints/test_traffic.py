"""An update moves traffic between two model servers; from a bad version the old one takes it back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import Queue, eventually, make_topic, unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import (
    INFERENCE,
    archive,
    config,
    described,
    endpoint,
    invoke,
    model,
)
from tests.tools.local_aws.sagemaker.helpers import Place
from tools.local_aws.sagemaker.endpoints.rollout import steps_of

FAILING_HALF = INFERENCE.replace(
    "def transform_fn(model, body, content_type, accept):",
    "asked = []\ndef transform_fn(model, body, content_type, accept):\n"
    "    asked.append(1)\n    if len(asked) % 2:\n        raise ValueError('a bad version')",
)
# So that some request is always on its way.
SLOW = INFERENCE.replace("    if body ==", "    import time; time.sleep(0.1)\n    if body ==", 1)
HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}
ROLLING = {"RollingUpdatePolicy": {"MaximumBatchSize": HALF, "WaitIntervalInSeconds": 300}}


def routed(kind: str, wait: int = 60, termination: int = 0, **size: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **size}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": termination}
    return {"BlueGreenUpdatePolicy": policy}


@pytest.mark.parametrize(
    ("deployment", "instances", "steps"),
    [
        ({}, 3, [(3, 0), (3, 0)]),
        (routed("ALL_AT_ONCE", termination=90), 3, [(3, 60), (3, 90)]),
        (routed("CANARY", CanarySize=HALF), 4, [(2, 60), (4, 60), (4, 0)]),
        (routed("CANARY", CanarySize={"Type": "INSTANCE_COUNT", "Value": 1}), 4, [(1, 60), (4, 60), (4, 0)]),
        (routed("LINEAR", LinearStepSize=HALF), 3, [(2, 60), (3, 60), (3, 0)]),
        (
            routed("LINEAR", LinearStepSize=HALF | {"Value": 25}),
            4,
            [(1, 60), (2, 60), (3, 60), (4, 60), (4, 0)],
        ),
        (ROLLING, 2, [(1, 300), (2, 300), (2, 0)]),
    ],
)
def test_traffic_is_turned_on_by_whole_instances(
    deployment: dict[str, Any], instances: int, steps: list[tuple[int, int]]
) -> None:
    assert [(step.instances, step.wait_seconds) for step in steps_of(deployment, instances)] == steps


@contextmanager
def asked_all_the_time(place: Place, name: str) -> Iterator[list[str]]:
    """What an endpoint answers from two callers, and "failed" where it does not."""
    answers: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.02):
            try:
                answers.append(invoke(place, name, "1"))
            except ClientError:
                answers.append("failed")

    callers = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
    for caller in callers:
        caller.start()
    try:
        yield answers
    finally:
        ended.set()
        for caller in callers:
            caller.join()


def alarm_on_errors(place: Place, name: str, config_name: str, topic: str) -> str:
    """It rings when two minutes of the fleet with this configuration have errors."""
    alarm = unique("alarm")
    dimensions = {"EndpointName": name, "VariantName": "AllTraffic", "EndpointConfigName": config_name}
    place.aws.client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/SageMaker",
        MetricName="Invocation5XXErrors",
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=2,
        Threshold=0.01,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )
    return alarm


def test_a_bad_version_is_taken_back_while_the_old_one_answers(place: Place) -> None:
    old = config(place, model(place), instances=2)
    bad = config(place, model(place, archive("3", FAILING_HALF)), instances=2)
    name = endpoint(place, old)["EndpointName"]
    queue, topic = Queue(place.aws), make_topic(place.aws)
    place.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    alarm = alarm_on_errors(place, name, bad, topic)
    with asked_all_the_time(place, name) as answers:
        place.sagemaker.update_endpoint(
            EndpointName=name,
            EndpointConfigName=bad,
            DeploymentConfig=routed("CANARY", 600, CanarySize=HALF)
            | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]}},
        )
        baking = eventually(lambda: _baking(place, name))
        kept = described(place, name)
        after = len(answers) + 2
        eventually(lambda: len(answers) > after + 20)
    assert baking["EndpointConfigName"] == bad
    (variant,) = baking["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 2)
    assert variant["VariantStatus"][0]["StatusMessage"] == (
        "Baking for 600 seconds (WaitIntervalInSeconds) "
        "with traffic enabled on canary capacity of 1 instance(s)."
    )
    assert (kept["EndpointStatus"], kept["EndpointConfigName"]) == ("InService", old)
    assert f"alarms are in alarm state: {alarm}" in kept["FailureReason"]
    assert "PendingDeploymentSummary" not in kept
    assert {"2.0", "3.0", "failed"} == set(answers[:after])
    assert set(answers[after:]) == {"2.0"}
    assert '"NewStateValue": "ALARM"' in queue.next_body()["Message"]


def _baking(place: Place, name: str) -> Any:
    pending = place.sagemaker.describe_endpoint(EndpointName=name).get("PendingDeploymentSummary", {})
    statuses = pending.get("ProductionVariants", [{"VariantStatus": [{"Status": ""}]}])[0]["VariantStatus"]
    return pending if statuses[0]["Status"] == "Baking" else None


def test_no_request_is_lost_when_traffic_moves_by_parts_or_at_once(place: Place) -> None:
    doubling = config(place, model(place, archive("2", SLOW)), instances=2)
    tripling = config(place, model(place, archive("3", SLOW)), instances=2)
    name = endpoint(place, doubling)["EndpointName"]
    with asked_all_the_time(place, name) as answers:
        place.sagemaker.update_endpoint(
            EndpointName=name, EndpointConfigName=tripling, DeploymentConfig=ROLLING
        )
        updated = described(place, name)
        eventually(lambda: answers[-1] == "3.0")
        place.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=doubling)
        back = described(place, name)
        eventually(lambda: answers[-1] == "2.0")
    assert (updated["EndpointConfigName"], updated["LastDeploymentConfig"]) == (tripling, ROLLING)
    assert back["EndpointConfigName"] == doubling
    assert set(answers) == {"2.0", "3.0"}
