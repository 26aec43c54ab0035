"""The file system that a domain creates for the homes of its users, and leaves behind when it goes.

A file system that stays keeps its mount targets, and these keep their subnets from being deleted.
"""

from dataclasses import dataclass
from typing import Any

from tools.local_aws.context import Context


@dataclass(frozen=True)
class HomeFileSystems:
    """File systems in EFS."""

    context: Context

    def create(self, domain_id: str, key_id: str | None, subnet_ids: list[str]) -> str:
        """A file system with a mount target in every subnet; its id."""
        encryption: dict[str, Any] = {"Encrypted": True} | ({"KmsKeyId": key_id} if key_id else {})
        efs = self.context.client("efs")
        system: str = efs.create_file_system(CreationToken=domain_id, **encryption)["FileSystemId"]
        for subnet_id in subnet_ids:
            efs.create_mount_target(FileSystemId=system, SubnetId=subnet_id)
        return system

    def delete(self, file_system_id: str) -> None:
        """Deletes a file system with its mount targets."""
        efs = self.context.client("efs")
        for target in efs.describe_mount_targets(FileSystemId=file_system_id)["MountTargets"]:
            efs.delete_mount_target(MountTargetId=target["MountTargetId"])
        efs.delete_file_system(FileSystemId=file_system_id)
