"""S3: a new bucket encrypts, is closed and knows no ACLs, as since April 2023; copies and disks have limits.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html and
https://aws.amazon.com/about-aws/whats-new/2022/12/amazon-s3-automatically-enable-block-public-access-disable-access-control-lists-buckets-april-2023/
and, for copies, https://www.amazonaws.cn/en/new/2025/amazon-s3-adds-conditional-write-functionality-to-copy-operations
"""

import errno
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.s3.exceptions import MissingKey, PreconditionFailed, S3ClientError
from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend
from moto.s3.responses import S3Response

from tools.local_aws.context import Context

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def install(_: Context) -> None:
    FakeBucket.__init__ = _with_defaults(FakeBucket.__init__)
    S3Backend.delete_bucket_encryption = _delete_encryption
    S3Response.copy_object = _on_its_condition(S3Response.copy_object)
    S3Response._key_response = _while_there_is_room(S3Response._key_response)


def _default_encryption() -> dict[str, Any]:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": "false"}
    return {"Rule": rule}


def _with_defaults(init: Callable[..., None]) -> Callable[..., None]:
    def created(bucket: Any, *given: Any, **named: Any) -> None:
        init(bucket, *given, **named)
        bucket.encryption = _default_encryption()
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
        bucket.ownership_rule = "BucketOwnerEnforced"

    return created


def _delete_encryption(backend: Any, bucket_name: str) -> None:
    backend.get_bucket(bucket_name).encryption = _default_encryption()


def _on_its_condition(copy_object: Callable[..., Any]) -> Callable[..., Any]:
    def copied(response: Any) -> Any:
        taken = response.backend.get_object(response.bucket_name, response.parse_key_name())
        if response.headers.get("If-None-Match") == "*" and taken is not None:
            raise PreconditionFailed("If-None-Match")
        expected = response.headers.get("x-amz-copy-source-if-match")
        if expected is not None and expected.strip('"') != _source_of(response).etag.strip('"'):
            raise PreconditionFailed("x-amz-copy-source-If-Match")
        return copy_object(response)

    return copied


def _source_of(response: Any) -> Any:
    bucket, _, key = unquote(response.headers["x-amz-copy-source"]).lstrip("/").partition("/")
    source = response.backend.get_object(bucket, key)
    if source is None:
        raise MissingKey(key=key)
    return source


def _while_there_is_room(answer: Callable[..., Any]) -> Callable[..., Any]:
    def answered(response: Any, *request: Any) -> Any:
        try:
            return answer(response, *request)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            what = f"The embedded AWS has no room for the object: {error.strerror}"
            raise S3ClientError("InternalError", what) from error

    return answered
