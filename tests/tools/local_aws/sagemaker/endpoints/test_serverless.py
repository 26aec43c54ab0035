"""A serverless endpoint answers like another one, and is refused what AWS has not for it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import config, endpoint, invoke, model
from tests.tools.local_aws.sagemaker.helpers import Place


def serverless(place: Place, model_name: str, **size: int) -> Any:
    name, wanted = unique("config"), {"MemorySizeInMB": 1024, "MaxConcurrency": 2} | size
    variant = {"VariantName": "AllTraffic", "ModelName": model_name, "ServerlessConfig": wanted}
    place.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    return name


def test_it_answers_and_shows_its_size(place: Place) -> None:
    name = endpoint(place, serverless(place, model(place), ProvisionedConcurrency=1))["EndpointName"]
    assert invoke(place, name, "2") == "4.0"
    (variant,) = place.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
    assert variant["CurrentServerlessConfig"]["MemorySizeInMB"] == 1024
    assert "CurrentInstanceCount" not in variant


def test_an_endpoint_with_instances_does_not_become_serverless(place: Place) -> None:
    served = model(place)
    name = endpoint(place, config(place, served))["EndpointName"]
    with pytest.raises(ClientError, match=r"ValidationException.*cannot become serverless"):
        place.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=serverless(place, served))


def test_a_model_that_is_isolated_is_not_served_so(place: Place) -> None:
    container = place.sagemaker.describe_model(ModelName=model(place))["PrimaryContainer"]
    isolated = unique("model")
    place.sagemaker.create_model(
        ModelName=isolated,
        ExecutionRoleArn=place.role_arn,
        PrimaryContainer=container,
        EnableNetworkIsolation=True,
    )
    with pytest.raises(ClientError, match=r"ValidationException.*network isolation"):
        serverless(place, isolated)


@pytest.mark.parametrize("size", [{"MemorySizeInMB": 1536}, {"ProvisionedConcurrency": 3}])
def test_its_size_is_one_that_there_is(place: Place, size: dict[str, int]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        serverless(place, "none", **size)
