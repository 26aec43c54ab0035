"""Who works on data, and with which rights: the roles of services, and what data engineers may do."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.catalog.names import CatalogNames
from stacks.foundation.stack import FoundationStack
from stacks.parts.layout import Layout
from stacks.parts.place import Place
from stacks.permissions.roles import service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    grant_key,
    list_zones,
    pass_role,
    read_zones,
    use_key,
)

_READ_TABLES = "glue:GetDatabase glue:GetPartition glue:GetPartitions glue:GetTable glue:GetTables"
_WRITE_TABLES = (
    "glue:BatchCreatePartition glue:BatchGetPartition glue:CreateTable glue:UpdatePartition glue:UpdateTable"
)
_ONE_CATALOG = "An account and region has one catalog; databases and tables in it are named."


@dataclass(frozen=True)
class CatalogPermissions:
    """One role per kind of work in a catalog stack, for all use cases of the environment."""

    scope: Construct
    names: CatalogNames
    use_cases: list[str]
    foundation: FoundationStack

    def crawler(self) -> iam.Role:
        return service_role(
            self.scope,
            "Crawler",
            service="glue",
            description="Crawlers of raw data",
            statements=[
                *self._read_raw(),
                self._tables("CatalogRawData", f"{_READ_TABLES} {_WRITE_TABLES}", self._raw_tables),
                self._write_logs("aws-glue", "logs:AssociateKmsKey"),
                self._use_key(),
            ],
        ).role

    def data_quality(self) -> iam.Role:
        return service_role(
            self.scope,
            "DataQuality",
            service="glue",
            description="Data quality evaluations of raw data",
            statements=[
                *self._read_raw(),
                self._tables("ReadTables", _READ_TABLES, self._raw_tables),
                allow(
                    "ReadRules",
                    "glue:GetDataQualityRuleset glue:PublishDataQuality",
                    self._named("glue", "dataQualityRuleset"),
                ),
                allow(
                    "PublishDataQuality",
                    "cloudwatch:PutMetricData",
                    ["*"],
                    {"StringEquals": {"cloudwatch:namespace": "Glue Data Quality"}},
                    because="Metrics have no ARN; the condition allows the namespace of data quality only.",
                ),
                self._write_logs("aws-glue"),
                self._use_key(),
            ],
        ).role

    def data_preparation(self) -> iam.Role:
        return service_role(
            self.scope,
            "DataPreparation",
            service="databrew",
            description="DataBrew jobs: profiles, and copies with personal data masked",
            statements=[
                *self._read_raw(),
                allow_objects("WriteProfiles", "s3:PutObject", self._layout.profiles),
                list_zones("ListProfiles", self._layout.profiles),
                allow_objects("WriteMaskedData", "s3:PutObject", self._layout.processed),
                list_zones("ListMaskedData", self._layout.processed),
                self._write_logs("aws-glue-databrew"),
                self._use_key(),
            ],
        ).role

    def feature_store(self) -> iam.Role:
        features, place = self._layout.features, self._place
        tables = [f"table/sagemaker_featurestore/{place.environment}{dash}*" for dash in "-_"]
        return service_role(
            self.scope,
            "FeatureStore",
            service="sagemaker",
            description="Feature groups",
            statements=[
                allow_objects("WriteFeatures", "s3:GetObject s3:PutObject s3:PutObjectAcl", features),
                allow("FindOwnerOfBucket", "s3:GetBucketAcl s3:GetBucketLocation", [features.bucket.arn]),
                list_zones("ListFeatures", features),
                allow(
                    "KeepFeatureTables",
                    "glue:GetTable glue:UpdateTable",
                    [
                        place.arn("glue", name)
                        for name in ("catalog", "database/sagemaker_featurestore", *tables)
                    ],
                    because=(
                        "SageMaker names the table after the feature group and the time when it was created."
                    ),
                ),
                self._use_key(),
                grant_key("GrantKeyToOnlineStore", self.foundation.key.key_arn),
            ],
        ).role

    def data_engineer(self, data_quality_role: iam.Role, *, databrew: bool) -> list[Statement]:
        """Query, renew, check and prepare; what queries read is up to the rights in S3."""
        results = self._layout.athena
        return [
            allow(
                "QueryData",
                "athena:GetQueryExecution athena:GetQueryResults athena:GetWorkGroup "
                "athena:StartQueryExecution athena:StopQueryExecution",
                [self._place.arn("athena", f"workgroup/{self._place.environment}")],
            ),
            allow_objects("KeepQueryResults", "s3:AbortMultipartUpload s3:GetObject s3:PutObject", results),
            list_zones("ListQueryResults", results),
            allow("FindQueryResults", "s3:GetBucketLocation", [results.bucket.arn]),
            self._tables(
                "ReadCatalog",
                "glue:GetDatabase glue:GetPartitions glue:GetTable glue:GetTables",
                [
                    table
                    for use_case in self.use_cases
                    for table in (self.names.raw_table(use_case), self.names.processed_table(use_case))
                ],
            ),
            allow(
                "RunCrawlers",
                "glue:GetCrawler glue:StartCrawler glue:StopCrawler",
                self._named("glue", "crawler"),
            ),
            allow(
                "CheckDataQuality",
                "glue:GetDataQualityResult glue:GetDataQualityRuleset "
                "glue:GetDataQualityRulesetEvaluationRun glue:StartDataQualityRulesetEvaluationRun",
                self._named("glue", "dataQualityRuleset"),
            ),
            pass_role("PassDataQualityRole", [data_quality_role.role_arn], "glue"),
            *(self._prepare_data() if databrew else []),
        ]

    def _prepare_data(self) -> list[Statement]:
        jobs = [f"{arn}-{job}" for arn in self._named("databrew", "job") for job in ("mask", "profile")]
        return [
            allow(
                "PrepareData",
                "databrew:DescribeJob databrew:DescribeJobRun databrew:ListJobRuns databrew:StartJobRun "
                "databrew:StopJobRun",
                jobs,
            ),
            *read_zones("Profiles", self._layout.profiles),
        ]

    @property
    def _place(self) -> Place:
        return self.names.place

    @property
    def _layout(self) -> Layout:
        return self.foundation.layout

    @property
    def _raw_tables(self) -> list[str]:
        return [self.names.raw_table(use_case) for use_case in self.use_cases]

    def _named(self, service: str, kind: str) -> list[str]:
        return [
            self._place.arn(service, f"{kind}/{self._place.name(use_case)}") for use_case in self.use_cases
        ]

    def _tables(self, sid: str, actions: str, tables: list[str]) -> Statement:
        return allow(sid, actions, self.names.arns(tables), because=_ONE_CATALOG)

    def _read_raw(self) -> list[Statement]:
        raw = self._layout.raw
        return [*read_zones("RawData", raw), allow("FindRawData", "s3:GetBucketLocation", [raw.bucket.arn])]

    def _write_logs(self, group: str, more: str = "") -> Statement:
        return allow(
            "WriteLogs",
            f"{more} logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
            [self._place.log_group(f"/{group}/*")],
            because="Glue and DataBrew name log groups by job.",
        )

    def _use_key(self) -> Statement:
        return use_key(self.foundation.key.key_arn)
