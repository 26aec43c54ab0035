"""The roles that crawl, check, prepare and keep data for the catalog."""

from tests.security.iam.rows import Row, may, never, where

_RAW = "{data}/raw/{use-case}/houses.csv"
_GLUE_RESOURCES = ["{glue}:catalog", "{glue}:database/{database}", "{glue}:table/{database}/raw_{use_case}"]
_READ = "glue:GetPartition glue:GetPartitions glue:GetTable glue:GetTables"
_WRITE = (
    "glue:BatchCreatePartition glue:BatchGetPartition glue:CreateTable glue:UpdatePartition glue:UpdateTable"
)


def _reads_raw(who: str) -> list[Row]:
    return [
        *may(who, "s3:GetObject", _RAW, "it is about raw data"),
        *may(who, "s3:ListBucket", "{data}", "a delivery has many files", only={"s3:prefix": "raw/{use-case}"}),
        *may(who, "s3:GetBucketLocation", "{data}", "Glue asks where a bucket is"),
        *never(who, "s3:PutObject s3:DeleteObject", _RAW, "what was delivered stays as it is"),
    ]  # fmt: skip


def _common(who: str, group: str) -> list[Row]:
    log = f"{{logs}}:log-group:/{group}/jobs"
    return [
        *may(who, "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "its data are encrypted by the key"),
        *may(who, "logs:CreateLogGroup", log, "it says what happens"),
        *may(who, "logs:CreateLogStream logs:PutLogEvents", f"{log}:log-stream:1", "it says what happens"),
    ]  # fmt: skip


def _glue(who: str, actions: str, why: str, tables: tuple[str, ...] = ("raw_{use_case}",)) -> list[Row]:
    """Whoever reads or writes a table needs the same permission on its database and on the catalog."""
    above, named = (
        ["{glue}:catalog", "{glue}:database/{database}"],
        [f"{{glue}}:table/{{database}}/{table}" for table in tables],
    )
    return [
        *may(who, "glue:GetDatabase", above, why, anywhere=True),
        *never(who, "glue:GetDatabase", "{glue}:database/elsewhere", "other databases are others'"),
        *may(who, actions, [*above, *named], why, anywhere=True),
        *never(who, actions, "{glue}:table/elsewhere/raw_{use_case}", "other tables are others'"),
    ]


_PREPARATION = [
    *(
        row
        for job in ("mask", "profile")
        for row in may("data-engineer", "databrew:DescribeJob databrew:DescribeJobRun databrew:ListJobRuns "
                       "databrew:StartJobRun databrew:StopJobRun",
                       f"arn:aws:databrew:{{region}}:{{account}}:job/{{env}}-{{use-case}}-{job}", "engineers prepare data")
    ),
    *may("data-engineer", "s3:GetObject", "{artifacts}/profiles/{use-case}/profile.json", "profiles are for reading"),
    *may("data-engineer", "s3:ListBucket", "{artifacts}", "profiles are for reading", only={"s3:prefix": "profiles/x"}),
    *never("data-engineer", "databrew:StartJobRun", "arn:aws:databrew:{region}:{account}:job/{env}-house-prices",
           "jobs are masks and profiles"),
]  # fmt: skip
_ENGINEER = [
    *may("data-engineer", "athena:GetQueryExecution athena:GetQueryResults athena:GetWorkGroup "
         "athena:StartQueryExecution athena:StopQueryExecution", "{athena}:workgroup/{env}", "engineers query data"),
    *may("data-engineer", "s3:AbortMultipartUpload s3:GetObject s3:PutObject", "{artifacts}/athena/1.csv",
         "queries have results"),
    *may("data-engineer", "s3:ListBucket", "{artifacts}", "queries have results", only={"s3:prefix": "athena/1"}),
    *may("data-engineer", "s3:GetBucketLocation", "{artifacts}", "Athena asks where results go"),
    *_glue("data-engineer", "glue:GetPartitions glue:GetTable glue:GetTables", "queries read tables",
           ("raw_{use_case}", "processed_{use_case}")),
    *never("data-engineer", "glue:UpdateTable glue:DeleteTable", "{glue}:table/{database}/raw_{use_case}",
           "tables are the crawler's"),
    *may("data-engineer", "glue:GetCrawler glue:StartCrawler glue:StopCrawler", "{glue}:crawler/{env}-{use-case}",
         "engineers renew the catalog"),
    *may("data-engineer", "glue:GetDataQualityResult glue:GetDataQualityRuleset "
         "glue:GetDataQualityRulesetEvaluationRun glue:StartDataQualityRulesetEvaluationRun",
         "{glue}:dataQualityRuleset/{env}-{use-case}", "engineers check what was delivered"),
    *may("data-engineer", "iam:PassRole", "{role:data-quality}", "the check runs as its own role",
         only={"iam:PassedToService": "glue.amazonaws.com"}),
    *never("data-engineer", "iam:PassRole", "{role:crawler}", "the crawler's role is for crawlers",
           given={"iam:PassedToService": "glue.amazonaws.com"}),
    *never("data-engineer", "glue:GetTable", "{glue}:table/{database}/other", "tables are of raw or processed data"),
    *never("data-engineer", "glue:StartCrawler", "{glue}:crawler/elsewhere-house-prices", "others crawl elsewhere"),
    *never("data-engineer", "glue:StartDataQualityRulesetEvaluationRun",
           "{glue}:dataQualityRuleset/elsewhere-house-prices", "others check elsewhere"),
    *never("data-scientist", "athena:StartQueryExecution", "{athena}:workgroup/{env}", "queries would reach raw data"),
    *never("data-scientist", "iam:PassRole", "{role:data-quality}", "that role reads raw data",
           given={"iam:PassedToService": "glue.amazonaws.com"}),
]  # fmt: skip
ROWS = [
    *where("Workgroup", _ENGINEER),
    *_reads_raw("crawler"),
    *_common("crawler", "aws-glue"),
    *may("crawler", "logs:AssociateKmsKey", "{logs}:log-group:/aws-glue/crawlers", "its log group is encrypted"),
    *_glue("crawler", f"{_READ} {_WRITE}", "it writes down the columns that it finds"),
    *never("crawler", "glue:UpdateTable", "{glue}:table/{database}/processed_house_prices", "that table is declared"),
    *never("crawler", "glue:DeleteTable", _GLUE_RESOURCES, "a crawler forgets nothing"),
    *never("crawler", "s3:GetObject", "{artifacts}/training/{use-case}/model.tar.gz", "it knows no models"),
    *_reads_raw("data-quality"),
    *_common("data-quality", "aws-glue"),
    *_glue("data-quality", _READ, "rules are about a table"),
    *may("data-quality", "glue:GetDataQualityRuleset glue:PublishDataQuality",
         "{glue}:dataQualityRuleset/{env}-{use-case}", "it evaluates the rules"),
    *may("data-quality", "cloudwatch:PutMetricData", "*", "how good the data are is a metric",
         only={"cloudwatch:namespace": "Glue Data Quality"}),
    *never("data-quality", "glue:UpdateTable", _GLUE_RESOURCES, "a judge changes nothing"),
    *never("data-quality", "glue:UpdateDataQualityRuleset", "{glue}:dataQualityRuleset/{env}-{use-case}",
           "nor the rules it judges by"),
    *never("data-quality", "glue:GetDataQualityRuleset", "{glue}:dataQualityRuleset/elsewhere-house-prices",
           "rules of other environments judge other data"),
    *where("DataPreparationRole", _PREPARATION),
    *_reads_raw("data-preparation"),
    *_common("data-preparation", "aws-glue-databrew"),
    *may("data-preparation", "s3:PutObject", "{artifacts}/profiles/{use-case}/profile.json", "profiles are reports"),
    *may("data-preparation", "s3:ListBucket", "{artifacts}", "it looks for reports", only={"s3:prefix": "profiles/x"}),
    *may("data-preparation", "s3:PutObject", "{data}/processed/{use-case}/masked.csv", "masked data are a copy"),
    *may("data-preparation", "s3:ListBucket", "{data}", "it looks for copies", only={"s3:prefix": "processed/x"}),
    *may("feature-store", "s3:GetObject s3:PutObject s3:PutObjectAcl", "{data}/features/{use-case}/part.parquet",
         "the offline store"),
    *may("feature-store", "s3:GetBucketAcl s3:GetBucketLocation", "{data}", "it checks whose bucket it is"),
    *may("feature-store", "s3:ListBucket", "{data}", "the offline store", only={"s3:prefix": "features/x"}),
    *(
        row
        for name in ("catalog", "database/sagemaker_featurestore", "table/sagemaker_featurestore/{env}-house-1",
                     "table/sagemaker_featurestore/{env}_house_1")
        for row in may("feature-store", "glue:GetTable glue:UpdateTable", f"{{glue}}:{name}", "its tables", anywhere=True)
    ),
    *never("feature-store", "glue:GetTable glue:UpdateTable", "{glue}:table/{database}/raw_{use_case}", "no other table"),
    *may("feature-store", "kms:Decrypt kms:GenerateDataKey kms:DescribeKey", "{key}", "features are encrypted"),
    *may("feature-store", "kms:CreateGrant", "{key}", "so is the online store", only={"kms:GrantIsForAWSResource": "true"}),
    *never("feature-store", "s3:GetObject", _RAW, "features are made by others"),
    *never("feature-store", "s3:DeleteObject", "{data}/features/{use-case}/part.parquet", "history stays"),
]  # fmt: skip
