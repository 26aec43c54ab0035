"""Roles of the work on data: crawling, checking its quality, preparing it, keeping features."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.catalog.names import CatalogNames
from stacks.foundation.job_roles import service_role
from stacks.foundation.stack import FoundationStack
from stacks.permissions.statements import allow, list_prefixes, use_key

_READ_TABLES = [
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
]
_WRITE_TABLES = [
    "glue:BatchCreatePartition",
    "glue:BatchGetPartition",
    "glue:CreateTable",
    "glue:UpdatePartition",
    "glue:UpdateTable",
]


@dataclass(frozen=True)
class CatalogRoles:
    """Makes one role per kind of work in a catalog stack, for all use cases of the environment."""

    scope: Construct
    names: CatalogNames
    use_cases: list[str]
    foundation: FoundationStack

    def crawler(self) -> iam.Role:
        """Finds the columns of raw data and writes them into its own tables."""
        return service_role(
            self.scope,
            "Crawler",
            service="glue",
            description="Crawlers of raw data",
            statements=[
                *self._read_raw(),
                allow("CatalogRawData", [*_READ_TABLES, *_WRITE_TABLES], self._raw_tables()),
                self._write_logs("aws-glue", "logs:AssociateKmsKey"),
                use_key(self.foundation.key.key_arn),
            ],
        )

    def data_quality(self) -> iam.Role:
        """Evaluates the data quality rules on raw data."""
        return service_role(
            self.scope,
            "DataQuality",
            service="glue",
            description="Data quality evaluations of raw data",
            statements=[
                *self._read_raw(),
                allow("ReadTables", _READ_TABLES, self._raw_tables()),
                allow(
                    "ReadRules",
                    ["glue:GetDataQualityRuleset", "glue:PublishDataQuality"],
                    [
                        f"arn:aws:glue:{self._place}:dataQualityRuleset/{self.names.resource(use_case)}"
                        for use_case in self.use_cases
                    ],
                ),
                allow(
                    "PublishDataQuality",
                    ["cloudwatch:PutMetricData"],
                    ["*"],
                    {"StringEquals": {"cloudwatch:namespace": "Glue Data Quality"}},
                ),
                self._write_logs("aws-glue"),
                use_key(self.foundation.key.key_arn),
            ],
        )

    def data_preparation(self) -> iam.Role:
        """Profiles raw data and masks personal data in a copy."""
        return service_role(
            self.scope,
            "DataPreparation",
            service="databrew",
            description="DataBrew jobs: profiles, and copies with personal data masked",
            statements=[
                *self._read_raw(),
                allow("WriteProfiles", ["s3:PutObject"], [f"{self._artifacts}/profiles/*"]),
                list_prefixes("ListProfiles", self._artifacts, ["profiles/*"]),
                allow("WriteMaskedData", ["s3:PutObject"], [f"{self._data}/processed/*"]),
                list_prefixes("ListMaskedData", self._data, ["processed/*"]),
                self._write_logs("aws-glue-databrew"),
                use_key(self.foundation.key.key_arn),
            ],
        )

    def feature_store(self) -> iam.Role:
        """Keeps the offline store and its Glue table."""
        store = f"arn:aws:glue:{self._place}"
        tables = f"table/sagemaker_featurestore/{self.names.environment}"
        return service_role(
            self.scope,
            "FeatureStore",
            service="sagemaker",
            description="Feature groups",
            statements=[
                allow(
                    "WriteFeatures",
                    ["s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"],
                    [f"{self._data}/features/*"],
                ),
                allow("FindOwnerOfBucket", ["s3:GetBucketAcl", "s3:GetBucketLocation"], [self._data]),
                list_prefixes("ListFeatures", self._data, ["features/*"]),
                # SageMaker names the tables after the feature group and the time of its creation.
                allow(
                    "KeepFeatureTables",
                    ["glue:GetTable", "glue:UpdateTable"],
                    [
                        f"{store}:catalog",
                        f"{store}:database/sagemaker_featurestore",
                        f"{store}:{tables}-*",
                        f"{store}:{tables}_*",
                    ],
                ),
                use_key(self.foundation.key.key_arn),
                allow(
                    "GrantKeyToOnlineStore",
                    ["kms:CreateGrant"],
                    [self.foundation.key.key_arn],
                    {"Bool": {"kms:GrantIsForAWSResource": "true"}},
                ),
            ],
        )

    @property
    def _place(self) -> str:
        return f"{self.foundation.region}:{self.foundation.account}"

    @property
    def _data(self) -> str:
        return self.foundation.buckets.data.bucket_arn

    @property
    def _artifacts(self) -> str:
        return self.foundation.buckets.artifacts.bucket_arn

    def _raw_tables(self) -> list[str]:
        tables = [self.names.raw_table(use_case) for use_case in self.use_cases]
        return self.names.arns(self.foundation.region, self.foundation.account, tables)

    def _read_raw(self) -> list[iam.PolicyStatement]:
        return [
            allow("ReadRawData", ["s3:GetObject"], [f"{self._data}/raw/*"]),
            list_prefixes("ListRawData", self._data, ["raw/*"]),
            allow("FindRawData", ["s3:GetBucketLocation"], [self._data]),
        ]

    def _write_logs(self, group: str, *more: str) -> iam.PolicyStatement:
        return allow(
            "WriteLogs",
            [
                *more,
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
            ],
            [f"arn:aws:logs:{self._place}:log-group:/{group}/*"],
        )
