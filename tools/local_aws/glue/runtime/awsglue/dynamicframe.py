"""Frames of Glue, which hold frames of Spark."""

from dataclasses import dataclass

from pyspark.sql import DataFrame

from awsglue.context import GlueContext


@dataclass(frozen=True)
class DynamicFrame:
    """https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html."""

    rows: DataFrame
    glue_ctx: GlueContext
    name: str

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str) -> "DynamicFrame":  # noqa: N802
        return cls(dataframe, glue_ctx, name)

    def toDF(self) -> DataFrame:  # noqa: N802
        return self.rows
