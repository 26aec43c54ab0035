"""Where the raw data of a use case comes from when nobody puts files into the data bucket."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.values.fields import Account, BucketName, EmrClusterId, KeyArn, RoleArn, S3Prefix, S3Uri, Texts

_KINDS = ("redshift", "emr", "bucket")


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
    cluster_role_arn: RoleArn
    """Role of the cluster that may write the result to the data bucket."""


class EmrSource(ConfigurationModel):
    """A Spark step on a running EMR cluster, which writes the raw files."""

    cluster_id: EmrClusterId
    """Identifier of the EMR cluster."""
    script: S3Uri
    """Spark script; gets the place to write to as its last argument."""
    arguments: Texts = ()
    """Arguments of the script before the last one."""


class BucketSource(ConfigurationModel):
    """Files in a bucket of another account, whose bucket policy lets the processing role read them."""

    name: BucketName
    """Name of the bucket."""
    prefix: S3Prefix
    """Folder of the raw files, without a slash at the beginning."""
    account: Account
    """Account that owns the bucket."""
    key_arn: KeyArn | None = None
    """KMS key that the files are encrypted with; none when S3's own key is used."""


class Source(ConfigurationModel):
    """Exactly one place that raw data is taken from."""

    redshift: RedshiftSource | None = None
    """A query in a Redshift cluster."""
    emr: EmrSource | None = None
    """A Spark step on an EMR cluster."""
    bucket: BucketSource | None = None
    """A bucket of another account."""

    def mistakes(self) -> Iterator[Mistake]:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            problem = f"names {' and '.join(given) or 'no source'}"
            change = "keep one, or leave source out to put files into the data bucket"
            allowed = f"exactly one of {', '.join(_KINDS)}"
            yield Mistake((), given, problem, allowed, change)
