"""What data engineers may do with the catalog: query it, renew it, check and prepare what it describes."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from stacks.catalog.names import CatalogNames
from stacks.foundation.stack import FoundationStack
from stacks.permissions.statements import allow, list_prefixes, pass_role


@dataclass(frozen=True)
class CatalogAccess:
    """Statements about one environment's catalog. What queries read is up to the caller's rights in S3."""

    names: CatalogNames
    use_cases: Sequence[str]
    foundation: FoundationStack

    def statements(self, data_quality_role: iam.Role, *, databrew: bool) -> list[iam.PolicyStatement]:
        """Everything a data engineer needs of the catalog."""
        results = f"{self._artifacts}/athena/*"
        return [
            allow(
                "QueryData",
                [
                    "athena:GetQueryExecution",
                    "athena:GetQueryResults",
                    "athena:GetWorkGroup",
                    "athena:StartQueryExecution",
                    "athena:StopQueryExecution",
                ],
                [f"arn:aws:athena:{self._place}:workgroup/{self.names.workgroup}"],
            ),
            allow("KeepQueryResults", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], [results]),
            list_prefixes("ListQueryResults", self._artifacts, ["athena/*"]),
            allow("FindQueryResults", ["s3:GetBucketLocation"], [self._artifacts]),
            allow(
                "ReadCatalog",
                ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"],
                self._tables(),
            ),
            allow(
                "RunCrawlers",
                ["glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler"],
                self._named("glue", "crawler"),
            ),
            allow(
                "CheckDataQuality",
                [
                    "glue:GetDataQualityResult",
                    "glue:GetDataQualityRuleset",
                    "glue:GetDataQualityRulesetEvaluationRun",
                    "glue:StartDataQualityRulesetEvaluationRun",
                ],
                self._named("glue", "dataQualityRuleset"),
            ),
            pass_role("PassDataQualityRole", [data_quality_role.role_arn], "glue"),
            *(self._prepare_data() if databrew else []),
        ]

    def _prepare_data(self) -> list[iam.PolicyStatement]:
        jobs = [f"{arn}-{job}" for arn in self._named("databrew", "job") for job in ("mask", "profile")]
        return [
            allow(
                "PrepareData",
                [
                    "databrew:DescribeJob",
                    "databrew:DescribeJobRun",
                    "databrew:ListJobRuns",
                    "databrew:StartJobRun",
                    "databrew:StopJobRun",
                ],
                jobs,
            ),
            allow("ReadProfiles", ["s3:GetObject"], [f"{self._artifacts}/profiles/*"]),
            list_prefixes("ListProfiles", self._artifacts, ["profiles/*"]),
        ]

    def _tables(self) -> list[str]:
        tables = [
            table
            for use_case in self.use_cases
            for table in (self.names.raw_table(use_case), self.names.processed_table(use_case))
        ]
        return self.names.arns(self.foundation.region, self.foundation.account, tables)

    def _named(self, service: str, kind: str) -> list[str]:
        return [
            f"arn:aws:{service}:{self._place}:{kind}/{self.names.resource(use_case)}"
            for use_case in self.use_cases
        ]

    @property
    def _place(self) -> str:
        return f"{self.foundation.region}:{self.foundation.account}"

    @property
    def _artifacts(self) -> str:
        return self.foundation.buckets.artifacts.bucket_arn
