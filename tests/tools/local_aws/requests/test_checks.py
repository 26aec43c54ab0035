"""Every service refuses what breaks its model, under its own code and in its own protocol."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import careless
from tools.local_aws.process import LocalAws
from tools.local_aws.requests.looser import TAKEN

POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code", "words"),
    [
        ("kms", "create_alias", {"TargetKeyId": "k"}, "ValidationException", "Value null at 'aliasName'"),
        ("events", "put_rule", {"Name": "a b"}, "ValidationException", "regular expression pattern"),
        ("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException", "'a b' at"),
        ("iam", "attach_role_policy", {"PolicyArn": POLICY}, "ValidationError", "Value null at 'roleName'"),
        ("sqs", "get_queue_attributes", {}, "MissingParameter", "must contain the parameter QueueUrl"),
        ("ec2", "create_subnet", {}, "MissingParameter", "must contain the parameter VpcId"),
        ("ecr", "create_repository", {"repositoryName": "A"}, "InvalidParameterException", "'must satisfy"),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "ACL": "x"}, "InvalidArgument", "enum value set"),
        (
            "s3",
            "put_bucket_versioning",
            {"Bucket": "b", "VersioningConfiguration": {"Status": "On"}},
            "MalformedXML",
            "published schema",
        ),
        ("scheduler", "get_schedule", {"Name": "a b"}, "ValidationException", "Value 'a b' at 'name'"),
    ],
)
def test_a_request_that_breaks_the_model_is_refused_in_the_words_of_its_service(
    local_aws: LocalAws, service: str, operation: str, request_: dict[str, Any], code: str, words: str
) -> None:
    with careless(local_aws, service) as client, pytest.raises(ClientError, match=words) as caught:
        getattr(client, operation)(**request_)
    assert caught.value.response["Error"]["Code"] == code


def test_all_that_is_wrong_is_told_at_once(local_aws: LocalAws) -> None:
    wrong = {"Rule": "r", "Targets": [{"Id": "a b"}]}
    words = r"2 validation errors detected: Value null at 'targets.1.member.arn'.*; Value 'a b' at"
    with careless(local_aws, "events") as client, pytest.raises(ClientError, match=words):
        client.put_targets(**wrong)


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("sagemaker", "list_models", b"no JSON at all"),
        ("sagemaker", "list_models", b'{"MaxResults": "ten"}'),
        ("sagemaker", "list_models", b'{"CreationTimeBefore": "a moment"}'),
        ("sagemaker", "list_models", b"[1, 2]"),
        ("events", "list_rules", b'{"Limit": {}}'),
    ],
)
def test_what_cannot_be_read_is_no_failure_of_the_server(
    local_aws: LocalAws, service: str, operation: str, body: bytes
) -> None:
    client = local_aws.client(service)
    client.meta.events.register("before-call", send := lambda params, **_: params.update(body=body))
    try:
        with pytest.raises(ClientError, match="SerializationException"):
            getattr(client, operation)()
    finally:
        client.meta.events.unregister("before-call", send)


def test_every_word_that_is_not_taken_from_the_model_has_its_reason() -> None:
    assert all("https://" in reason for reason in TAKEN.values())
