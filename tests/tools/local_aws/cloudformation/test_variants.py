"""A second version comes to an endpoint in one deployment, and goes in two."""

from typing import Any

import pytest

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.cloudformation.helpers import Aws, gone, settled
from tests.tools.local_aws.sagemaker.endpoints.helpers import archive, invoke, model
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tools.local_aws.process import LocalAws


@pytest.fixture(scope="module")
def place(local_aws: LocalAws) -> Place:
    bucket = unique("bucket")
    local_aws.client("s3").create_bucket(Bucket=bucket)
    return Place(local_aws, bucket, Place(local_aws, bucket, "").role(unique("role"), ALLOW_ALL))


@pytest.fixture(scope="module")
def models(place: Place) -> tuple[str, str]:
    """One doubles what it is asked, the other one triples it."""
    return model(place), model(place, archive("3"))


def served(name: str, weights: dict[str, float], models: tuple[str, str], *scaled: str) -> dict[str, Any]:
    """An endpoint with such variants, which come and go without guardrails, and what scales some of them."""
    variants = [
        {
            "VariantName": variant,
            "ModelName": model_name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": weight,
        }
        for (variant, weight), model_name in zip(weights.items(), models, strict=False)
    ]
    endpoint = {
        "EndpointName": name,
        "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
    }
    targets = {
        f"{variant}Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "DependsOn": "Endpoint",
            "Properties": {
                "ServiceNamespace": "sagemaker",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
                "ResourceId": f"endpoint/{name}/variant/{variant}",
                "MinCapacity": 1,
                "MaxCapacity": 2,
            },
        }
        for variant in scaled
    }
    return {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": variants}},
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": endpoint},
        **targets,
    }


def test_what_scales_is_not_removed_in_the_same_deployment(
    aws: Aws, name: str, place: Place, models: tuple[str, str]
) -> None:
    alone = served(name, {"AllTraffic": 1}, models, "AllTraffic")
    both = served(name, {"AllTraffic": 0, "Challenger": 1}, models, "AllTraffic", "Challenger")
    settled(aws, name, alone)
    settled(aws, name, both)
    assert invoke(place, name, "1") == "3.0"

    assert aws.deploy(name, alone)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    told = " ".join(reason for _, _, reason in aws.events(name))
    assert '"["Challenger"]" must be deregistered as scalable targets' in told
    assert invoke(place, name, "1") == "3.0"

    settled(aws, name, served(name, {"AllTraffic": 1, "Challenger": 0}, models, "AllTraffic"))
    assert invoke(place, name, "1") == "2.0"
    settled(aws, name, alone)
    (variant,) = place.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
    assert variant["VariantName"] == "AllTraffic"
    assert gone(aws, name)
