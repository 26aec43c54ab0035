"""Where raw data of a use case is taken from, and what the platform brings by itself."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from config.mistakes.errors import MISSING, Mistake
from config.models.base import ConfigurationModel
from config.values import databases, fields
from config.values.schedules import Schedule

_KINDS = ("redshift", "emr", "bucket", "dynamodb", "jdbc")
_SCHEDULED = ("bucket", "dynamodb", "jdbc")


class RedshiftSource(ConfigurationModel):
    """A query whose result the preprocessing reads."""

    cluster_id: Annotated[str, Field(min_length=1, max_length=63)]
    """Identifier of the Redshift cluster."""
    database: Annotated[str, Field(min_length=1, max_length=64)]
    """Database in the cluster."""
    user: Annotated[str, Field(min_length=1, max_length=128)]
    """Database user that the query runs as."""
    query: Annotated[str, Field(min_length=1, max_length=4096)]
    """SELECT statement that gives the raw columns."""
    cluster_role_arn: fields.RoleArn
    """Role of the cluster that may write the result to the data bucket."""


class EmrSource(ConfigurationModel):
    """A Spark step on a running EMR cluster, which writes the raw files."""

    cluster_id: fields.EmrClusterId
    """Identifier of the EMR cluster."""
    script: fields.S3Uri
    """Spark script; gets the place to write to as its last argument."""
    arguments: fields.Texts = ()
    """Arguments of the script before the last one."""


class BucketSource(ConfigurationModel):
    """Files in a bucket of another account, whose bucket policy lets the processing role read them."""

    name: fields.BucketName
    """Name of the bucket."""
    prefix: fields.S3Prefix
    """Folder of the raw files, without a slash at the beginning."""
    account: fields.Account
    """Account that owns the bucket."""
    key_arn: fields.KeyArn | None = None
    """KMS key that the files are encrypted with; none when S3's own key is used."""
    marker: fields.MarkerName = "_SUCCESS"
    """With a schedule: the object that its owner puts into a folder when the folder is complete."""


class DynamodbSource(ConfigurationModel):
    """A table that is exported to the data bucket; the environment's account owns it, in the same region."""

    table: fields.TableName
    """Name of the table, which has point-in-time recovery switched on."""


class JdbcSource(ConfigurationModel):
    """A table or a query in a database that the environment's network reaches, read by a job of Glue."""

    url: databases.JdbcUrl
    """Address of the database, without user and password."""
    secret: databases.SecretName
    """Name of the secret with user and password, in JSON as RDS writes it; each environment has its own."""
    table: databases.QualifiedTable | None = None
    """The table that is delivered as a whole."""
    query: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """A SELECT statement, in place of a table."""

    @property
    def port(self) -> int:
        """The port of the database, which its address names."""
        return databases.port_of(self.url)

    @property
    def select(self) -> str:
        """The statement that gives the raw columns."""
        # Whoever configures the table may configure any query.
        whole = f"SELECT * FROM {self.table}"  # noqa: S608
        return whole if self.query is None else self.query.rstrip().rstrip(";")

    def mistakes(self) -> Iterator[Mistake]:
        given = self.model_dump(include={"table", "query"}, exclude_none=True)
        if len(given) != 1:
            problem = f"names {' and '.join(given) or 'no rows'}"
            change = "keep one of them" if given else "add table or query"
            yield Mistake((), given or MISSING, problem, "exactly one of table, query", change)


class Source(ConfigurationModel):
    """Exactly one place that raw data is taken from, and when by itself."""

    redshift: RedshiftSource | None = None
    """A query in a Redshift cluster."""
    emr: EmrSource | None = None
    """A Spark step on an EMR cluster."""
    bucket: BucketSource | None = None
    """A bucket of another account."""
    dynamodb: DynamodbSource | None = None
    """A table of DynamoDB."""
    jdbc: JdbcSource | None = None
    """A table or a query in a database."""
    schedule: Schedule | None = None
    """When a bucket, a table of DynamoDB or a database is delivered and trained with, in UTC."""

    @property
    def delivers(self) -> bool:
        """Whether the platform brings deliveries itself; a bucket without a schedule is read where it is."""
        return bool(self.dynamodb or self.jdbc or (self.bucket and self.schedule))

    def mistakes(self) -> Iterator[Mistake]:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            problem = f"names {' and '.join(given) or 'no source'}"
            change = "keep one, or leave source out to put files into the data bucket"
            allowed = f"exactly one of {', '.join(_KINDS)}"
            yield Mistake((), given, problem, allowed, change)
        elif self.schedule and given[0] not in _SCHEDULED:
            problem = f"has no meaning with {given[0]}, which somebody else delivers"
            allowed = f"a schedule together with {', '.join(_SCHEDULED)}"
            yield Mistake(("schedule",), self.schedule, problem, allowed, "remove it")
        elif self.bucket and not self.schedule and "marker" in self.bucket.model_fields_set:
            path, problem = ("bucket", "marker"), "says nothing about a bucket that is read where it is"
            allowed, change = "a marker together with schedule", "add schedule, or remove it"
            yield Mistake(path, self.bucket.marker, problem, allowed, change)
