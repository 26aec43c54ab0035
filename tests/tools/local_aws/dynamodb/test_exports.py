"""A table is exported to S3 as AWS lays it out, in the name of whoever asks for it."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, allow, make_role, unique
from tools.local_aws.clients import Credentials
from tools.local_aws.process import LocalAws

ITEMS = [{"id": {"S": str(number)}, "price": {"N": f"{number}.50"}} for number in range(20)]
PREFIX = "raw/rents/2026-11-22"


@dataclass(frozen=True)
class Source:
    """A table, and a bucket that its exports go to."""

    aws: LocalAws
    bucket: str
    table: str
    key: str

    def export(self, *statements: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """As a role with these statements, or as the operator without any."""
        client = self.aws.client("dynamodb", self._acting(*statements) if statements else None)
        request = {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": self.key, "S3Prefix": PREFIX, **changes}
        answer = client.export_table_to_point_in_time(
            **{"TableArn": self.arn, "S3Bucket": self.bucket, **request}
        )
        return dict(answer["ExportDescription"])

    def _acting(self, *statements: dict[str, Any]) -> Credentials:
        role = make_role(self.aws, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, *statements)
        answer = self.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="exports")
        return Credentials.from_sts(answer["Credentials"])

    @property
    def arn(self) -> str:
        return f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{self.table}"

    def described(self, export: dict[str, Any]) -> dict[str, Any]:
        answer = self.aws.client("dynamodb").describe_export(ExportArn=export["ExportArn"])
        return dict(answer["ExportDescription"])

    def objects(self, export: dict[str, Any]) -> dict[str, bytes]:
        """By what their keys have after the folder of the export."""
        folder = f"{PREFIX}/AWSDynamoDB/{export['ExportArn'].rpartition('/')[2]}/"
        s3 = self.aws.client("s3")
        listed = s3.list_objects_v2(Bucket=self.bucket, Prefix=folder).get("Contents", [])
        return {
            item["Key"].removeprefix(folder): s3.get_object(Bucket=self.bucket, Key=item["Key"])[
                "Body"
            ].read()
            for item in listed
        }


@pytest.fixture(scope="module")
def source(local_aws: LocalAws) -> Iterator[Source]:
    bucket, table = unique("exports"), unique("rents")
    local_aws.client("s3").create_bucket(Bucket=bucket)
    key = local_aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    made = Source(local_aws, bucket, table, key)
    client = local_aws.client("dynamodb")
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in ITEMS]})
    with pytest.raises(ClientError, match="Point in time recovery is not enabled") as refused:
        made.export()
    assert refused.value.response["Error"]["Code"] == "PointInTimeRecoveryUnavailableException"
    client.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    yield made
    client.delete_table(TableName=table)


def _rights(source: Source) -> list[dict[str, Any]]:
    return [
        allow("dynamodb:ExportTableToPointInTime", resource=source.arn),
        allow("s3:PutObject", "s3:PutObjectAcl", resource=f"arn:aws:s3:::{source.bucket}/raw/*"),
        allow("kms:GenerateDataKey", resource=source.key),
    ]


def test_an_export_has_manifests_and_a_packed_file_for_each_partition(source: Source) -> None:
    export = source.export(*_rights(source))
    assert export["ExportStatus"] == "IN_PROGRESS"
    described = source.described(export)
    assert (described["ExportStatus"], described["ItemCount"]) == ("COMPLETED", len(ITEMS))
    objects = source.objects(export)
    data = {name for name in objects if name.startswith("data/")}
    manifests = {f"manifest-{name}.{end}" for name in ("files", "summary") for end in ("json", "checksum")}
    assert objects.keys() - data == {*manifests, "_started"}
    lines = b"".join(gzip.decompress(objects[name]) for name in data).splitlines()
    assert len(data) > 1
    assert sorted((json.loads(line)["Item"] for line in lines), key=json.dumps) == sorted(
        ITEMS, key=json.dumps
    )
    listed = [json.loads(line) for line in objects["manifest-files.json"].splitlines()]
    assert {file["dataFileS3Key"].rpartition("/")[2] for file in listed} == {n[5:] for n in data}
    head = source.aws.client("s3").head_object(Bucket=source.bucket, Key=described["ExportManifest"])
    assert head["SSEKMSKeyId"] == source.key


@pytest.mark.parametrize("missing", ["s3:PutObject", "s3:PutObjectAcl", "kms:GenerateDataKey"])
def test_an_export_that_its_caller_may_not_write_fails_and_writes_nothing(
    source: Source, missing: str
) -> None:
    rights = [
        {**each, "Action": [action for action in each["Action"] if action != missing] or ["s3:ListBucket"]}
        for each in _rights(source)
    ]
    export = source.export(*rights)
    described = source.described(export)
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3AccessDenied")
    assert missing in described["FailureMessage"]
    assert not source.objects(export)


def test_a_caller_who_may_not_export_the_table_is_refused(source: Source) -> None:
    with pytest.raises(ClientError, match="dynamodb:ExportTableToPointInTime"):
        source.export(*_rights(source)[1:])


def test_a_bucket_that_is_not_there_fails_the_export(source: Source) -> None:
    assert source.described(source.export(S3Bucket=unique("nobody")))["FailureCode"] == "S3NoSuchBucket"


def test_the_same_token_means_the_same_export(source: Source) -> None:
    token = unique("token")
    assert source.export(ClientToken=token)["ExportArn"] == source.export(ClientToken=token)["ExportArn"]
    with pytest.raises(ClientError) as refused:
        source.export(ClientToken=token, S3Prefix="raw/others")
    assert refused.value.response["Error"]["Code"] == "ExportConflictException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"TableArn": f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/nobody"},
            "TableNotFoundException",
        ),
        ({"ExportFormat": "ION"}, ""),
        ({"ExportType": "INCREMENTAL_EXPORT"}, ""),
    ],
)
def test_what_is_not_exported_here_is_refused(source: Source, changes: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        source.export(**changes)
    assert code in refused.value.response["Error"]["Code"]


def test_an_export_that_nobody_asked_for_is_not_found(source: Source) -> None:
    with pytest.raises(ClientError) as refused:
        source.described({"ExportArn": f"{source.arn}/export/01695353076000-06e2188f"})
    assert refused.value.response["Error"]["Code"] == "ExportNotFoundException"
    exports = source.aws.client("dynamodb").list_exports(TableArn=source.arn)["ExportSummaries"]
    assert {each["ExportType"] for each in exports} <= {"FULL_EXPORT"}
