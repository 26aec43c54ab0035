"""What a key of KMS is good for in its state, also through S3.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from collections.abc import Iterator
from typing import Any

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.wire import Request

_ENABLED, _DISABLED, _PENDING = "Enabled", "Disabled", "PendingDeletion"
_ALIVE = (_ENABLED, _DISABLED)
_OF_OPERATION = {
    **dict.fromkeys(("EnableKey", "DisableKey", "ScheduleKeyDeletion", "UpdateKeyDescription"), _ALIVE),
    **dict.fromkeys(("CreateAlias", "UpdateAlias", "TagResource", "UntagResource", "CreateGrant"), _ALIVE),
    "CancelKeyDeletion": (_PENDING,),
    **dict.fromkeys(("EnableKeyRotation", "Encrypt", "Decrypt", "ReEncrypt", "Sign", "Verify"), (_ENABLED,)),
    **dict.fromkeys(("GenerateMac", "VerifyMac", "GenerateDataKey", "GenerateDataKeyPair"), (_ENABLED,)),
    **dict.fromkeys(("GenerateDataKeyWithoutPlaintext", "DisableKeyRotation"), (_ENABLED,)),
}
_ID_LENGTH = 36


def out_of_state(request: Request, account: str, region: str) -> Iterator[ApiError]:
    """The refusals of what the state of the request's key does not allow."""
    keys = kms_backends[account][region]
    name = _key_of(request, account)
    key = key_named(keys, name)
    by_s3 = request.service == "s3"
    if by_s3 and name and key is None and "/aws/" not in name:
        yield ApiError("KMS.NotFoundException", f"Key '{name}' does not exist")
    allowed = (_ENABLED,) if by_s3 else _OF_OPERATION.get(request.operation, ())
    prefix = "KMS." if by_s3 else ""
    if key is None or not allowed or key.key_state in allowed:
        return
    if key.key_state == _DISABLED and allowed == (_ENABLED,):
        yield ApiError(f"{prefix}DisabledException", f"{key.arn} is disabled.")
    state = "pending deletion" if key.key_state == _PENDING else "not pending deletion"
    yield ApiError(f"{prefix}KMSInvalidStateException", f"{key.arn} is {state}.")


def key_named(keys: Any, name: str) -> Any:
    """The key of an id, an ARN or an alias, if there is one."""
    alias = keys.get_alias_name(name)
    return keys.keys.get(keys.get_key_id_from_alias(alias) if "alias/" in alias else keys.get_key_id(name))


def _key_of(request: Request, account: str) -> str:
    members = request.members
    if request.service == "kms":
        blob = members.get("CiphertextBlob")
        inside = blob[:_ID_LENGTH].decode(errors="ignore") if isinstance(blob, bytes) else ""
        return str(members.get("KeyId") or members.get("TargetKeyId") or inside)
    if request.service != "s3" or request.operation not in ("PutObject", "GetObject"):
        return ""
    bucket = s3_backends[account]["aws"].buckets.get(members["Bucket"])
    if request.operation == "GetObject":
        return str(getattr(bucket and bucket.keys.get(members["Key"]), "kms_key_id", "") or "")
    return str(
        members.get("SSEKMSKeyId") or ("" if members.get("ServerSideEncryption") else _default(bucket))
    )


def _default(bucket: Any) -> str:
    rule = bucket.encryption["Rule"] if bucket and bucket.encryption else {}
    rule = rule[0] if isinstance(rule, list) else rule
    return str(rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID") or "")
