"""Facts about AWS that the configuration is checked against; tests compare them with botocore.

They are written down here, not asked for, so that reading the configuration needs no network and no account.
"""

import json
from collections.abc import Mapping
from pathlib import Path

REGIONS = (
    *("af-south-1", "ap-east-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
    *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ca-central-1", "eu-central-1", "eu-central-2"),
    *("eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1"),
    *("me-central-1", "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)
"""Regions of the commercial partition where SageMaker offers the images of training and monitoring."""

LOG_RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400),
    *(545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""What CloudWatch Logs accepts as retention."""

NameLimits = Mapping[str, tuple[str, int]]
NAME_LIMITS: NameLimits = {
    "endpoint": ("{environment}-{}", 63),
    "model package group": ("{environment}-{}", 63),
    # The service model says 256, the service refuses more than 82:
    # https://github.com/aws/sagemaker-python-sdk/issues/2933
    "pipeline": ("{environment}-{}", 82),
    "monitoring schedule": ("{environment}-{}-data-quality", 63),
    "stack": ("{environment}-{}-monitoring", 128),
}
"""Names composed from an environment's and a use case's name, and how long AWS lets them be."""

NAME_LIMITS_OF_ENVIRONMENT: NameLimits = {"domain": ("{}", 63), "stack": ("{}-foundation", 128)}
"""Names composed from an environment's name alone, and how long AWS lets them be."""

NAME_LIMITS_OF_OPTIONS: Mapping[str, NameLimits] = {
    "studio": {"lifecycle configuration": ("{}-jupyterlab-0123456789abcdef", 63)},
    "replication_region": {"copy of the artifacts bucket": ("{}-012345678901-artifacts-copy", 63)},
}
"""The same for what only environments with an option have."""


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


def _read_instance_types() -> dict[str, tuple[str, ...]]:
    table = json.loads(Path(__file__).with_name("instance_types.json").read_text("utf-8"))
    return {
        job: tuple(f"ml.{family}.{size}" for family, sizes in families.items() for size in sizes.split())
        for job, families in table.items()
    }


INSTANCE_TYPES = _read_instance_types()
"""Instance types that SageMaker offers for "endpoint", "training" and "processing"."""
