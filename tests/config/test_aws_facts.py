"""The tables agree with botocore. After an update of botocore a failure names what AWS has added."""

import json
import re
from functools import cache
from importlib import resources
from typing import Any, get_args

import botocore.session
import pytest
from aws_cdk import aws_ec2 as ec2
from pydantic import BaseModel

from config.facts.aws import (
    DOMAINS,
    ENDPOINTS,
    INSTANCE_TYPES,
    LOG_RETENTION_DAYS,
    MLFLOW_APP_REGIONS,
    NAME_LIMITS,
    NAME_LIMITS_OF_ENVIRONMENT,
    NAME_LIMITS_OF_OPTIONS,
    REGIONS,
)
from config.models.options import StorageGb, Studio
from config.values.columns import FEATURE
from stacks.parts.images import REGISTRIES


@cache
def model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


def test_the_regions_are_those_of_sagemaker_that_have_its_images() -> None:
    assert set(REGIONS) < set(botocore.session.Session().get_available_regions("sagemaker"))
    assert set(REGIONS) == REGISTRIES.keys()


@pytest.mark.parametrize(
    ("job", "shape"),
    [
        ("endpoint", "ProductionVariantInstanceType"),
        ("training", "TrainingInstanceType"),
        ("processing", "ProcessingInstanceType"),
        ("transform", "TransformInstanceType"),
        ("studio", "AppInstanceType"),
    ],
)
def test_the_instance_types_are_those_of_sagemaker(job: str, shape: str) -> None:
    # Studio calls what it runs its own servers on "system".
    assert set(INSTANCE_TYPES[job]) == set(model("sagemaker").shape_for(shape).enum) - {"system"}


@pytest.mark.parametrize(
    ("owner", "key", "shape"),
    [
        (Studio, "idle_minutes", "IdleTimeoutInMinutes"),
        (StorageGb, "default", "SpaceEbsVolumeSizeInGb"),
        (StorageGb, "max", "SpaceEbsVolumeSizeInGb"),
    ],
)
def test_the_limits_of_studio_are_those_of_sagemaker(owner: type[BaseModel], key: str, shape: str) -> None:
    limits = model("sagemaker").shape_for(shape).metadata
    schema = owner.model_json_schema()["properties"][key]
    assert (schema["minimum"], schema["maximum"]) == (limits["min"], limits["max"])


def test_the_sizes_of_tracking_servers_are_those_of_sagemaker() -> None:
    sizes = get_args(Studio.model_fields["mlflow_size"].annotation)
    assert sizes == tuple(model("sagemaker").shape_for("TrackingServerSize").enum)


def test_the_form_of_features_is_the_one_of_sagemaker() -> None:
    assert FEATURE.pattern == model("sagemaker").shape_for("FeatureName").metadata["pattern"]


def test_the_retention_days_are_those_of_cloudwatch_logs() -> None:
    documentation = model("logs").shape_for("Days").documentation
    listed = documentation.split("Possible values are:")[1].split(".")[0]
    assert list(LOG_RETENTION_DAYS) == [int(number) for number in re.findall(r"\d+", listed)]


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("endpoint", "EndpointName"),
        ("model package group", "EntityName"),
        ("domain", "DomainName"),
        ("monitoring schedule", "MonitoringScheduleName"),
        ("lifecycle configuration", "StudioLifecycleConfigName"),
    ],
)
def test_the_lengths_of_names_are_those_of_sagemaker(kind: str, shape: str) -> None:
    limits = {**NAME_LIMITS, **NAME_LIMITS_OF_ENVIRONMENT, **NAME_LIMITS_OF_OPTIONS["studio"]}
    assert limits[kind][1] == model("sagemaker").shape_for(shape).metadata["max"]


def test_an_mlflow_app_is_offered_where_cloudformation_has_its_type() -> None:
    """CloudFormation's schemas of each region, as cfn-lint carries them."""
    providers = resources.files("cfnlint") / "data" / "schemas" / "providers"
    schemas = {region: providers / f"{region}.json" for region in REGIONS}
    known = {region: path.read_text("utf-8") for region, path in schemas.items() if path.is_file()}
    has_it = [region for region, text in known.items() if "AWS::SageMaker::MlflowApp" in json.loads(text)]
    assert list(MLFLOW_APP_REGIONS) == has_it


# CDK does not know the endpoint of MLflow apps yet; AWS's page is named where endpoints are chosen.
@pytest.mark.parametrize("name", [name for name in ENDPOINTS if name not in ("s3", "mlflow")])
def test_the_vpc_endpoints_are_those_that_the_cdk_knows(name: str) -> None:
    constant = {
        "kms": "KMS",
        "logs": "CLOUDWATCH_LOGS",
        "monitoring": "CLOUDWATCH_MONITORING",
        "ecr.api": "ECR",
        "ecr.dkr": "ECR_DOCKER",
        "databrew": "GLUE_DATABREW",
        "secretsmanager": "SECRETS_MANAGER",
        "studio": "SAGEMAKER_STUDIO",
        "experiments": "SAGEMAKER_EXPERIMENTS",
        "sagemaker.featurestore-runtime": "SAGEMAKER_FEATURESTORE_RUNTIME",
    }.get(name, name.upper().replace(".", "_"))
    service = getattr(ec2.InterfaceVpcEndpointAwsService, constant).name
    tokens = re.compile(r"\$\{Token\[[^]]+\]\}")
    assert tokens.sub("*", service).rstrip("*") == ENDPOINTS[name].format(region="*").replace(
        "com.amazonaws", "*"
    )


def test_names_behind_vpc_endpoints_are_those_that_sdks_ask_for() -> None:
    clients = {"sagemaker.api": "sagemaker", "ecr.api": "ecr", "monitoring": "cloudwatch"}
    no_service_of_botocore = {"ecr.dkr", "studio", "experiments", "mlflow"}
    assert DOMAINS.keys() == ENDPOINTS.keys()
    for region in ("us-east-1", "eu-west-1"):
        for name in DOMAINS.keys() - no_service_of_botocore:
            service = clients.get(name, name.replace(".", "-"))
            client = botocore.session.Session().create_client(service, region)
            asked = client.meta.endpoint_url.removeprefix("https://")
            assert asked in {domain.format(region=region) for domain in DOMAINS[name]}, asked
