"""Facts about AWS that the configuration is checked against; tests compare them with botocore.

They are written down here, not asked for, so that reading the configuration needs no network and no account.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TABLES = json.loads(Path(__file__).with_name("aws.json").read_text("utf-8"))

REGIONS: tuple[str, ...] = tuple(_TABLES["regions"])
"""Regions of the commercial partition where SageMaker offers the images of training and monitoring."""
MLFLOW_APP_REGIONS: tuple[str, ...] = tuple(_TABLES["mlflow_app_regions"])
"""Those of them where CloudFormation has MLflow's serverless app."""
LOG_RETENTION_DAYS: tuple[int, ...] = tuple(_TABLES["log_retention_days"])
"""What CloudWatch Logs accepts as retention."""
INSTANCE_TYPES: dict[str, tuple[str, ...]] = {
    job: tuple(f"ml.{family}.{size}" for family, sizes in families.items() for size in sizes.split())
    for job, families in _TABLES["instance_types"].items()
}
"""Instance types that SageMaker offers for "endpoint", "training", "processing", "transform" and "studio"."""

GPU_FAMILIES = ("ml.g", "ml.p")
"""How the names of instance types with GPUs begin: https://aws.amazon.com/sagemaker/ai/pricing/"""

WITH_OWN_DISKS = ("ml.g4dn", "ml.g5", "ml.g6", "ml.trn1")
"""Of the types that transform jobs run on, the families with disks of their own, for which AWS takes no key.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformResources.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html
"""

_GIB_OF_A_CPU = {"c": 2, "m": 4, "r": 8}
_CPUS = {"medium": 1, "large": 2, "xlarge": 4}
_SIZE = re.compile(r"ml\.(?P<kind>[cmr])\d\w*\.(?P<times>\d*)(?P<size>medium|large|xlarge)")


@dataclass(frozen=True)
class Machine:
    """What an instance has at most; AWS keeps some of it, and does not say how much."""

    cpus: int
    memory_mb: int


def machine(instance_type: str) -> Machine | None:
    """Of the families for computing, general purpose and memory; those with accelerators have no rule.

    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    found = _SIZE.fullmatch(instance_type)
    if found is None:
        return None
    cpus = _CPUS[found["size"]] * int(found["times"] or 1)
    return Machine(cpus, cpus * _GIB_OF_A_CPU[found["kind"]] * 1024)


NameLimits = Mapping[str, tuple[str, int]]
NAME_LIMITS: NameLimits = {
    "endpoint": ("{prefix}-{}", 63),
    "model package group": ("{prefix}-{}", 63),
    # The service model says 256, the service refuses more than 82:
    # https://github.com/aws/sagemaker-python-sdk/issues/2933
    "pipeline": ("{prefix}-{}", 82),
    "monitoring schedule": ("{prefix}-{}-data-quality", 63),
    "schedule": ("{prefix}-{}-model-quality", 64),
    "stack": ("{prefix}-{}-monitoring", 128),
}
"""Names composed from an environment's prefix and a use case's name, and how long AWS lets them be."""

NAME_LIMITS_OF_ENVIRONMENT: NameLimits = {
    "bucket for access logs": ("{}-012345678901-access-logs", 63),
    "domain": ("{}", 63),
    "job of a pipeline": ("{}-pipeline-abcdefghijkl-0123456789-00", 63),
    "stack": ("{}-foundation", 128),
}
"""Names composed from an environment's prefix alone, and how long AWS lets them be."""

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
_OF_OPTIONS = ("glue", "athena", "databrew", "secretsmanager")
ENDPOINTS = {
    **{name: f"com.amazonaws.{{region}}.{name}" for name in (*ALWAYS, *_OF_OPTIONS)},
    "sagemaker.featurestore-runtime": "com.amazonaws.{region}.sagemaker.featurestore-runtime",
    "studio": "aws.sagemaker.{region}.studio",
    "experiments": "aws.sagemaker.{region}.experiments",
    "mlflow": "aws.sagemaker.{region}.mlflow",
}
"""Service names of VPC endpoints by the names that the configuration uses."""

_AMAZON = "{region}.amazonaws.com"
DOMAINS: Mapping[str, tuple[str, ...]] = {
    # Without a region, as SDKs still call S3 in us-east-1.
    "s3": (f"s3.{_AMAZON}", f"*.s3.{_AMAZON}", "s3.amazonaws.com", "*.s3.amazonaws.com"),
    "sagemaker.api": (f"api.sagemaker.{_AMAZON}",),
    "sagemaker.runtime": (f"runtime.sagemaker.{_AMAZON}",),
    "sagemaker.featurestore-runtime": (f"featurestore-runtime.sagemaker.{_AMAZON}",),
    "ecr.api": (f"api.ecr.{_AMAZON}",),
    "ecr.dkr": (f"*.dkr.ecr.{_AMAZON}",),
    # A space mounts its file system by name: https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
    "studio": ("*.studio.{region}.sagemaker.aws", f"*.efs.{_AMAZON}"),
    "experiments": ("*.{region}.experiments.sagemaker.aws", "{region}.experiments.sagemaker.aws"),
    "mlflow": ("*.mlflow.sagemaker.{region}.app.aws", "mlflow.sagemaker.{region}.app.aws"),
    **{name: (f"{name}.{_AMAZON}",) for name in ("sts", "logs", "monitoring", "kms", *_OF_OPTIONS)},
}
"""What names are asked for behind each VPC endpoint; a leading `*` stands for any text."""
