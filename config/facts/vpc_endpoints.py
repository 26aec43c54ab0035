"""The AWS services that an environment must reach inside its network."""

from config.models.options import Catalog
from config.models.studio import Studio

ALWAYS = (
    *("s3", "sagemaker.api", "sagemaker.runtime", "sts", "logs", "monitoring"),
    *("kms", "ecr.api", "ecr.dkr"),
)
"""What jobs and endpoints call; without one of them they hang until they time out."""
ENDPOINTS = {
    **{name: f"com.amazonaws.{{region}}.{name}" for name in (*ALWAYS, "glue", "athena", "databrew")},
    "sagemaker.featurestore-runtime": "com.amazonaws.{region}.sagemaker.featurestore-runtime",
    "studio": "aws.sagemaker.{region}.studio",
    "experiments": "aws.sagemaker.{region}.experiments",
}
"""Service names of VPC endpoints by the names that the configuration uses."""


def needed_vpc_endpoints(studio: Studio | None, catalog: Catalog | None) -> tuple[str, ...]:
    """Return the short names of the VPC endpoints that an environment with these options needs.

    https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-and-internet-access.html
    """
    names = [*ALWAYS]
    if studio is not None:
        names.append("studio")
        if studio.mlflow != "none":
            names.append("experiments")
    if catalog is not None:
        names += ["glue", "athena"]
        if catalog.databrew:
            names.append("databrew")
        if catalog.feature_store != "none":
            names.append("sagemaker.featurestore-runtime")
    return tuple(names)
