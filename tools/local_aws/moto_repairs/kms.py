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
_ALGORITHMS = {"SigningAlgorithms": "SIGN_VERIFY", "EncryptionAlgorithms": "ENCRYPT_DECRYPT"}


def install(_: Context) -> None:
    Key.to_dict = _as_aws_tells(Key.to_dict)
    KmsResponse.enable_key_rotation = _remembering_the_period(KmsResponse.enable_key_rotation)
    KmsResponse.get_key_rotation_status = _with_the_next_date(KmsResponse.get_key_rotation_status)
    KmsResponse._validate_cmk_id = _quoting(KmsResponse._validate_cmk_id)


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
