"""One delivery: a table is read where it is, held against rules, and only then written to the raw zone.

A script of AWS Glue 5.1. Whatever is wrong ends the run before there is a delivery; its last line says what,
and no value of any cell.

Rules: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-EvaluateDataQuality.html
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import boto3
import pyarrow as pa
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame
from awsglue.utils import getResolvedOptions
from awsgluedq.transforms import EvaluateDataQuality
from py4j.protocol import Py4JJavaError
from pyarrow.parquet import ParquetWriter
from pyspark.context import SparkContext
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as columns

ROWS_AT_A_TIME = 10_000
PARQUET = "rows.parquet"
EXPORTED = ".json.gz"
READ_BY_PREPARATION = (".csv", ".json", ".jsonl", ".parquet")
PLAIN_TYPES = ("S", "N", "BOOL")
"""Of DynamoDB; what a column of another type says, preparation refuses where it is used."""


class DeliveryError(Exception):
    """Why there is no delivery, in one line."""


@dataclass(frozen=True)
class Place:
    """The objects below a prefix, which ends with a slash."""

    bucket: str
    prefix: str

    @classmethod
    def at(cls, uri: str) -> Place:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        return cls(bucket, f"{prefix.rstrip('/')}/")

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def below(self, folder: str) -> Place:
        return Place(self.bucket, f"{self.prefix}{folder}/")


@dataclass(frozen=True)
class Found:
    """An object of S3 as it was listed: one that changes meanwhile is not copied."""

    key: str
    etag: str
    modified: datetime


@dataclass(frozen=True)
class Table:
    """Rows to hold against the rules, and what makes a delivery of them when they hold."""

    rows: DataFrame
    deliver: Callable[[], None]


def main() -> None:
    options = getResolvedOptions(sys.argv, ["kind", "rules", "delivery"])
    context = GlueContext(SparkContext.getOrCreate())
    context.spark_session.conf.set("spark.sql.caseSensitive", "true")
    delivery = Place.at(options["delivery"])
    table = SOURCES[options["kind"]](context.spark_session, delivery)
    if table is None:
        print("There is nothing new")
        return
    ruleset = boto3.client("glue").get_data_quality_ruleset(Name=options["rules"])
    check(table.rows, ruleset["Ruleset"], context)
    table.deliver()
    print(f"Delivered {delivery.uri}")


def read_database(spark: SparkSession, delivery: Place) -> Table:
    """The rows of a query, read once: what is checked is what is delivered."""
    options = getResolvedOptions(sys.argv, ["url", "secret", "query"])
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=options["secret"])["SecretString"]
    reader = spark.read.format("jdbc").options(
        url=options["url"], query=options["query"], fetchsize=str(ROWS_AT_A_TIME), **login(secret)
    )
    try:
        rows = reader.load().localCheckpoint()
    except Py4JJavaError as error:
        raise DeliveryError(f"the database cannot be read: {reason(error)}") from None
    return Table(rows, partial(write, rows, delivery))


def login(secret: str) -> dict[str, str]:
    """What RDS and Glue write into secrets, never what is in this one."""
    try:
        content = json.loads(secret)
        return {"user": content["username"], "password": content["password"]}
    except (ValueError, TypeError, KeyError):
        raise DeliveryError('the secret is no JSON like {"username": "...", "password": "..."}') from None


def reason(error: Py4JJavaError) -> str:
    """The first line of what Java says, of the exception that was there first."""
    exception = error.java_exception
    while exception.getCause() is not None:
        exception = exception.getCause()
    return str(exception.getMessage()).partition("\n")[0]


def read_export(spark: SparkSession, delivery: Place) -> Table:
    """What DynamoDB has exported to where it is delivered: an item per line, and a type beside each value."""
    items = spark.read.json(delivery.uri, recursiveFileLookup=True, pathGlobFilter=f"*{EXPORTED}")
    if "Item" not in items.columns:
        raise DeliveryError("the export has not a single item")
    wanted = [
        columns.coalesce(*(cell.getField(kind).cast("string") for kind in kinds)).alias(name)
        for name, cell, kinds in plain_attributes(items)
    ]
    return Table(items.select(wanted), lambda: None)


def plain_attributes(items: DataFrame) -> Iterator[tuple[str, Any, list[str]]]:
    for attribute in items.schema["Item"].dataType.fields:
        kinds = [kind for kind in PLAIN_TYPES if kind in attribute.dataType.names]
        if kinds:
            yield attribute.name, columns.col("Item").getField(attribute.name), kinds


def read_bucket(spark: SparkSession, delivery: Place) -> Table | None:
    """The newest folder that its owner has marked as complete; nothing when it has been delivered."""
    options = getResolvedOptions(sys.argv, ["source", "marker"])
    source, marker = Place.at(options["source"]), options["marker"]
    objects = list(listed(source))
    complete = [each for each in objects if each.key.removeprefix(source.prefix).count("/") == 1]
    markers = [each for each in complete if each.key.endswith(f"/{marker}")]
    if not markers:
        return None
    newest = max(markers, key=lambda each: (each.modified, each.key))
    name = newest.key.split("/")[-2]
    if is_delivered(f"/{name}/{marker}", delivery):
        return None
    folder = source.below(name)
    data = [each for each in objects if each.key.startswith(folder.prefix) and each.key != newest.key]
    if any(each.modified > newest.modified for each in data):
        raise DeliveryError(f"{folder.uri} has objects that are newer than its {marker}")
    # The marker comes last: a copy that ends half way is not taken for a delivery.
    complete_folder, target = (*data, newest), delivery.below(name)
    return Table(read_files(spark, folder, data), partial(copy, complete_folder, folder, target))


def is_delivered(ending: str, delivery: Place) -> bool:
    """Whether an earlier delivery of this use case ends so; they lie beside each other."""
    parent = delivery.prefix.rstrip("/").rpartition("/")[0]
    return any(each.key.endswith(ending) for each in listed(Place(delivery.bucket, f"{parent}/")))


def read_files(spark: SparkSession, folder: Place, objects: list[Found]) -> DataFrame:
    """Every cell as it is written, except for Parquet's, which have types."""
    visible = [each for each in objects if not hidden(each.key)]
    kinds = {f".{each.key.rpartition('.')[2]}" for each in visible}
    if len(kinds) != 1 or not kinds <= set(READ_BY_PREPARATION):
        allowed = ", ".join(READ_BY_PREPARATION)
        raise DeliveryError(
            f"{folder.uri} has {', '.join(sorted(kinds)) or 'no files'}; one of {allowed} is read"
        )
    (kind,) = kinds
    settings: dict[str, Any] = {"recursiveFileLookup": True, "pathGlobFilter": f"*{kind}"}
    reader = spark.read.options(**settings)
    if kind == ".parquet":
        return reader.parquet(folder.uri)
    if kind == ".csv":
        return reader.csv(folder.uri, header=True, escape='"', multiLine=True)
    documents = kind == ".json" and is_one_document(folder.bucket, visible[0].key)
    return reader.json(folder.uri, primitivesAsString=True, multiLine=documents)


def is_one_document(bucket: str, key: str) -> bool:
    """Whether a file of JSON is a list; otherwise it has an object per line."""
    first = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read(1024)
    return bool(first.lstrip()[:1] == b"[")


def hidden(key: str) -> bool:
    """Markers and what Spark leaves beside files; nobody reads them."""
    return key.rpartition("/")[2].startswith(("_", ".")) or key.endswith("/")


def listed(place: Place) -> Iterator[Found]:
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=place.bucket, Prefix=place.prefix):
        for item in page.get("Contents", ()):
            yield Found(item["Key"], item["ETag"], item["LastModified"])


def check(rows: DataFrame, rules: str, context: GlueContext) -> None:
    """Raise DeliveryError that names every rule of data quality that does not hold."""
    outcomes = EvaluateDataQuality.apply(
        frame=DynamicFrame.fromDF(rows, context, "rows"),
        ruleset=rules,
        publishing_options={
            "dataQualityEvaluationContext": "delivery",
            "enableDataQualityCloudWatchMetrics": False,
            "enableDataQualityResultsPublishing": False,
        },
    )
    failed = [row for row in outcomes.toDF().collect() if row["Outcome"] != "Passed"]
    if failed:
        told = "; ".join(f"{row['Rule']} ({row['FailureReason']})" for row in failed)
        raise DeliveryError(f"{len(failed)} rules do not hold: {told}")


def copy(objects: Iterable[Found], source: Place, target: Place) -> None:
    """In their order, each only as it was listed."""
    s3 = boto3.client("s3")
    for each in objects:
        if not each.key.endswith("/"):
            s3.copy(
                {"Bucket": source.bucket, "Key": each.key},
                target.bucket,
                target.prefix + each.key.removeprefix(source.prefix),
                ExtraArgs={"CopySourceIfMatch": each.etag, "TaggingDirective": "REPLACE"},
            )


def write(rows: DataFrame, target: Place) -> None:
    """As one object of Parquet, which is there as a whole or not at all.

    Spark's own writer leaves markers beside its files, and deletes: nobody may delete in the raw zone.
    """

    def upload(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        count, writer = 0, None
        with tempfile.NamedTemporaryFile() as file:
            for batch in batches:
                writer = writer or ParquetWriter(file.name, batch.schema)
                writer.write_batch(batch)
                count += batch.num_rows
            if writer:
                writer.close()
                boto3.client("s3").upload_file(file.name, target.bucket, target.prefix + PARQUET)
        yield pa.RecordBatch.from_pydict({"rows": [count]})

    # One partition: a database is read in one, and preparation reads one table.
    (written,) = rows.coalesce(1).mapInArrow(upload, "rows long").collect()
    print(f"rows={written['rows']};")


SOURCES = {"jdbc": read_database, "dynamodb": read_export, "bucket": read_bucket}

if __name__ == "__main__":
    main()
