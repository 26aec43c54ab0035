"""The referee sees what boto3 lets pass, in requests and in answers."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from tests.tools.local_aws.referee import AS_ON_AWS, BrokenModelError, watch
from tools.local_aws.process import LocalAws


@pytest.fixture
def answered() -> Callable[..., Any]:
    """A SageMaker client that is always given one answer."""

    def client(answer: dict[str, Any]) -> Any:
        client = boto3.client(
            "sagemaker", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )

        class Raw:
            def stream(self) -> Any:
                yield json.dumps(answer).encode()

        client.meta.events.register("before-send", lambda **_: AWSResponse("", 200, {}, Raw()))
        watch(client)
        return client

    return client


GOOD = {"Tags": [{"Key": "k", "Value": "v"}]}
ARN = "arn:aws:sagemaker:us-east-1:111111111111:model/m"


def test_what_fits_the_model_passes(answered: Callable[..., Any]) -> None:
    assert answered(GOOD).list_tags(ResourceArn=ARN)["Tags"] == GOOD["Tags"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"Tags": [{"Key": "k"}]}, "Value null at 'tags.1.member.value'"),
        ({"Tags": [{"Key": "k", "Value": 1}]}, "Member must be a string"),
        ({"Tags": [], "Colour": "red"}, "Unknown Argument member 'Colour'"),
    ],
)
def test_an_answer_that_breaks_the_model_fails_the_call(
    answered: Callable[..., Any], answer: dict[str, Any], words: str
) -> None:
    with pytest.raises(BrokenModelError, match=f"sagemaker:ListTags: answer: .*{words}"):
        answered(answer).list_tags(ResourceArn=ARN)


@pytest.mark.parametrize(
    ("member", "value", "words"),
    [
        ("PipelineStatus", "Idle", "Member must satisfy enum value set"),
        ("CreationTime", "2026-11-21T10:00:00Z", "Member must be a timestamp in the format of its shape"),
    ],
)
def test_enumerations_and_moments_of_answers_are_looked_at(
    answered: Callable[..., Any], member: str, value: str, words: str
) -> None:
    with pytest.raises(BrokenModelError, match=words):
        answered({"PipelineName": "p", member: value}).describe_pipeline(PipelineName="p")


@pytest.mark.parametrize(
    ("name", "words"), [("a_b", "regular expression pattern"), ("a" * 300, "less than or equal to")]
)
def test_a_request_that_was_accepted_too_easily_fails(
    answered: Callable[..., Any], name: str, words: str
) -> None:
    with pytest.raises(BrokenModelError, match=f"sagemaker:DeleteModel: request: .*{words}|{words}"):
        answered({}).delete_model(ModelName=name)


def test_a_refused_request_is_left_alone(local_aws: LocalAws) -> None:
    sagemaker = local_aws.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="regular expression pattern"):
        sagemaker.describe_model(ModelName="a_b")


def test_every_exception_of_the_model_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in AS_ON_AWS.values())
