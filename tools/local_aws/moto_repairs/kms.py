"""KMS: keys, their rotation and their tags answer what AWS was recorded to answer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from moto.kms.exceptions import NotFoundException
from moto.kms.models import Key
from moto.kms.responses import KmsResponse

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError

_ROTATION_DAYS = 365
_TAGS_AT_MOST = 50
# https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html is part of what AWS says.
_NO_ALIAS = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)
_ALGORITHMS = {"SigningAlgorithms": "SIGN_VERIFY", "EncryptionAlgorithms": "ENCRYPT_DECRYPT"}


def install(_: Context) -> None:
    Key.to_dict = _as_aws_tells(Key.to_dict)
    KmsResponse.enable_key_rotation = _remembering_the_period(KmsResponse.enable_key_rotation)
    KmsResponse.get_key_rotation_status = _with_the_next_date(KmsResponse.get_key_rotation_status)
    KmsResponse.create_key = _with_tags_that_can_be(KmsResponse.create_key)
    KmsResponse.tag_resource = _with_tags_that_can_be(KmsResponse.tag_resource)
    KmsResponse._validate_cmk_id = _quoting(KmsResponse._validate_cmk_id)
    KmsResponse.create_alias = _with_a_prefix(KmsResponse.create_alias)


def _as_aws_tells(to_dict: Callable[[Any], dict[str, Any]]) -> Callable[[Any], dict[str, Any]]:
    def told(key: Any) -> dict[str, Any]:
        metadata = to_dict(key)["KeyMetadata"]
        metadata["KeyUsage"] = metadata["KeyUsage"] or "ENCRYPT_DECRYPT"
        metadata["MultiRegion"] = bool(metadata["MultiRegion"])
        for member, usage in _ALGORITHMS.items():
            if metadata["KeyUsage"] != usage:
                del metadata[member]
        if metadata["KeySpec"] == "SYMMETRIC_DEFAULT" and metadata["Origin"] == "AWS_KMS":
            metadata["CurrentKeyMaterialId"] = _material(key)
        return {"KeyMetadata": metadata}

    return told


def _material(key: Any) -> str:
    if not hasattr(key, "material_id"):
        key.material_id = uuid4().hex * 2
    return str(key.material_id)


def _key(response: Any) -> Any:
    backend = response.kms_backend
    return backend.keys[backend.get_key_id(response._get_param("KeyId"))]


def _quoting(validate: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    def validated(response: Any, key_id: str) -> None:
        try:
            validate(response, key_id)
        except NotFoundException as error:
            quoted = str(error.message).replace(f"Invalid keyId {key_id}", f"Invalid keyId '{key_id}'")
            raise ApiError("NotFoundException", quoted) from None

    return validated


def _remembering_the_period(enable: Callable[[Any], str]) -> Callable[[Any], str]:
    def enabled(response: Any) -> str:
        answer = enable(response)
        key = _key(response)
        key.rotation_days = response._get_param("RotationPeriodInDays") or _ROTATION_DAYS
        key.rotation_date = datetime.now(UTC) + timedelta(days=key.rotation_days)
        return answer

    return enabled


def _with_the_next_date(status: Callable[[Any], str]) -> Callable[[Any], str]:
    def told(response: Any) -> str:
        known, key = json.loads(status(response)), _key(response)
        known["KeyId"] = key.id
        if known["KeyRotationEnabled"]:
            known |= {
                "RotationPeriodInDays": key.rotation_days,
                "NextRotationDate": key.rotation_date.timestamp(),
            }
        return json.dumps(known)

    return told


def _with_tags_that_can_be(change: Callable[[Any], str]) -> Callable[[Any], str]:
    def changed(response: Any) -> str:
        names = [tag["TagKey"] for tag in response._get_param("Tags") or []]
        if any(name.lower().startswith("aws:") for name in names):
            raise ApiError("TagException", "Tags beginning with aws: are reserved")
        if len(names) > _TAGS_AT_MOST:
            raise ApiError("TagException", "Too many tags")
        if len(set(names)) != len(names):
            raise ApiError("TagException", "Duplicate tag keys")
        return change(response)

    return changed


def _with_a_prefix(create_alias: Callable[[Any], str]) -> Callable[[Any], str]:
    def created(response: Any) -> str:
        if not response._get_param("AliasName").startswith("alias/"):
            raise ApiError("ValidationException", _NO_ALIAS)
        return create_alias(response)

    return created
