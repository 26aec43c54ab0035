"""The context of a script: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-glue-context.html."""

from pyspark.context import SparkContext
from pyspark.sql import SparkSession


class GlueContext:
    """Plain Spark; sources and sinks of Glue's own are not there."""

    def __init__(self, sparkContext: SparkContext) -> None:  # noqa: N803
        self.spark_session = SparkSession(sparkContext)
