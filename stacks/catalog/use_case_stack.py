"""What the Glue catalog knows about one use case: raw data, what models learned from, quality rules."""

import json

from aws_cdk import aws_glue as glue
from constructs import Construct

from config.settings import UseCase
from config.values.columns import PARTITION, catalog_name
from stacks.catalog.data_preparation import DataPreparation
from stacks.catalog.feature_groups import create_feature_group
from stacks.catalog.stack import CatalogStack
from stacks.parts.data_quality_rules import data_quality_rules
from stacks.permissions.acknowledgements import acknowledge
from stacks.permissions.roles import arn_of
from stacks.use_case_stack import UseCaseStack

# Deliveries lie in folders of their own: one table with a partition for each, whatever columns they have.
CRAWLER_CONFIGURATION = {
    "Version": 1.0,
    "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"},
    "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
}


class UseCaseCatalogStack(UseCaseStack):
    """Crawler, table and rules of one use case; DataBrew jobs and feature group where the catalog has them.

    One stack for each use case, because CloudFormation takes 500 resources and a megabyte in a template.
    """

    kind = "catalog"
    purpose = "One use case in the Glue catalog: tables of its data, rules for their quality, and options."

    def __init__(self, scope: Construct, catalog: CatalogStack, use_case: UseCase) -> None:
        super().__init__(scope, catalog.foundation, use_case)
        # Database and encryption are known by their names only; roles have their policies by then.
        self.add_stack_dependency(catalog)
        self.names = catalog.names
        self.layout = catalog.foundation.layout
        roles = catalog.roles
        # An export of DynamoDB has a type beside each value, where all of these expect plain columns.
        if not (use_case.source and use_case.source.dynamodb):
            self._create_crawler(catalog)
            self._create_rules()
            if roles.data_preparation:
                DataPreparation(self, roles.data_preparation)
        self._create_processed_table()
        if roles.feature_store:
            create_feature_group(self, roles.feature_store, online=catalog.options.feature_store == "online")

    def _create_crawler(self, catalog: CatalogStack) -> None:
        """Keeps the table of raw data in step with its files.

        The table is not declared here: CSV tables find their columns by position, and only the files' headers
        say in which order they come.
        """
        crawler, hour_utc = glue.CfnCrawler, catalog.options.crawler_hour_utc
        created = crawler(
            self,
            "Crawler",
            name=self.fixed_name,
            description=f"Raw data of {self.use_case.name}",
            role=arn_of(catalog.roles.crawler),
            database_name=self.names.database,
            table_prefix="raw_",
            targets=crawler.TargetsProperty(
                s3_targets=[crawler.S3TargetProperty(path=self.layout.raw.uri(self.use_case.name, ""))]
            ),
            schedule=(
                crawler.ScheduleProperty(schedule_expression=f"cron(0 {hour_utc} * * ? *)")
                if hour_utc is not None
                else None
            ),
            schema_change_policy=crawler.SchemaChangePolicyProperty(
                update_behavior="UPDATE_IN_DATABASE", delete_behavior="LOG"
            ),
            recrawl_policy=crawler.RecrawlPolicyProperty(recrawl_behavior="CRAWL_EVERYTHING"),
            configuration=json.dumps(CRAWLER_CONFIGURATION),
            crawler_security_configuration=self.place.prefix,
        )
        acknowledge(
            created,
            "The security configuration is in the catalog's own stack, where this check does not look.",
            "AwsSolutions-GL1",
        )

    def _create_processed_table(self) -> None:
        """The rows that models learned from, by pipeline execution.

        Their order of columns is ours, so the table can be declared. Its partitions need no crawler either: a
        query says which execution it means, and Athena knows the folder (injected partition projection,
        https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html).
        """
        table, location = glue.CfnTable, self.layout.processed.uri(self.use_case.name, "")
        table(
            self,
            "ProcessedTable",
            catalog_id=self.place.account,
            database_name=self.names.database,
            table_input=table.TableInputProperty(
                name=self.names.processed_table(self.use_case.name),
                description=(
                    f"Training rows of {self.use_case.name}; needs execution = '<pipeline execution id>'"
                ),
                table_type="EXTERNAL_TABLE",
                partition_keys=[table.ColumnProperty(name=PARTITION, type="string")],
                parameters={
                    "classification": "csv",
                    "skip.header.line.count": "1",
                    "projection.enabled": "true",
                    "projection.execution.type": "injected",
                    "storage.location.template": f"{location}${{execution}}/baseline/",
                },
                storage_descriptor=table.StorageDescriptorProperty(
                    columns=self._text_columns(),
                    location=location,
                    input_format="org.apache.hadoop.mapred.TextInputFormat",
                    output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                    serde_info=table.SerdeInfoProperty(
                        serialization_library="org.apache.hadoop.hive.serde2.OpenCSVSerde"
                    ),
                ),
            ),
        )

    def _text_columns(self) -> list[glue.CfnTable.ColumnProperty]:
        # This reader of CSV knows quotes, but text only: queries cast numbers.
        numeric = self.use_case.numeric_columns
        return [
            glue.CfnTable.ColumnProperty(
                name=catalog_name(column),
                type="string",
                comment="a number, use try_cast" if column in numeric else "a category",
            )
            for column in self.use_case.columns
        ]

    def _create_rules(self) -> None:
        rules = glue.CfnDataQualityRuleset
        rules(
            self,
            "DataQualityRules",
            name=self.fixed_name,
            description=f"What raw data of {self.use_case.name} must satisfy",
            ruleset=data_quality_rules(self.use_case),
            target_table=rules.DataQualityTargetTableProperty(
                database_name=self.names.database, table_name=self.names.raw_table(self.use_case.name)
            ),
        )
