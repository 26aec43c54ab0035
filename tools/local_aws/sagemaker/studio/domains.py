"""Domains of SageMaker Studio, and the file systems for the homes of their users."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.context import Context
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import cut
from tools.local_aws.sagemaker.store import Members, Table, now
from tools.local_aws.sagemaker.studio.store import IN_SERVICE, StudioStore, later, merged, new_id, touch
from tools.local_aws.sagemaker.studio.user_settings import UserSettings

_SUMMARY = ("DomainArn", "DomainId", "DomainName", "Status", "CreationTime", "LastModifiedTime", "Url")


@dataclass(frozen=True)
class HomeFileSystems:
    """The file system that a domain creates for the homes of its users, and leaves behind when it goes.

    A file system that stays keeps its mount targets, and these keep their subnets from being deleted.
    """

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
        efs = self.context.client("efs")
        for target in efs.describe_mount_targets(FileSystemId=file_system_id)["MountTargets"]:
            efs.delete_mount_target(MountTargetId=target["MountTargetId"])
        efs.delete_file_system(FileSystemId=file_system_id)


@dataclass
class Domains:
    """Create, Describe, List, Update and Delete of domains."""

    store: StudioStore
    settings: UserSettings
    home: HomeFileSystems

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateDomain": self._create,
            "DescribeDomain": lambda request: self.store.domains.get(request["DomainId"]),
            "ListDomains": self._list,
            "UpdateDomain": self._update,
            "DeleteDomain": self._delete,
        }

    def _create(self, request: Members) -> Members:
        name = request["DomainName"]
        if any(domain["DomainName"] == name for domain in self.store.domains.values()):
            raise ResourceInUseError(f"Domain with name [{name}] already exists.")
        if "ExecutionRole" not in request["DefaultUserSettings"]:
            raise ValidationError("DefaultUserSettings needs an ExecutionRole.")
        self.settings.check(request["DefaultUserSettings"])
        self._check_network(request)
        self._check_key(request.get("KmsKeyId"))
        domain_id, account = new_id("d"), self.store.account
        arn = account.arn("domain", domain_id)
        record = request | {
            "DomainId": domain_id,
            "DomainArn": arn,
            "Url": f"https://{domain_id}.studio.{account.context.region}.sagemaker.aws",
            "AppNetworkAccessType": request.get("AppNetworkAccessType", "PublicInternetOnly"),
            "HomeEfsFileSystemId": self.home.create(
                domain_id, request.get("KmsKeyId"), request.get("SubnetIds", [])
            ),
            "CreationTime": now(),
        }
        touch(record, "Pending")
        self.store.domains.add(domain_id, record)
        account.tags.register(arn, request.get("Tags"))
        later(lambda: touch(record, IN_SERVICE))
        return {"DomainArn": arn, "DomainId": domain_id, "Url": record["Url"]}

    def _check_network(self, request: Members) -> None:
        is_vpc_only = request.get("AppNetworkAccessType") == "VpcOnly"
        missing = [member for member in ("VpcId", "SubnetIds") if not request.get(member)]
        if missing and is_vpc_only:
            raise ValidationError(f"AppNetworkAccessType VpcOnly needs {' and '.join(missing)}.")
        if is_vpc_only and not request["DefaultUserSettings"].get("SecurityGroups"):
            raise ValidationError("AppNetworkAccessType VpcOnly needs DefaultUserSettings.SecurityGroups.")
        if not missing:
            self._check_subnets(request["VpcId"], request["SubnetIds"])

    def _check_subnets(self, vpc_id: str, subnet_ids: list[str]) -> None:
        ec2 = self.store.account.context.client("ec2")
        try:
            subnets = ec2.describe_subnets(SubnetIds=subnet_ids)["Subnets"]
        except ClientError as error:
            raise ValidationError(error.response["Error"]["Message"]) from error
        for subnet in subnets:
            if subnet["VpcId"] != vpc_id:
                raise ValidationError(f"Subnet {subnet['SubnetId']} is not in VPC {vpc_id}.")

    def _check_key(self, key_id: str | None) -> None:
        if key_id is None:
            return
        try:
            self.store.account.context.client("kms").describe_key(KeyId=key_id)
        except ClientError as error:
            raise ValidationError(f"KMS key {key_id} cannot be used: {error}") from error

    def _list(self, request: Members) -> Members:
        found = [
            {member: domain[member] for member in _SUMMARY if member in domain}
            for domain in self.store.domains.values()
        ]
        return cut(found, request, "Domains")

    def _update(self, request: Members) -> Members:
        domain = self.store.usable_domain(request["DomainId"])
        self._refuse_while_apps_run(domain, request)
        if request.get("VpcId", domain.get("VpcId")) != domain.get("VpcId"):
            raise ValidationError("VpcId can only be added to a domain that has none.")
        self.settings.check(merged(domain["DefaultUserSettings"], request.get("DefaultUserSettings", {})))
        changes = {name: value for name, value in request.items() if name != "DomainSettingsForUpdate"}
        if "DomainSettingsForUpdate" in request:
            changes["DomainSettings"] = request["DomainSettingsForUpdate"]
        changed = merged(domain, changes)
        self._check_network(changed)
        domain.update(changed)
        touch(domain, "Updating")
        later(lambda: touch(domain, IN_SERVICE))
        return {"DomainArn": domain["DomainArn"]}

    def _refuse_while_apps_run(self, domain: Members, request: Members) -> None:
        """Some settings only change without apps.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateDomain.html
        """
        if not any(app["Status"] != "Failed" for app in self.store.apps_of(domain["DomainId"])):
            return
        now_for, then = domain.get("DomainSettings", {}), request.get("DomainSettingsForUpdate", {})
        identity = "ExecutionRoleIdentityConfig"
        subnets: list[str] = domain.get("SubnetIds", [])
        fixed = {
            "AppNetworkAccessType": request.get("AppNetworkAccessType", domain["AppNetworkAccessType"])
            != domain["AppNetworkAccessType"],
            identity: then.get(identity, now_for.get(identity)) != now_for.get(identity),
            "SubnetIds": not set(subnets) <= set(request.get("SubnetIds", subnets)),
        }
        for member, changes in fixed.items():
            if changes:
                raise ResourceInUseError(
                    f"Unable to update {member} of Domain [{domain['DomainId']}] because App(s) are in "
                    "the InService, Pending or Deleting state."
                )

    def _delete(self, request: Members) -> None:
        domain_id = request["DomainId"]
        domain = self.store.domains.get(domain_id)
        self.store.refuse_if_used(
            "Domain",
            domain_id,
            {
                "App": self.store.apps_of(domain_id),
                "Space": _of_domain(self.store.spaces, domain_id),
                "UserProfile": _of_domain(self.store.profiles, domain_id),
            },
        )
        keeps_home = request.get("RetentionPolicy", {}).get("HomeEfsFileSystem", "Retain") == "Retain"
        touch(domain, "Deleting")
        later(lambda: self._remove(domain, keeps_home))

    def _remove(self, domain: Members, keeps_home: bool) -> None:
        if not keeps_home:
            self.home.delete(domain["HomeEfsFileSystemId"])
        try:
            self.store.domains.remove(domain["DomainId"])
        except ResourceNotFoundError:
            return
        self.store.account.tags.forget(domain["DomainArn"])


def _of_domain(table: Table, domain_id: str) -> list[Members]:
    return [record for record in table.values() if record["DomainId"] == domain_id]
