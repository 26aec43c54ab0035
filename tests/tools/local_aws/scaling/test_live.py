"""Copies and instances come with load and go without it, also to none and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, eventually, unique
from tests.tools.local_aws.sagemaker.conftest import place as place
from tests.tools.local_aws.sagemaker.endpoints.helpers import config, described, endpoint, invoke, model
from tests.tools.local_aws.sagemaker.endpoints.test_components import component, host, shown
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tools.local_aws.process import LocalAws

OF_COMPONENTS = "sagemaker:inference-component:DesiredCopyCount"


def scaled(place: Place, resource_id: str, dimension: str, load: str, target: float) -> dict[str, Any]:
    """A target between none, or one, and four, which follows its load."""
    named = {"ServiceNamespace": "sagemaker", "ResourceId": resource_id, "ScalableDimension": dimension}
    scaling = place.aws.client("application-autoscaling")
    least = 0 if dimension == OF_COMPONENTS else 1
    scaling.register_scalable_target(**named, MinCapacity=least, MaxCapacity=4)
    scaling.put_scaling_policy(
        **named,
        PolicyName=unique("load"),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": target,
            "PredefinedMetricSpecification": {"PredefinedMetricType": load},
        },
    )
    return named


def waking(place: Place, named: dict[str, Any], name: str) -> None:
    policy = place.aws.client("application-autoscaling").put_scaling_policy(
        **named,
        PolicyName=unique("waking"),
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Maximum",
            "Cooldown": 60,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )
    place.aws.client("cloudwatch").put_metric_alarm(
        AlarmName=unique("waking"),
        Namespace="AWS/SageMaker",
        MetricName="NoCapacityInvocationFailures",
        Dimensions=[{"Name": "InferenceComponentName", "Value": name}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[policy["PolicyARN"]],
    )


def copies(place: Place, name: str) -> int:
    return int(shown(place, name)["RuntimeConfig"]["CurrentCopyCount"])


@pytest.fixture(scope="module")
def elsewhere(_referee: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The second account of an embedded AWS."""
    log_path = tmp_path_factory.mktemp("second-account") / "server.log"
    with LocalAws(
        account=ACCOUNT, region="us-east-1", second_account="222222222222", log_path=log_path
    ) as aws:
        bucket = unique("bucket")
        aws.second.client("s3").create_bucket(Bucket=bucket)
        role = Place(aws.second, bucket, "").role(unique("role"), ALLOW_ALL)
        yield Place(aws.second, bucket, role)


def test_what_nobody_asks_rests_and_the_first_request_wakes_it(place: Place) -> None:
    _rests_and_wakes(place)


def test_so_it_does_in_a_second_account(elsewhere: Place) -> None:
    _rests_and_wakes(elsewhere)


def _rests_and_wakes(place: Place) -> None:
    on = host(place)
    name = component(place, on, model(place))
    named = scaled(
        place,
        f"inference-component/{name}",
        OF_COMPONENTS,
        "SageMakerInferenceComponentInvocationsPerCopy",
        100,
    )
    waking(place, named, name)
    assert place.aws.control("pass-minutes", minutes=5)["capacities"][named["ResourceId"]] == 1
    assert place.aws.control("pass-minutes", minutes=20)["capacities"][named["ResourceId"]] == 0
    assert eventually(lambda: copies(place, name) == 0)
    with pytest.raises(ClientError, match="has no capacity to process this request"):
        invoke(place, on, "7", InferenceComponentName=name)
    assert eventually(lambda: copies(place, name) == 1)
    assert invoke(place, on, "7", InferenceComponentName=name) == "14.0"


def test_an_endpoint_grows_with_its_load(place: Place) -> None:
    name = endpoint(place, config(place, model(place)))["EndpointName"]
    resource_id = f"endpoint/{name}/variant/AllTraffic"
    dimension = "sagemaker:variant:DesiredInstanceCount"
    scaled(place, resource_id, dimension, "SageMakerVariantInvocationsPerInstance", 1000)
    asked = {"EndpointName": name, "VariantName": "AllTraffic"}
    datum = {
        "MetricName": "InvocationsPerInstance",
        "Dimensions": [{"Name": key, "Value": value} for key, value in asked.items()],
        "Value": 2500.0,
    }
    place.aws.client("cloudwatch").put_metric_data(Namespace="AWS/SageMaker", MetricData=[datum])
    assert place.aws.control("pass-minutes", minutes=3)["capacities"][resource_id] == 3
    (variant,) = described(place, name)["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 3
