"""What a crawler finds: one table per target, with a partition for every folder."""

import csv
import io
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

# Enough for a header and some rows of the widest tables; a crawler reads samples too.
SAMPLE_BYTES = 256 * 1024
_CSV_SERDE = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"


class CrawlError(Exception):
    """The data cannot be catalogued; the text becomes the crawl's error message."""


def crawl_target(s3: Any, glue: Any, crawler: Any, path: str) -> None:
    """Writes the table of one S3 target, named after its last folder."""
    bucket, _, prefix = path.removeprefix("s3://").partition("/")
    keys = _csv_keys(s3, bucket, prefix)
    header, rows = _sample(s3, bucket, keys[0])
    table: dict[str, Any] = {
        "Name": f"{crawler.table_prefix or ''}{_table_name(prefix)}",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [
            {"Name": f"partition_{level}", "Type": "string"}
            for level in range(len(_folders(keys[0], prefix)))
        ],
        "Parameters": {
            "UPDATED_BY_CRAWLER": crawler.name,
            "classification": "csv",
            "skip.header.line.count": "1",
            "objectCount": str(len(keys)),
        },
        "StorageDescriptor": _storage(path, _columns(header, rows)),
    }
    _write(glue, crawler.database_name, table)
    for folders in sorted({_folders(key, prefix) for key in keys} - {()}):
        _write_partition(glue, crawler.database_name, table, folders)


def _csv_keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found = [
        item["Key"] for page in pages for item in page.get("Contents", ()) if not item["Key"].endswith("/")
    ]
    others = [key for key in found if not key.endswith(".csv")]
    if others:
        raise CrawlError(f"The embedded AWS crawls CSV files only, found s3://{bucket}/{others[0]}.")
    if not found:
        raise CrawlError(f"There is nothing under s3://{bucket}/{prefix}.")
    if len({len(_folders(key, prefix)) for key in found}) > 1:
        raise CrawlError(f"The files under s3://{bucket}/{prefix} lie at different depths.")
    return found


def _sample(s3: Any, bucket: str, key: str) -> tuple[list[str], list[list[str]]]:
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read(SAMPLE_BYTES).decode("utf-8", "ignore")
    lines = list(csv.reader(io.StringIO(body)))
    if not lines:
        raise CrawlError(f"s3://{bucket}/{key} is empty.")
    # The last line of a sample may be cut.
    return lines[0], lines[1:-1] or lines[1:]


def _folders(key: str, prefix: str) -> tuple[str, ...]:
    return tuple(key.removeprefix(prefix).lstrip("/").split("/")[:-1])


def _table_name(prefix: str) -> str:
    return prefix.rstrip("/").rsplit("/", 1)[-1].lower().replace("-", "_")


def _columns(header: list[str], rows: list[list[str]]) -> list[dict[str, str]]:
    return [
        {"Name": name.lower(), "Type": _type([row[index] for row in rows if index < len(row)])}
        for index, name in enumerate(header)
    ]


def _type(cells: list[str]) -> str:
    given = [cell for cell in cells if cell]
    for name, parse in (("bigint", int), ("double", float)):
        with suppress(ValueError):
            if given and all(parse(cell) is not None for cell in given):
                return name
    return "string"


def _storage(location: str, columns: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": _TEXT_INPUT,
        "OutputFormat": _TEXT_OUTPUT,
        "SerdeInfo": {"SerializationLibrary": _CSV_SERDE},
    }


def _write(glue: Any, database: str, table: dict[str, Any]) -> None:
    try:
        glue.create_table(DatabaseName=database, TableInput=table)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise
        glue.update_table(DatabaseName=database, TableInput=table)


def _write_partition(glue: Any, database: str, table: dict[str, Any], folders: tuple[str, ...]) -> None:
    storage = {
        **table["StorageDescriptor"],
        "Location": f"{table['StorageDescriptor']['Location'].rstrip('/')}/{'/'.join(folders)}/",
    }
    partition = {"Values": list(folders), "StorageDescriptor": storage}
    answer = glue.batch_create_partition(
        DatabaseName=database, TableName=table["Name"], PartitionInputList=[partition]
    )
    for failure in answer.get("Errors", ()):
        if failure["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException":
            raise CrawlError(failure["ErrorDetail"]["ErrorMessage"])
