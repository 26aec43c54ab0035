"""Glue, Athena and DataBrew of the embedded AWS: what moto lacks of them, or takes too lightly."""

from tools.local_aws.context import Context
from tools.local_aws.glue import athena, crawlers, data_quality, databrew


def install(context: Context) -> None:
    """Extends moto's services."""
    for part in (crawlers, data_quality, athena, databrew):
        part.install(context)
