"""A crawler reads the data with its own role and writes what it found into the catalog."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import allow, eventually, make_role, unique
from tools.local_aws.process import LocalAws

GLUE = {"Service": "glue.amazonaws.com"}
CSV = "Price,Area,Street\n100.5,12,Main\n90.0,7,Side\n"


class Catalog:
    """A bucket with one delivery, a database and a crawler."""

    def __init__(self, aws: LocalAws, *statements: dict[str, Any]) -> None:
        self.glue, self.s3 = aws.client("glue"), aws.client("s3")
        self.bucket, self.database, self.crawler = unique("data"), unique("db"), unique("crawler")
        self.s3.create_bucket(Bucket=self.bucket)
        self.put("raw/house-prices/first/prices.csv", CSV)
        self.glue.create_database(DatabaseInput={"Name": self.database})
        self.glue.create_crawler(
            Name=self.crawler,
            Role=make_role(aws, GLUE, *statements),
            DatabaseName=self.database,
            TablePrefix="raw_",
            Targets={"S3Targets": [{"Path": f"s3://{self.bucket}/raw/house-prices/"}]},
        )

    def put(self, key: str, text: str) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def crawl(self) -> dict[str, Any]:
        self.glue.start_crawler(Name=self.crawler)
        return eventually(self._last_crawl)

    def _last_crawl(self) -> dict[str, Any] | None:
        crawler = self.glue.get_crawler(Name=self.crawler)["Crawler"]
        return dict(crawler["LastCrawl"]) if crawler["State"] == "READY" else None

    def table(self) -> dict[str, Any]:
        return dict(self.glue.get_table(DatabaseName=self.database, Name="raw_house_prices")["Table"])


@pytest.fixture
def catalog(local_aws: LocalAws) -> Catalog:
    return Catalog(local_aws, allow("s3:*", "glue:*"))


def test_the_columns_come_from_the_header_and_the_types_from_the_rows(catalog: Catalog) -> None:
    assert catalog.crawl()["Status"] == "SUCCEEDED"
    columns = {column["Name"]: column["Type"] for column in catalog.table()["StorageDescriptor"]["Columns"]}
    assert columns == {"price": "double", "area": "bigint", "street": "string"}


def test_every_delivery_is_a_partition_and_a_second_crawl_adds_the_new_ones(catalog: Catalog) -> None:
    catalog.crawl()
    catalog.put("raw/house-prices/second/prices.csv", CSV)
    assert catalog.crawl()["Status"] == "SUCCEEDED"
    partitions = catalog.glue.get_partitions(DatabaseName=catalog.database, TableName="raw_house_prices")
    assert [partition["Values"] for partition in partitions["Partitions"]] == [["first"], ["second"]]
    assert catalog.table()["PartitionKeys"] == [{"Name": "partition_0", "Type": "string"}]


def test_a_crawler_whose_role_may_not_read_fails_and_says_so(local_aws: LocalAws) -> None:
    last = Catalog(local_aws, allow("glue:*", "s3:ListBucket")).crawl()
    assert last["Status"] == "FAILED"
    assert "s3:GetObject" in last["ErrorMessage"]


def test_a_crawler_whose_role_may_not_write_tables_fails_and_says_so(local_aws: LocalAws) -> None:
    last = Catalog(local_aws, allow("s3:*", "glue:GetTable")).crawl()
    assert last["Status"] == "FAILED"
    assert "glue:CreateTable" in last["ErrorMessage"]


def test_a_role_that_does_not_trust_glue_is_refused(local_aws: LocalAws) -> None:
    targets = {"S3Targets": [{"Path": "s3://bucket/raw"}]}
    role = make_role(local_aws, {"Service": "sagemaker.amazonaws.com"})
    with pytest.raises(ClientError, match="unable to assume provided role"):
        local_aws.client("glue").create_crawler(Name=unique("crawler"), Role=role, Targets=targets)


def test_targets_that_are_not_crawled_are_refused(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match=r"does not carry out CreateCrawler\.Targets\.JdbcTargets"):
        local_aws.client("glue").create_crawler(
            Name=unique("crawler"),
            Role=make_role(local_aws, GLUE),
            Targets={"JdbcTargets": [{"ConnectionName": "warehouse", "Path": "db/%"}]},
        )


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("raw/house-prices/first/more.parquet", "PAR1", "CSV files only"),
        ("raw/house-prices/top.csv", CSV, "different depths"),
    ],
)
def test_data_that_makes_no_table_fails_the_crawl(catalog: Catalog, key: str, text: str, reason: str) -> None:
    catalog.put(key, text)
    last = catalog.crawl()
    assert (last["Status"], reason in last["ErrorMessage"]) == ("FAILED", True)
