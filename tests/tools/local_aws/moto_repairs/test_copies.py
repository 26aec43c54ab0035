"""Copies of S3 objects: what they were copied as, and where nothing may be yet."""

import base64
import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.process import LocalAws


@pytest.fixture
def s3(local_aws: LocalAws) -> Any:
    return local_aws.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = unique("copies")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def test_a_copy_tells_the_digest_that_it_was_asked_for_and_keeps_it(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="from", Body=b"content")
    copied = s3.copy_object(Bucket=bucket, Key="to", CopySource=f"{bucket}/from", ChecksumAlgorithm="SHA256")
    assert copied["CopyObjectResult"]["ChecksumSHA256"] == _digest(b"content")
    head = s3.head_object(Bucket=bucket, Key="to", ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["VersionId"]) == (_digest(b"content"), copied["VersionId"])


def test_a_copy_of_a_version_is_not_of_what_came_later(s3: Any, bucket: str) -> None:
    first = s3.put_object(Bucket=bucket, Key="from", Body=b"first")["VersionId"]
    s3.put_object(Bucket=bucket, Key="from", Body=b"second")
    s3.copy_object(Bucket=bucket, Key="to", CopySource=f"{bucket}/from?versionId={first}")
    assert s3.get_object(Bucket=bucket, Key="to")["Body"].read() == b"first"


def test_a_copy_goes_only_where_nothing_is_when_it_says_so(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="from", Body=b"content")
    copy = {"Bucket": bucket, "Key": "to", "CopySource": f"{bucket}/from", "IfNoneMatch": "*"}
    s3.copy_object(**copy)
    with pytest.raises(ClientError, match="At least one of the pre-conditions") as refused:
        s3.copy_object(**copy)
    assert refused.value.response["Error"]["Code"] == "PreconditionFailed"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    s3.delete_object(Bucket=bucket, Key="to")
    s3.copy_object(**copy)
