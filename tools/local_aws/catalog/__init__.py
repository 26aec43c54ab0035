"""Glue, Athena and DataBrew of the embedded AWS: what moto lacks of them, or takes too lightly."""

from tools.local_aws.catalog import athena, crawlers, data_quality, databrew
from tools.local_aws.context import Context


def install(context: Context) -> None:
    """Extends moto's services."""
    for part in (crawlers, data_quality, athena, databrew):
        part.install(context)
