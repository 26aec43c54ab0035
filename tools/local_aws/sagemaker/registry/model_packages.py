"""The model registry: groups, numbered versions, approval."""

import threading

from tools.local_aws.iam.resource_policies import OF_GROUPS
from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ConflictError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.registry.model_cards import check_card
from tools.local_aws.sagemaker.store import Members, Table, now

EVENT = "SageMaker Model Package State Change"
_UPDATED = (
    "ModelApprovalStatus",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


class ModelPackages:
    """Versions of models, each in a group."""

    def __init__(self, account: Account, registries: "dict[str, ModelPackages] | None" = None) -> None:
        self._account = account
        self._registries = {} if registries is None else registries
        self._registries[account.context.account] = self
        self._lock = threading.Lock()
        self._last_version: dict[str, int] = {}
        self.groups = Table(
            not_found=lambda name: ValidationError(f"Model Package Group {name} does not exist."),
            taken=lambda name: ValidationError(
                f"Model Package Group already exists: {account.arn('model-package-group', name)}"
            ),
        )
        self.packages = Table(
            not_found=lambda arn: ValidationError(f"ModelPackage {arn} does not exist."),
            taken=lambda arn: ValidationError(f"Model Package already exists: {arn}"),
            key=self._package_arn,
        )

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateModelPackageGroup": self._create_group,
            "DescribeModelPackageGroup": lambda request: self.groups.get(request["ModelPackageGroupName"]),
            "ListModelPackageGroups": lambda request: page(
                self.groups.values(), request, "ModelPackageGroupSummaryList", "ModelPackageGroupName"
            ),
            "DeleteModelPackageGroup": self._delete_group,
            "PutModelPackageGroupPolicy": self._put_policy,
            "GetModelPackageGroupPolicy": self._get_policy,
            "DeleteModelPackageGroupPolicy": self._delete_policy,
            "CreateModelPackage": self._create,
            "DescribeModelPackage": self._describe,
            "ListModelPackages": self._list,
            "UpdateModelPackage": self._update,
            "DeleteModelPackage": self._delete,
        }

    def _owner(self, name_or_arn: str) -> "ModelPackages":
        """The registry that an ARN is of; by its name only one's own is found."""
        account = name_or_arn.split(":")[4] if name_or_arn.startswith("arn:") else ""
        return self._registries.get(account, self)

    def _describe(self, request: Members) -> Members:
        name = request["ModelPackageName"]
        return self._owner(name).packages.get(name)

    def _package_arn(self, name_or_arn: str) -> str:
        is_arn = name_or_arn.startswith("arn:")
        return name_or_arn if is_arn else self._account.arn("model-package", name_or_arn)

    def _create_group(self, request: Members) -> Members:
        name = request["ModelPackageGroupName"]
        arn = self._account.arn("model-package-group", name)
        record = request | {
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupStatus": "Completed",
            "CreationTime": now(),
        }
        self.groups.add(name, record)
        self._account.tags.register(arn, request.get("Tags"))
        return {"ModelPackageGroupArn": arn}

    def _delete_group(self, request: Members) -> None:
        group = self.groups.get(request["ModelPackageGroupName"])
        if self._versions(group["ModelPackageGroupName"]):
            raise ConflictError(
                f"Model Package Group {group['ModelPackageGroupName']} cannot be deleted: "
                "it still contains model packages."
            )
        self.groups.remove(group["ModelPackageGroupName"])
        OF_GROUPS.pop(group["ModelPackageGroupArn"], None)
        self._account.tags.forget(group["ModelPackageGroupArn"])

    def _put_policy(self, request: Members) -> Members:
        group = self.groups.get(request["ModelPackageGroupName"])
        OF_GROUPS[group["ModelPackageGroupArn"]] = request["ResourcePolicy"]
        return {"ModelPackageGroupArn": group["ModelPackageGroupArn"]}

    def _get_policy(self, request: Members) -> Members:
        group = self.groups.get(request["ModelPackageGroupName"])
        if group["ModelPackageGroupArn"] not in OF_GROUPS:
            name = group["ModelPackageGroupName"]
            raise ResourceNotFoundError(f"Model Package Group {name} has no resource policy.")
        return {"ResourcePolicy": OF_GROUPS[group["ModelPackageGroupArn"]]}

    def _delete_policy(self, request: Members) -> None:
        OF_GROUPS.pop(self.groups.get(request["ModelPackageGroupName"])["ModelPackageGroupArn"], None)

    def _versions(self, group: str) -> list[Members]:
        return [record for record in self.packages.values() if record["ModelPackageGroupName"] == group]

    def _create(self, request: Members) -> Members:
        if "ModelPackageGroupName" not in request:
            raise ValidationError(
                "The embedded AWS only has model packages in a group: ModelPackageGroupName."
            )
        group = self.groups.get(request["ModelPackageGroupName"])["ModelPackageGroupName"]
        if "InferenceSpecification" not in request and "SourceUri" not in request:
            raise ValidationError(
                "InferenceSpecification, SourceAlgorithmSpecification or SourceUri is required."
            )
        check_card(request.get("ModelCard", {}))
        with self._lock:  # a number is never given twice, not even after its version was deleted
            version = self._last_version[group] = self._last_version.get(group, 0) + 1
        arn, created = self._account.arn("model-package", f"{group}/{version}"), now()
        record: Members = {"ModelApprovalStatus": "PendingManualApproval"} | request
        record |= {
            "ModelPackageGroupName": group,
            "ModelPackageVersion": version,
            "ModelPackageArn": arn,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": request.get("CertifyForMarketplace", False),
            "CreationTime": created,
            "LastModifiedTime": created,
        }
        self.packages.add(arn, record)
        self._account.tags.register(arn, request.get("Tags"))
        self._account.emit(EVENT, record, arn)
        return {"ModelPackageArn": arn}

    def _update(self, request: Members) -> Members:
        record = self.packages.get(request["ModelPackageArn"])
        check_card(request.get("ModelCard", {}))
        record.update({member: request[member] for member in _UPDATED if member in request})
        properties = record.get("CustomerMetadataProperties", {}) | request.get(
            "CustomerMetadataProperties", {}
        )
        for key in request.get("CustomerMetadataPropertiesToRemove", []):
            properties.pop(key, None)
        record["CustomerMetadataProperties"] = properties
        record["LastModifiedTime"] = now()
        self._account.emit(EVENT, record, record["ModelPackageArn"])
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def _delete(self, request: Members) -> None:
        record = self.packages.remove(request["ModelPackageName"])
        self._account.tags.forget(record["ModelPackageArn"])

    def _list(self, request: Members) -> Members:
        found = self.packages.values()
        if "ModelPackageGroupName" in request:
            named = request["ModelPackageGroupName"]
            owner, name = self._owner(named), named.rpartition("/")[2]
            found = owner._versions(owner.groups.get(name)["ModelPackageGroupName"])
        if "ModelApprovalStatus" in request:
            wanted = request["ModelApprovalStatus"]
            found = [record for record in found if record["ModelApprovalStatus"] == wanted]
        return page(found, request, "ModelPackageSummaryList", "ModelPackageGroupName")
