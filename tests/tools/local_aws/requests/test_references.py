"""What a request to SageMaker names has to be there."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, careless, unique
from tools.local_aws.process import LocalAws

HERE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"


def model(image: str, **more: Any) -> dict[str, Any]:
    return {"ModelName": unique("model"), "PrimaryContainer": {"Image": image}, **more}


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (
            model(f"{HERE}/a", VpcConfig={"Subnets": ["subnet-0"], "SecurityGroupIds": ["sg-0"]}),
            "The subnet ID 'subnet-0' does not exist",
        ),
        (model(f"{HERE}/none:1"), f"Requested image {HERE}/none:1 not found."),
        (model(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/a"), "is not of the region us-east-1"),
    ],
)
def test_what_is_missing_is_named(local_aws: LocalAws, request_: dict[str, Any], words: str) -> None:
    with careless(local_aws, "sagemaker") as client, pytest.raises(ClientError, match=words) as caught:
        client.create_model(**request_)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("image", [f"{HERE}/mine:1", "683313688378.dkr.ecr.us-east-1.amazonaws.com/a:1"])
def test_an_image_that_is_there_or_of_another_account_is_taken(local_aws: LocalAws, image: str) -> None:
    local_aws.client("ecr").create_repository(repositoryName="mine") if image.startswith(HERE) else None
    with careless(local_aws, "sagemaker") as client, pytest.raises(ClientError, match="ExecutionRoleArn"):
        client.create_model(**model(image))
