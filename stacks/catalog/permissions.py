"""Who works on data, and with which rights: the roles of services, and what data engineers may do.

Use cases come and go: no policy names one.
"""

from aws_cdk import aws_iam as iam
from constructs import Construct

from config.settings import Catalog
from stacks.catalog.names import CatalogNames
from stacks.foundation.stack import FoundationStack
from stacks.permissions.policies import managed_policy
from stacks.permissions.roles import name_role, service_role
from stacks.permissions.statements import (
    Statement,
    allow,
    allow_objects,
    allow_own,
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


class CatalogRoles:
    """One role per kind of work, for all use cases of the environment, and the rights of data engineers."""

    def __init__(
        self, scope: Construct, names: CatalogNames, foundation: FoundationStack, options: Catalog
    ) -> None:
        self._scope = scope
        self._names = names
        self._place = names.place
        self._layout = foundation.layout
        self._key_arn = foundation.key_arn
        self.crawler = self._role("Crawler", "glue", "Crawlers of raw data", self._crawler())
        quality = "Data quality evaluations of raw data"
        self.data_quality = self._role("DataQuality", "glue", quality, self._data_quality())
        self.data_preparation: iam.Role | None = None
        if options.databrew:
            jobs = "DataBrew jobs: profiles, and copies with personal data masked"
            self.data_preparation = self._role("DataPreparation", "databrew", jobs, self._data_preparation())
        self.feature_store: iam.Role | None = None
        if options.feature_store != "none":
            features = self._feature_store()
            self.feature_store = self._role("FeatureStore", "sagemaker", "Feature groups", features)
            name_role(self.feature_store, self._place.name("feature-store"))
        managed_policy(
            scope,
            "DataEngineerPolicy",
            roles=[foundation.personas["DataEngineer"]],
            description="What data engineers may do with the catalog",
            statements=[
                *self._data_engineer(),
                pass_role("PassDataQualityRole", [self.data_quality.role_arn], "glue"),
                *(self._prepare_data() if options.databrew else []),
            ],
        )

    @property
    def of_use_cases(self) -> list[iam.Role]:
        """Those that work for each use case, and are named by its own stack."""
        return [role for role in (self.crawler, self.data_preparation, self.feature_store) if role]

    def _role(self, name: str, service: str, description: str, statements: list[Statement]) -> iam.Role:
        return service_role(self._scope, name, service, description, statements).role

    def _crawler(self) -> list[Statement]:
        return [
            *self._read_raw(),
            self._tables("CatalogRawData", f"{_READ_TABLES} {_WRITE_TABLES}", self._names.raw_table("*")),
            self._write_logs("aws-glue", "logs:AssociateKmsKey"),
            use_key(self._key_arn),
        ]

    def _data_quality(self) -> list[Statement]:
        return [
            *self._read_raw(),
            self._tables("ReadTables", _READ_TABLES, self._names.raw_table("*")),
            allow_own(
                "ReadRules",
                "glue:GetDataQualityRuleset glue:PublishDataQuality",
                [self._own("glue", "dataQualityRuleset")],
            ),
            allow(
                "PublishDataQuality",
                "cloudwatch:PutMetricData",
                ["*"],
                {"StringEquals": {"cloudwatch:namespace": "Glue Data Quality"}},
                because="Metrics have no ARN; the condition allows the namespace of data quality only.",
            ),
            self._write_logs("aws-glue"),
            use_key(self._key_arn),
        ]

    def _data_preparation(self) -> list[Statement]:
        """Profiles raw data, and masks personal data in a copy."""
        return [
            *self._read_raw(),
            allow_objects("WriteProfiles", "s3:PutObject", self._layout.profiles),
            list_zones("ListProfiles", self._layout.profiles),
            allow_objects("WriteMaskedData", "s3:PutObject", self._layout.processed),
            list_zones("ListMaskedData", self._layout.processed),
            self._write_logs("aws-glue-databrew"),
            use_key(self._key_arn),
        ]

    def _feature_store(self) -> list[Statement]:
        """Keeps the offline store and its Glue table."""
        features, prefix = self._layout.features, self._place.prefix
        tables = [f"table/sagemaker_featurestore/{prefix}{dash}*" for dash in "-_"]
        return [
            allow_objects("WriteFeatures", "s3:GetObject s3:PutObject s3:PutObjectAcl", features),
            allow("FindOwnerOfBucket", "s3:GetBucketAcl s3:GetBucketLocation", [features.bucket.arn]),
            list_zones("ListFeatures", features),
            allow(
                "KeepFeatureTables",
                "glue:GetTable glue:UpdateTable",
                [
                    self._place.arn("glue", name)
                    for name in ("catalog", "database/sagemaker_featurestore", *tables)
                ],
                because="SageMaker names the table after the feature group and the time when it was created.",
            ),
            use_key(self._key_arn),
            grant_key("GrantKeyToOnlineStore", self._key_arn),
        ]

    def _data_engineer(self) -> list[Statement]:
        """Query the catalog, renew it, check data; what queries read is up to the rights in S3."""
        results = self._layout.athena
        return [
            allow(
                "QueryData",
                "athena:GetQueryExecution athena:GetQueryResults athena:GetWorkGroup "
                "athena:StartQueryExecution athena:StopQueryExecution",
                [self._place.arn("athena", f"workgroup/{self._place.prefix}")],
            ),
            allow_objects("KeepQueryResults", "s3:AbortMultipartUpload s3:GetObject s3:PutObject", results),
            list_zones("ListQueryResults", results),
            allow("FindQueryResults", "s3:GetBucketLocation", [results.bucket.arn]),
            self._tables(
                "ReadCatalog",
                "glue:GetDatabase glue:GetPartitions glue:GetTable glue:GetTables",
                self._names.raw_table("*"),
                self._names.processed_table("*"),
            ),
            allow_own(
                "RunCrawlers",
                "glue:GetCrawler glue:StartCrawler glue:StopCrawler",
                [self._own("glue", "crawler")],
            ),
            allow_own(
                "CheckDataQuality",
                "glue:GetDataQualityResult glue:GetDataQualityRuleset "
                "glue:GetDataQualityRulesetEvaluationRun glue:StartDataQualityRulesetEvaluationRun",
                [self._own("glue", "dataQualityRuleset")],
            ),
        ]

    def _prepare_data(self) -> list[Statement]:
        return [
            allow_own(
                "PrepareData",
                "databrew:DescribeJob databrew:DescribeJobRun databrew:ListJobRuns databrew:StartJobRun "
                "databrew:StopJobRun",
                [f"{self._own('databrew', 'job')}-{job}" for job in ("mask", "profile")],
            ),
            *read_zones("Profiles", self._layout.profiles),
        ]

    def _own(self, service: str, kind: str) -> str:
        return self._place.arn(service, f"{kind}/{self._place.name('*')}")

    def _tables(self, sid: str, actions: str, *tables: str) -> Statement:
        because = "The account has one catalog; in the database of this environment, use cases come and go."
        return allow(sid, actions, self._names.arns(tables), because=because)

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
