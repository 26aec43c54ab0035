"""Answers of KMS, SQS, IAM and CloudWatch Logs that were recorded from AWS.

The recordings: github.com/localstack/localstack, Apache-2.0, tests/aws/services, *.snapshot.json, 2025.
"""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import make_role, unique
from tools.local_aws.process import LocalAws

Refused = Callable[..., tuple[str, str]]


@pytest.fixture
def refused(local_aws: LocalAws) -> Refused:
    def ask(service: str, operation: str, **request: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            getattr(local_aws.client(service), operation)(**request)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return ask


def test_a_key_tells_what_it_is_for(local_aws: LocalAws) -> None:
    kms = local_aws.client("kms")
    encrypting = kms.create_key()["KeyMetadata"]
    assert (encrypting["KeyUsage"], encrypting["MultiRegion"]) == ("ENCRYPT_DECRYPT", False)
    assert encrypting["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    assert "SigningAlgorithms" not in encrypting
    assert len(encrypting["CurrentKeyMaterialId"]) == 64
    assert kms.describe_key(KeyId=encrypting["KeyId"])["KeyMetadata"] == encrypting
    signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    assert "EncryptionAlgorithms" not in signing
    assert "CurrentKeyMaterialId" not in signing


@pytest.mark.parametrize(("given", "days"), [({}, 365), ({"RotationPeriodInDays": 90}, 90)])
def test_a_key_tells_how_it_rotates(local_aws: LocalAws, given: dict[str, int], days: int) -> None:
    kms = local_aws.client("kms")
    key = kms.create_key()["KeyMetadata"]
    before = kms.get_key_rotation_status(KeyId=key["Arn"])
    assert (before["KeyId"], before["KeyRotationEnabled"]) == (key["KeyId"], False)
    assert "NextRotationDate" not in before
    kms.enable_key_rotation(KeyId=key["KeyId"], **given)
    after = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert (after["KeyRotationEnabled"], after["RotationPeriodInDays"]) == (True, days)
    assert (after["NextRotationDate"] - key["CreationDate"]).days == days


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["aws:mine"], "Tags beginning with aws: are reserved"),
        (["AWS:mine"], "Tags beginning with aws: are reserved"),
        (["twice", "twice"], "Duplicate tag keys"),
        ([f"key{number}" for number in range(51)], "Too many tags"),
    ],
)
def test_tags_of_keys_that_cannot_be(refused: Refused, keys: list[str], message: str) -> None:
    tags = [{"TagKey": key, "TagValue": "value"} for key in keys]
    assert refused("kms", "create_key", Tags=tags) == ("TagException", message)


def test_an_alias_without_its_prefix(local_aws: LocalAws, refused: Refused) -> None:
    key = local_aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    assert refused("kms", "create_alias", AliasName="mine", TargetKeyId=key) == (
        "ValidationException",
        'Alias must start with the prefix "alias/". Please see '
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    )


@pytest.fixture
def queue(local_aws: LocalAws) -> str:
    settings = {"DelaySeconds": "0", "MaximumMessageSize": "1024"}
    return str(
        local_aws.client("sqs").create_queue(QueueName=unique("queue"), Attributes=settings)["QueueUrl"]
    )


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("MaxNumberOfMessages", 11, "Must be between 1 and 10, if provided."),
        ("WaitTimeSeconds", 21, "Must be >= 0 and <= 20, if provided."),
        ("WaitTimeSeconds", -1, "Must be >= 0 and <= 20, if provided."),
    ],
)
def test_a_queue_gives_only_so_much(
    refused: Refused, queue: str, member: str, value: int, reason: str
) -> None:
    found = refused("sqs", "receive_message", QueueUrl=queue, **{member: value})
    assert found == (
        "InvalidParameterValue",
        f"Value {value} for parameter {member} is invalid. Reason: {reason}",
    )


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        ({"MessageBody": ""}, "MissingParameter", "The request must contain the parameter MessageBody."),
        (
            {"MessageBody": "é" * 513},
            "InvalidParameterValue",
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.",
        ),
        (
            {"MessageBody": "x", "MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}},
            "InvalidParameterValue",
            "Message (user) attribute 'a' must contain a non-empty value of type 'String'.",
        ),
    ],
)
def test_a_message_that_no_queue_takes(
    refused: Refused, queue: str, message: dict[str, Any], code: str, words: str
) -> None:
    assert refused("sqs", "send_message", QueueUrl=queue, **message) == (code, words)


def test_a_queue_of_that_name_that_is_another(refused: Refused, queue: str) -> None:
    name, settings = queue.rsplit("/", 1)[-1], {"DelaySeconds": "1"}
    assert refused("sqs", "create_queue", QueueName=name, Attributes=settings) == (
        "QueueAlreadyExists",
        "A queue already exists with the same name and a different value for attribute DelaySeconds",
    )


def test_a_queue_stays_of_its_type(local_aws: LocalAws, refused: Refused, queue: str) -> None:
    for wanted in ("true", "false"):
        assert refused("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"FifoQueue": wanted}) == (
            "InvalidAttributeName",
            "Unknown Attribute FifoQueue.",
        )
    sqs, name = local_aws.client("sqs"), f"{unique('queue')}.fifo"
    ordered = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=ordered, Attributes={"FifoQueue": "true"})
    assert refused("sqs", "set_queue_attributes", QueueUrl=ordered, Attributes={"FifoQueue": "false"}) == (
        "InvalidAttributeValue",
        "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
    )


def test_a_policy_is_attached_by_its_arn(local_aws: LocalAws, refused: Refused) -> None:
    role = make_role(local_aws, {"Service": "events.amazonaws.com"}).split("/")[-1]
    found = refused("iam", "attach_role_policy", RoleName=role, PolicyArn="a-policy-that-is-no-arn")
    assert found == ("ValidationError", "Invalid ARN:  Could not be parsed!")


def test_a_log_group_tells_its_class(local_aws: LocalAws) -> None:
    logs, name = local_aws.client("logs"), unique("group")
    logs.create_log_group(logGroupName=name)
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["logGroupClass"] == "STANDARD"


def test_a_new_bucket_encrypts_and_is_closed(local_aws: LocalAws) -> None:
    s3, name = local_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=name)
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert rule["BucketKeyEnabled"] is False
    assert set(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert ownership == {"ObjectOwnership": "BucketOwnerEnforced"}
    assert s3.put_object(Bucket=name, Key="key", Body=b"")["ServerSideEncryption"] == "AES256"


def test_a_bucket_cannot_be_without_encryption(local_aws: LocalAws) -> None:
    s3, name = local_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=name)
    s3.delete_bucket_encryption(Bucket=name)
    assert s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]


def test_an_id_that_is_no_keys(refused: Refused) -> None:
    found = refused("kms", "describe_key", KeyId="no-key")
    assert found == ("NotFoundException", "Invalid keyId 'no-key'")


def test_messages_of_a_batch_are_measured_too(local_aws: LocalAws, queue: str) -> None:
    sqs = local_aws.client("sqs")
    entries = [{"Id": "one", "MessageBody": "x"}, {"Id": "two", "MessageBody": "y"}]
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [message["Id"] for message in sent["Successful"]] == ["one", "two"]
