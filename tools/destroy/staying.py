"""What outlives its stack, and why; what others have made and runs on."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from tools.refused import missing_right
from tools.synthesized import Json

WHY: Mapping[str, str] = {
    "AWS::S3::Bucket": "data, models and the record of access to them",
    "AWS::S3::BucketPolicy": "without it a bucket that stays would answer requests without TLS",
    "AWS::KMS::Key": "without it nothing that stays can be read",
    "AWS::KMS::Alias": "by it the next deployment finds the key",
    "AWS::Logs::LogGroup": "a record",
    "AWS::SageMaker::ModelPackageGroup": "versions and who approved them are a record",
    "AWS::SageMaker::FeatureGroup": "features are data",
    "AWS::SageMaker::Domain": "people's home file system is in it",
    "AWS::SageMaker::StudioLifecycleConfig": "the domain names it",
    "AWS::SageMaker::MlflowApp": "runs and metrics are a record",
    "AWS::SageMaker::MlflowTrackingServer": "runs and metrics are a record; until it is stopped it costs",
    "AWS::IAM::Role": "MLflow, which stays, works with it",
    "AWS::IAM::ManagedPolicy": "what MLflow's role, which stays, may do",
    "AWS::ECR::Repository": "versions of models name its images",
}
"""The reason of each type: docs/operations.md and the resources' own docstrings say more."""


_ELSE = "the template says so that it was deployed with"
"""Of an orphan, whose template is older than this list."""


def is_kept(declared: Json) -> bool:
    return bool(declared.get("DeletionPolicy", "Delete") != "Delete")


def what_stays(templates: Iterable[Json], network: str | None) -> str:
    """By type, with how many and why."""
    kept = Counter(
        declared["Type"]
        for template in templates
        for declared in template["Resources"].values()
        if is_kept(declared)
    )
    if not kept and not network:
        return "Nothing stays."
    lines = ["What stays, and is taken over when the environment is deployed again (docs/operations.md):"]
    lines += [f"  {count:3} {kind}: {WHY.get(kind, _ELSE)}" for kind, count in sorted(kept.items())]
    if network:
        lines.append(
            f"{network} stays as well: the domain of Studio stands in it. Its VPC endpoints are billed."
        )
    return "\n".join(lines)


def endpoints_of_others(sagemaker: Any, roles: Collection[str], ours: Collection[str]) -> Iterator[str]:
    """Names of endpoints that no stack has, whose models act with a role that goes."""
    for page in sagemaker.get_paginator("list_endpoints").paginate():
        for endpoint in page["Endpoints"]:
            name = endpoint["EndpointName"]
            if name not in ours and not {*_roles(sagemaker, name)}.isdisjoint(roles):
                yield name


def _roles(sagemaker: Any, endpoint: str) -> Iterator[str]:
    """As far as its configuration and models still exist: an endpoint runs on without them."""
    try:
        described = sagemaker.describe_endpoint(EndpointName=endpoint)
        config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
        for variant in config["ProductionVariants"]:
            model = sagemaker.describe_model(ModelName=variant["ModelName"])
            yield model["ExecutionRoleArn"].rpartition("/")[2]
    except ClientError as error:
        if missing_right(error):
            raise
    except KeyError:
        # Inference components have models and roles of their own, and configurations without a model.
        return
