"""What a request to SageMaker names has to be there."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, careless, unique
from tools.local_aws.process import LocalAws

HERE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
MANIFEST = '{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": []}'


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
    if image.startswith(HERE):
        ecr = local_aws.client("ecr")
        ecr.create_repository(repositoryName="mine")
        ecr.put_image(repositoryName="mine", imageManifest=MANIFEST, imageTag="1")
    with careless(local_aws, "sagemaker") as client, pytest.raises(ClientError, match="ExecutionRoleArn"):
        client.create_model(**model(image))


def test_a_job_whose_image_was_never_built_is_refused(local_aws: LocalAws) -> None:
    name = unique("repository")
    local_aws.client("ecr").create_repository(repositoryName=name)
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    words = re.escape(f"Cannot find the requested image: {HERE}/{name}:none with tag: none and digest: null")
    with pytest.raises(ClientError, match=words):
        local_aws.client("sagemaker").create_processing_job(
            ProcessingJobName=name,
            AppSpecification={"ImageUri": f"{HERE}/{name}:none"},
            ProcessingResources={"ClusterConfig": cluster},
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/somebody",
        )
