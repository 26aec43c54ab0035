"""What scales an endpoint, deployed as stacks."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.cloudformation.helpers import Aws, gone, settled
from tests.tools.local_aws.sagemaker.endpoints.helpers import config, endpoint, model
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tools.local_aws.process import LocalAws


@pytest.fixture(scope="module")
def variant(local_aws: LocalAws) -> Iterator[str]:
    """The id by which the only variant of an endpoint is scaled."""
    bucket = unique("bucket")
    local_aws.client("s3").create_bucket(Bucket=bucket)
    role = Place(local_aws, bucket, "").role(unique("role"), ALLOW_ALL)
    place = Place(local_aws, bucket, role)
    served = endpoint(place, config(place, model(place)))["EndpointName"]
    yield f"endpoint/{served}/variant/AllTraffic"
    place.sagemaker.delete_endpoint(EndpointName=served)


def test_only_a_variant_that_is_there_can_scale(aws: Aws, variant: str) -> None:
    target = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": variant.replace("AllTraffic", "Other"),
        "MinCapacity": 1,
        "MaxCapacity": 2,
    }
    with pytest.raises(ClientError, match="SageMaker variant doesn't exist"):
        aws.client("application-autoscaling").register_scalable_target(**target)


def test_scaling_follows_its_target(aws: Aws, name: str, variant: str) -> None:
    def scaled(most: int) -> dict[str, Any]:
        target = {
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "ResourceId": variant,
            "MinCapacity": 1,
            "MaxCapacity": most,
        }
        policy = {
            "PolicyName": f"{name}-invocations",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": "Target"},
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 100 * most,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        }
        return {
            "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target},
            "Policy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": policy},
        }

    ids = settled(aws, name, scaled(2))
    assert ids["Target"] == f"{variant}|sagemaker:variant:DesiredInstanceCount|sagemaker"
    assert settled(aws, name, scaled(4)) == ids
    policies = aws.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="sagemaker")
    targets = {
        item["PolicyName"]: item["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        for item in policies["ScalingPolicies"]
    }
    assert targets[f"{name}-invocations"] == 400
    assert gone(aws, name)


def test_what_waits_for_requests_scales_from_none(aws: Aws, name: str, variant: str) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html."""
    endpoint_name = variant.split("/")[1]
    dimensions = [{"Name": "EndpointName", "Value": endpoint_name}]
    target = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": variant,
        "MinCapacity": 0,
        "MaxCapacity": 2,
    }
    follow = {
        "PolicyName": f"{name}-backlog",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": "Target"},
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 5,
            "CustomizedMetricSpecification": {
                "MetricName": "ApproximateBacklogSizePerInstance",
                "Namespace": "AWS/SageMaker",
                "Dimensions": dimensions,
                "Statistic": "Average",
            },
        },
    }
    wake = {
        "PolicyName": f"{name}-waking",
        "PolicyType": "StepScaling",
        "ScalingTargetId": {"Ref": "Target"},
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "Cooldown": 300,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    }
    alarm = {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "MetricName": "HasBacklogWithoutCapacity",
        "Dimensions": dimensions,
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "AlarmActions": [{"Ref": "Wake"}],
    }
    policy = "AWS::ApplicationAutoScaling::ScalingPolicy"
    resources = {
        "Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": target},
        "Follow": {"Type": policy, "Properties": follow},
        "Wake": {"Type": policy, "Properties": wake},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
    }
    ids = settled(aws, name, resources)
    (told,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert told["AlarmActions"] == [ids["Wake"]]
    assert ":scalingPolicy:" in ids["Wake"]
    assert gone(aws, name)


def test_a_scalable_target_rests_as_scheduled(aws: Aws, name: str, variant: str) -> None:
    def target(*actions: dict[str, Any]) -> dict[str, Any]:
        properties = {
            "ServiceNamespace": "sagemaker",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            "ResourceId": variant,
            "MinCapacity": 1,
            "MaxCapacity": 2,
            "ScheduledActions": list(actions),
        }
        return {"Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": properties}}

    def action(action_name: str, hour: int) -> dict[str, Any]:
        return {
            "ScheduledActionName": action_name,
            "Schedule": f"cron(0 {hour} ? * MON-FRI *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1},
        }

    def scheduled() -> dict[str, str]:
        client = aws.client("application-autoscaling")
        found = client.describe_scheduled_actions(ServiceNamespace="sagemaker", ResourceId=variant)
        return {item["ScheduledActionName"]: item["Schedule"] for item in found["ScheduledActions"]}

    settled(aws, name, target(action("rest", 19), action("work", 7)))
    assert set(scheduled()) == {"rest", "work"}
    settled(aws, name, target(action("rest", 20)))
    assert scheduled() == {"rest": "cron(0 20 ? * MON-FRI *)"}
    assert gone(aws, name)
    assert scheduled() == {}
