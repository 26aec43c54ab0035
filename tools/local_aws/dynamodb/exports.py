"""Exports of tables to S3, written in the name of whoever asks for them, as AWS lays them out.

Moto writes one file under a name of its own, whoever asks, without the key and without manifests.

Rights: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html
Files: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
Refusals: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html
The codes of failures are not documented: S3's own, after S3.

Different from AWS: an export is of now, whole, in DynamoDB JSON, and has ended when it is first looked at.
"""

import gzip
import json
import secrets
import string
import time
from base64 import b64encode
from collections.abc import Iterator
from hashlib import md5
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.dynamodb.models.utilities import dynamo_json_dump

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.iam.calls.s3 import S3Request
from tools.local_aws.iam.enforcement import refusal_of_write
from tools.local_aws.iam.resource_policies import bucket_of

Members = dict[str, Any]
_PARTITIONS = 4
"""Of a new table on demand; each has a file, an empty one an empty file."""
_LETTERS = string.ascii_lowercase + string.digits


class Exports:
    """The exports of the account: DynamoDB's three operations on them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: dict[str, Members] = {}

    def export(self, response: Any) -> ActionResult:
        request = response.body
        for known in self._found.values():
            if request.get("ClientToken") and known["ClientToken"] == request["ClientToken"]:
                return self._once_more(known, request)
        table = _table_to_export(response.dynamodb_backend, request["TableArn"])
        export_id = f"{int(time.time() * 1000):014}-{secrets.token_hex(4)}"
        export = {
            **request,
            "ClientToken": request.get("ClientToken", ""),
            "ExportArn": f"{table.table_arn}/export/{export_id}",
            "ExportStatus": "IN_PROGRESS",
            "StartTime": utcnow(),
            "ExportFormat": "DYNAMODB_JSON",
            "ExportType": "FULL_EXPORT",
            "S3SseAlgorithm": request.get("S3SseAlgorithm", "AES256"),
        }
        first = dict(export)
        self._found[export["ExportArn"]] = export
        export |= self._write(response, export, list(table.all_items()))
        return ActionResult({"ExportDescription": first})

    def describe(self, response: Any) -> ActionResult:
        arn = response.body["ExportArn"]
        if arn not in self._found:
            raise ApiError("ExportNotFoundException", f"Export not found: {arn}")
        return ActionResult({"ExportDescription": self._found[arn]})

    def list_all(self, response: Any) -> ActionResult:
        wanted = response.body.get("TableArn")
        return ActionResult(
            {
                "ExportSummaries": [
                    {name: export[name] for name in ("ExportArn", "ExportStatus", "ExportType")}
                    for export in self._found.values()
                    if wanted in (None, export["TableArn"])
                ]
            }
        )

    def _once_more(self, known: Members, request: Members) -> ActionResult:
        if any(known.get(name) != value for name, value in request.items()):
            words = "Export with the same client token and other parameters is in progress or has ended"
            raise ApiError("ExportConflictException", words)
        return ActionResult({"ExportDescription": known})

    def _write(self, response: Any, export: Members, items: list[Any]) -> Members:
        """What the export ends with: its files, or why there are none."""
        bucket, folder = export["S3Bucket"], _folder(export)
        encryption = _encryption(export)
        headers = {header: value for header, value, _ in encryption}
        target = bucket_of(bucket)
        refusal = refusal_of_write(response, S3Request("PUT", bucket, f"{folder}/_started", {}, headers))
        failed: Members = {"ExportStatus": "FAILED", "EndTime": utcnow()}
        if target is None:
            words = "The specified bucket does not exist"
            return {**failed, "FailureCode": "S3NoSuchBucket", "FailureMessage": words}
        if refusal:
            return {**failed, "FailureCode": "S3AccessDenied", "FailureMessage": refusal}
        s3, encrypted = self._context.client("s3"), {member: value for _, value, member in encryption}
        files = dict(_data_files(folder, items))
        written = {f"{folder}/_started": b"", **files, **dict(_manifests(export, folder, files))}
        for key, body in written.items():
            s3.put_object(Bucket=bucket, Key=key, Body=body, **encrypted)
        return {
            "ExportStatus": "COMPLETED",
            "EndTime": utcnow(),
            "ExportManifest": f"{folder}/manifest-summary.json",
            "ItemCount": len(items),
            "BilledSizeBytes": sum(map(len, files.values())),
        }


def _table_to_export(backend: Any, arn: str) -> Any:
    table = next((table for table in backend.tables.values() if table.table_arn == arn), None)
    if table is None:
        raise ApiError("TableNotFoundException", f"Table not found: {arn}")
    recovery = table.continuous_backups["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] != "ENABLED":
        words = f"Point in time recovery is not enabled for table '{table.name}'"
        raise ApiError("PointInTimeRecoveryUnavailableException", words)
    return table


def _folder(export: Members) -> str:
    own = f"AWSDynamoDB/{export['ExportArn'].rpartition('/')[2]}"
    return f"{export['S3Prefix'].rstrip('/')}/{own}" if export.get("S3Prefix") else own


def _encryption(export: Members) -> list[tuple[str, str, str]]:
    """Header, value, and member of PutObject."""
    by_key = export["S3SseAlgorithm"] == "KMS"
    key, header = export.get("S3SseKmsKeyId"), "x-amz-server-side-encryption"
    algorithm = [(header, "aws:kms" if by_key else "AES256", "ServerSideEncryption")]
    return [*algorithm, (f"{header}-aws-kms-key-id", key, "SSEKMSKeyId")] if by_key and key else algorithm


def _data_files(folder: str, items: list[Any]) -> Iterator[tuple[str, bytes]]:
    parts: list[list[str]] = [[] for _ in range(_PARTITIONS)]
    for item in items:
        digest = md5(repr(item.hash_key.value).encode(), usedforsecurity=False).digest()
        parts[digest[0] % _PARTITIONS].append(dynamo_json_dump(item.to_json(root_attr_name="Item")))
    for part in parts:
        name = "".join(secrets.choice(_LETTERS) for _ in range(26))
        lines = "".join(f"{line}\n" for line in part)
        yield f"{folder}/data/{name}.json.gz", gzip.compress(lines.encode())


def _manifests(export: Members, folder: str, files: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    listed = "".join(
        json.dumps(
            {
                "itemCount": gzip.decompress(body).count(b"\n"),
                "md5Checksum": _checksum(body),
                "etag": md5(body, usedforsecurity=False).hexdigest(),
                "dataFileS3Key": key,
            }
        )
        + "\n"
        for key, body in files.items()
    )
    summary = {
        "version": "2020-06-30",
        "exportArn": export["ExportArn"],
        "startTime": export["StartTime"].isoformat(),
        "tableArn": export["TableArn"],
        "s3Bucket": export["S3Bucket"],
        "s3Prefix": export.get("S3Prefix"),
        "s3SseAlgorithm": export["S3SseAlgorithm"],
        "s3SseKmsKeyId": export.get("S3SseKmsKeyId"),
        "manifestFilesS3Key": f"{folder}/manifest-files.json",
        "itemCount": sum(gzip.decompress(body).count(b"\n") for body in files.values()),
        "outputFormat": "DYNAMODB_JSON",
    }
    for name, text in (("files", listed), ("summary", json.dumps(summary))):
        yield f"{folder}/manifest-{name}.json", text.encode()
        yield f"{folder}/manifest-{name}.checksum", _checksum(text.encode()).encode()


def _checksum(body: bytes) -> str:
    return b64encode(md5(body, usedforsecurity=False).digest()).decode()
