"""Key Management Service: keys and aliases."""

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.parts import put, reads_back
from tools.local_aws.cloudformation.row import Read, Row, Setting, Tagging, Work

_POLICY_NAME = "default"


def _is_true(work: Work, name: str) -> bool:
    return str(work.properties.get(name, False)).lower() == "true"


def _rotate(work: Work) -> None:
    if not _is_true(work, "EnableKeyRotation"):
        work.call("DisableKeyRotation")
        return
    period = work.properties.get("RotationPeriodInDays")
    work.call("EnableKeyRotation", {"RotationPeriodInDays": period} if period else None)


def _check_rotation(work: Work) -> None:
    rotates = work.call("GetKeyRotationStatus")["KeyRotationEnabled"]
    if rotates != _is_true(work, "EnableKeyRotation"):
        raise ResourceError(f"EnableKeyRotation was declared but the key says KeyRotationEnabled={rotates}")


def _put_policy(work: Work) -> None:
    work.call("PutKeyPolicy", {"Policy": work.properties["KeyPolicy"]})


ROWS = (
    Row(
        type_name="AWS::KMS::Key",
        service="kms",
        create="CreateKey",
        delete="ScheduleKeyDeletion",
        reference="{KeyId}",
        identity={"KeyId": "{KeyId}", "PolicyName": _POLICY_NAME},
        learns={"KeyId": "KeyMetadata.KeyId", "Arn": "KeyMetadata.Arn"},
        renamed={"KeyPolicy": "Policy"},
        settings=(
            Setting(("EnableKeyRotation", "RotationPeriodInDays"), _rotate, _rotate),
            Setting(("KeyPolicy",), _put_policy, created_with=True),
            put("Description", "UpdateKeyDescription", created_with=True),
        ),
        tagging=Tagging("TagResource", "UntagResource"),
        ignored={"PendingWindowInDays": "keys go after 30 days, longer than the embedded AWS lives"},
        checks=(_check_rotation, reads_back("GetKeyPolicy", {"KeyPolicy": "Policy"})),
    ),
    Row(
        type_name="AWS::KMS::Alias",
        service="kms",
        create="CreateAlias",
        update="UpdateAlias",
        delete="DeleteAlias",
        reference="{AliasName}",
        read=Read("ListAliases", found="Aliases[?AliasName=='{AliasName}']"),
        identity={"AliasName": "{AliasName}"},
    ),
)
