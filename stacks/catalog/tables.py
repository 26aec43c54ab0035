"""What the Glue catalog knows about one use case: raw data, what models learned from, quality rules."""

import json

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.settings import UseCase
from config.values.columns import PARTITION, catalog_name
from stacks.catalog.data_quality_rules import data_quality_rules
from stacks.catalog.names import CatalogNames
from stacks.parts.layout import Layout

# Deliveries lie in folders of their own: one table with a partition for each, whatever columns they have.
CRAWLER_CONFIGURATION = {
    "Version": 1.0,
    "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"},
    "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
}


def create_crawler(
    scope: Construct,
    *,
    names: CatalogNames,
    use_case: UseCase,
    role: iam.Role,
    layout: Layout,
    hour_utc: int | None,
    security_configuration: str,
) -> glue.CfnCrawler:
    """Keeps the table of raw data in step with its files.

    The table is not declared here: CSV tables find their columns by position, and only the files' headers
    say in which order they come.
    """
    return glue.CfnCrawler(
        scope,
        "Crawler",
        name=names.place.name(use_case.name),
        description=f"Raw data of {use_case.name}",
        role=role.role_arn,
        database_name=names.database,
        table_prefix="raw_",
        targets=glue.CfnCrawler.TargetsProperty(
            s3_targets=[glue.CfnCrawler.S3TargetProperty(path=layout.raw.uri(use_case.name, ""))]
        ),
        schedule=_daily(hour_utc) if hour_utc is not None else None,
        schema_change_policy=glue.CfnCrawler.SchemaChangePolicyProperty(
            update_behavior="UPDATE_IN_DATABASE", delete_behavior="LOG"
        ),
        recrawl_policy=glue.CfnCrawler.RecrawlPolicyProperty(recrawl_behavior="CRAWL_EVERYTHING"),
        configuration=json.dumps(CRAWLER_CONFIGURATION),
        crawler_security_configuration=security_configuration,
    )


def _daily(hour_utc: int) -> glue.CfnCrawler.ScheduleProperty:
    return glue.CfnCrawler.ScheduleProperty(schedule_expression=f"cron(0 {hour_utc} * * ? *)")


def create_processed_table(
    scope: Construct, *, names: CatalogNames, use_case: UseCase, layout: Layout
) -> glue.CfnTable:
    """The rows that models learned from, by pipeline execution.

    Their order of columns is ours, so the table can be declared. Its partitions need no crawler either: a
    query says which execution it means, and Athena knows the folder (injected partition projection,
    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html).
    """
    location = layout.processed.uri(use_case.name, "")
    return glue.CfnTable(
        scope,
        "ProcessedTable",
        catalog_id=cdk.Stack.of(scope).account,
        database_name=names.database,
        table_input=glue.CfnTable.TableInputProperty(
            name=names.processed_table(use_case.name),
            description=f"Training rows of {use_case.name}; needs execution = '<pipeline execution id>'",
            table_type="EXTERNAL_TABLE",
            partition_keys=[glue.CfnTable.ColumnProperty(name=PARTITION, type="string")],
            parameters={
                "classification": "csv",
                "skip.header.line.count": "1",
                "projection.enabled": "true",
                "projection.execution.type": "injected",
                "storage.location.template": f"{location}${{execution}}/baseline/",
            },
            storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                columns=_text_columns(use_case),
                location=location,
                input_format="org.apache.hadoop.mapred.TextInputFormat",
                output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                serde_info=glue.CfnTable.SerdeInfoProperty(
                    serialization_library="org.apache.hadoop.hive.serde2.OpenCSVSerde"
                ),
            ),
        ),
    )


def _text_columns(use_case: UseCase) -> list[glue.CfnTable.ColumnProperty]:
    # This reader of CSV knows quotes, but text only: queries cast numbers.
    return [
        glue.CfnTable.ColumnProperty(
            name=catalog_name(column),
            type="string",
            comment="a number, use try_cast" if column in use_case.numeric_columns else "a category",
        )
        for column in use_case.columns
    ]


def create_rules(scope: Construct, *, names: CatalogNames, use_case: UseCase) -> glue.CfnDataQualityRuleset:
    return glue.CfnDataQualityRuleset(
        scope,
        "DataQualityRules",
        name=names.place.name(use_case.name),
        description=f"What raw data of {use_case.name} must satisfy",
        ruleset=data_quality_rules(use_case),
        target_table=glue.CfnDataQualityRuleset.DataQualityTargetTableProperty(
            database_name=names.database, table_name=names.raw_table(use_case.name)
        ),
    )
