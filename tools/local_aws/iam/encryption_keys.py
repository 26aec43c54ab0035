"""The permission on KMS keys that S3, SNS and SQS ask for what is encrypted with them.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from tools.local_aws.iam.calls.asks import Ask
from tools.local_aws.iam.calls.s3 import S3Request, copy_source
from tools.local_aws.iam.engine.patterns import ContextValue
from tools.local_aws.iam.resource_policies import bucket_of, key_arn

_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
_ENCRYPTION_HEADER = "x-amz-server-side-encryption"
# The key that AWS manages for S3 may be used by everybody in the account through S3.
_AWS_MANAGED = "alias/aws/s3"
# By action of sending: how the key is told what it encrypts.
_SENDING = {"sns:Publish": "aws:sns:topicArn", "sqs:SendMessage": "aws:sqs:arn"}
# "Adding the aws:SourceAccount, aws:SourceArn, and aws:SourceOrgID to a AWS KMS policy is not supported for
# EventBridge-to-encrypted topics": https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
_EVENTBRIDGE = "events.amazonaws.com"
_NOT_TOLD_BY_EVENTBRIDGE = frozenset({"aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID"})


def object_key_asks(request: S3Request, action: str, account: str, region: str) -> Iterator[Ask]:
    """What the request needs on keys: to decrypt what it reads, to make data keys for what it writes."""
    if request.bucket is None or request.key is None:
        return
    if source := copy_source(request):
        yield from _asks("Decrypt", _key_of_object(*source), source[0], account, region)
    if action == "s3:PutObject":
        key = _key_to_write_with(request)
        yield from _asks("GenerateDataKey", key, request.bucket, account, region)
    elif action in ("s3:GetObject", "s3:GetObjectVersion") and request.method == "GET":
        key = _key_of_object(request.bucket, request.key)
        yield from _asks("Decrypt", key, request.bucket, account, region)


def _asks(verb: str, key: str | None, bucket: str, account: str, region: str) -> Iterator[Ask]:
    if key is None or key.endswith(_AWS_MANAGED):
        return
    context: dict[str, ContextValue] = {
        "kms:ViaService": f"s3.{region}.amazonaws.com",
        "kms:CallerAccount": account,
        "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}",
        "kms:EncryptionContextKeys": ("aws:s3:arn",),
    }
    yield Ask(f"kms:{verb}", key_arn(key, account, region), context)


def _key_to_write_with(request: S3Request) -> str | None:
    if key := request.headers.get(_KEY_HEADER):
        return key
    if request.headers.get(_ENCRYPTION_HEADER, "aws:kms") != "aws:kms":
        return None
    return _default_key(bucket_of(request.bucket or ""))


def _default_key(bucket: Any) -> str | None:
    if bucket is None or not bucket.encryption:
        return None
    rule = bucket.encryption["Rule"]
    rule = rule[0] if isinstance(rule, list) else rule
    key = rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")
    return str(key) if key else None


def _key_of_object(bucket_name: str, key_name: str) -> str | None:
    bucket = bucket_of(bucket_name)
    stored = bucket.keys.get(key_name) if bucket is not None else None
    key = getattr(stored, "kms_key_id", None)
    return str(key) if key else None


def message_key_asks(ask: Ask, caller: Mapping[str, ContextValue], account: str, region: str) -> list[Ask]:
    """What sending a message asks on the key of its topic or queue; `caller`: the sender's condition keys."""
    if ask.action not in _SENDING:
        return []
    target = _target(ask.resource, account, region)
    key = getattr(target, "kms_master_key_id", None)
    if not key:
        return []
    told = _SENDING[ask.action]
    context: dict[str, ContextValue] = {
        "kms:ViaService": f"{ask.action.split(':')[0]}.{region}.amazonaws.com",
        "kms:CallerAccount": account,
        f"kms:EncryptionContext:{told}": ask.resource,
        "kms:EncryptionContextKeys": (told,),
    }
    by_eventbridge = caller.get("aws:PrincipalServiceName") == _EVENTBRIDGE
    without = _NOT_TOLD_BY_EVENTBRIDGE if by_eventbridge else frozenset()
    arn = key_arn(str(key), account, region)
    return [Ask(f"kms:{verb}", arn, context, without) for verb in ("GenerateDataKey", "Decrypt")]


def _target(arn: str, account: str, region: str) -> Any:
    if ":sns:" in arn:
        return sns_backends[account][region].topics.get(arn)
    return sqs_backends[account][region].queues.get(arn.rsplit(":", 1)[-1])
