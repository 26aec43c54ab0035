"""The tables agree with botocore. After an update of botocore a failure names what AWS has added."""

import re
from functools import cache
from typing import Any

import botocore.session
import pytest

from config.aws_facts import INSTANCE_TYPES, LOG_RETENTION_DAYS, NAME_LIMITS, REGIONS
from stacks.images import REGISTRIES


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
    ],
)
def test_the_instance_types_are_those_of_sagemaker(job: str, shape: str) -> None:
    assert set(INSTANCE_TYPES[job]) == set(model("sagemaker").shape_for(shape).enum)


def test_the_retention_days_are_those_of_cloudwatch_logs() -> None:
    documentation = model("logs").shape_for("Days").documentation
    listed = documentation.split("Possible values are:")[1].split(".")[0]
    assert list(LOG_RETENTION_DAYS) == [int(number) for number in re.findall(r"\d+", listed)]


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("endpoint", "EndpointName"),
        ("model package group", "EntityName"),
        ("monitoring schedule", "MonitoringScheduleName"),
    ],
)
def test_the_lengths_of_names_are_those_of_sagemaker(kind: str, shape: str) -> None:
    assert NAME_LIMITS[kind][1] == model("sagemaker").shape_for(shape).metadata["max"]
