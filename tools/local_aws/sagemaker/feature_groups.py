"""Feature groups: their definition and the Glue table of the offline store. Records cannot be put."""

from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.api import Operation
from tools.local_aws.sagemaker.errors import ResourceInUseError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.listing import page
from tools.local_aws.sagemaker.s3_objects import split_uri
from tools.local_aws.sagemaker.store import Members, Table, now

_KIND = "feature-group"
_DATABASE = "sagemaker_featurestore"
_RESERVED = ("api_invocation_time", "is_deleted", "write_time")
_GLUE_TYPES = {"Fractional": "double", "Integral": "bigint", "String": "string"}


class FeatureGroups:
    """Create, Describe, List, Update and Delete of feature groups."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.table = Table(
            not_found=lambda name: ResourceNotFoundError(f"Resource Not Found: Feature Group {name}"),
            taken=lambda name: ResourceInUseError(
                f"An existing Feature Group with the name {name} already exists. Please use a different name."
            ),
        )

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "CreateFeatureGroup": self._create,
            "DescribeFeatureGroup": lambda request: self.table.get(request["FeatureGroupName"]),
            "ListFeatureGroups": self._list,
            "UpdateFeatureGroup": self._update,
            "DeleteFeatureGroup": self._delete,
        }

    def _create(self, request: Members) -> Members:
        name = request["FeatureGroupName"]
        if name in self.table:
            raise self.table.taken(name)
        _check_features(request)
        offline = dict(request.get("OfflineStoreConfig", {}))
        if not offline and not request.get("OnlineStoreConfig", {}).get("EnableOnlineStore"):
            raise ValidationError(
                "Validation Error: Either OnlineStoreConfig or OfflineStoreConfig must be specified."
            )
        record = request | {
            "FeatureGroupArn": self._account.arn(_KIND, name),
            "CreationTime": now(),
            "LastModifiedTime": now(),
            "FeatureGroupStatus": "Created",
        }
        if offline:
            record["OfflineStoreConfig"] = self._open_offline_store(request, offline)
            record["OfflineStoreStatus"] = {"Status": "Active"}
        record.pop("Tags", None)
        self.table.add(name, record)
        self._account.tags.register(record["FeatureGroupArn"], request.get("Tags"))
        return {"FeatureGroupArn": record["FeatureGroupArn"]}

    def _open_offline_store(self, request: Members, offline: Members) -> Members:
        """Asks for the bucket with the group's role, as SageMaker does, and makes the Glue table."""
        role_arn = request.get("RoleArn")
        if not role_arn:
            raise ValidationError(
                "Validation Error: RoleArn is required when OfflineStoreConfig is specified."
            )
        uri = offline["S3StorageConfig"]["S3Uri"]
        bucket, prefix = split_uri(uri)
        s3 = self._account.context.client("s3", self._account.assume(role_arn))
        try:
            s3.get_bucket_acl(Bucket=bucket)
        except ClientError as error:
            raise ValidationError(
                f"Validation Error: Invalid parameters: role {role_arn} cannot access {uri}: {error}"
            ) from error
        resolved = f"s3://{bucket}/{prefix}/{self._account.context.account}/sagemaker"
        name = request["FeatureGroupName"]
        resolved += f"/{self._account.context.region}/offline-store/{name}/data"
        stored = {
            **offline,
            "S3StorageConfig": {**offline["S3StorageConfig"], "ResolvedOutputS3Uri": resolved},
        }
        if offline.get("DisableGlueTableCreation"):
            return stored
        if "DataCatalogConfig" in offline or offline.get("TableFormat", "Glue") != "Glue":
            raise ValidationError(
                "The embedded AWS makes tables of format Glue in SageMaker's own database only: leave "
                "DataCatalogConfig out."
            )
        table = self._create_table(request, resolved)
        catalog = {"Catalog": "AwsDataCatalog", "Database": _DATABASE, "TableName": table}
        return {**stored, "DataCatalogConfig": catalog}

    def _create_table(self, request: Members, location: str) -> str:
        glue = self._account.context.client("glue")
        try:
            glue.create_database(DatabaseInput={"Name": _DATABASE})
        except ClientError as error:
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise
        name = f"{request['FeatureGroupName']}-{int(now().timestamp() * 1000)}".replace("-", "_").lower()
        columns: list[dict[str, Any]] = [
            {"Name": feature["FeatureName"].lower(), "Type": _GLUE_TYPES[feature["FeatureType"]]}
            for feature in request["FeatureDefinitions"]
        ]
        columns += [{"Name": "write_time", "Type": "timestamp"}, {"Name": "is_deleted", "Type": "boolean"}]
        glue.create_table(
            DatabaseName=_DATABASE,
            TableInput={
                "Name": name,
                "TableType": "EXTERNAL_TABLE",
                "StorageDescriptor": {"Columns": columns, "Location": location},
            },
        )
        return name

    def _update(self, request: Members) -> Members:
        record = self.table.get(request["FeatureGroupName"])
        if "ThroughputConfig" in request or "OnlineStoreConfig" in request:
            raise ValidationError("The embedded AWS updates FeatureAdditions only.")
        added = request.get("FeatureAdditions", [])
        _check_features(record | {"FeatureDefinitions": record["FeatureDefinitions"] + added})
        record["FeatureDefinitions"] = record["FeatureDefinitions"] + added
        record["LastModifiedTime"] = now()
        return {"FeatureGroupArn": record["FeatureGroupArn"]}

    def _delete(self, request: Members) -> None:
        """The offline store's objects and its table stay, on AWS as well."""
        record = self.table.remove(request["FeatureGroupName"])
        self._account.tags.forget(record["FeatureGroupArn"])

    def _list(self, request: Members) -> Members:
        members = ("FeatureGroupName", "FeatureGroupArn", "CreationTime", "FeatureGroupStatus")
        found = [{member: record[member] for member in members} for record in self.table.values()]
        return page(found, request, "FeatureGroupSummaries", "FeatureGroupName", "FeatureGroupStatus")


def _check_features(request: Members) -> None:
    names = [feature["FeatureName"] for feature in request["FeatureDefinitions"]]
    lower = [name.lower() for name in names]
    twice = sorted({name for name in names if lower.count(name.lower()) > 1})
    if twice:
        raise ValidationError(f"Validation Error: Feature names must be unique: {', '.join(twice)}")
    reserved = sorted(set(lower) & set(_RESERVED))
    if reserved:
        raise ValidationError(f"Validation Error: {', '.join(reserved)} are reserved names of features.")
    for member in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if request[member] not in names:
            raise ValidationError(
                f"Validation Error: {member} {request[member]} is not in FeatureDefinitions."
            )
