"""A key is good for what its state allows, also through S3."""

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.process import LocalAws


@pytest.fixture
def key(local_aws: LocalAws) -> str:
    return str(local_aws.client("kms").create_key()["KeyMetadata"]["KeyId"])


def test_a_disabled_key_neither_encrypts_nor_decrypts_until_it_is_enabled(
    local_aws: LocalAws, key: str
) -> None:
    kms = local_aws.client("kms")
    secret = kms.encrypt(KeyId=key, Plaintext=b"a")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    with pytest.raises(ClientError, match=f"{key} is disabled") as caught:
        kms.encrypt(KeyId=key, Plaintext=b"a")
    assert caught.value.response["Error"]["Code"] == "DisabledException"
    with pytest.raises(ClientError, match=f"{key} is disabled"):
        kms.decrypt(CiphertextBlob=secret)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=secret)["Plaintext"] == b"a"


def test_a_key_that_is_to_be_deleted_can_only_be_kept(local_aws: LocalAws, key: str) -> None:
    kms = local_aws.client("kms")
    with pytest.raises(ClientError, match="is not pending deletion"):
        kms.cancel_key_deletion(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(ClientError, match="is pending deletion") as caught:
        kms.enable_key(KeyId=key)
    assert caught.value.response["Error"]["Code"] == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)


def test_objects_need_their_key(local_aws: LocalAws, key: str) -> None:
    s3, name = local_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=name)
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Bucket=name, Key="a", Body=b"a", **encrypted)
    local_aws.client("kms").disable_key(KeyId=key)
    with pytest.raises(ClientError, match=r"KMS\.DisabledException"):
        s3.get_object(Bucket=name, Key="a")
    with pytest.raises(ClientError, match=r"KMS\.DisabledException"):
        s3.put_object(Bucket=name, Key="b", Body=b"a", **encrypted)
    s3.put_object(Bucket=name, Key="b", Body=b"a")
    with pytest.raises(ClientError, match=r"KMS\.NotFoundException"):
        s3.put_object(Bucket=name, Key="c", Body=b"a", **encrypted | {"SSEKMSKeyId": "alias/none"})
