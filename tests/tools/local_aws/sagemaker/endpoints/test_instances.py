"""How much room an instance has, and how many of them copies need."""

import math

import pytest

from config.facts.aws import INSTANCE_TYPES, machine
from tools.local_aws.sagemaker.endpoints.instances import Space, instances_for, space_of

LARGE = Space(2, 8192)


@pytest.mark.parametrize("instance_type", INSTANCE_TYPES["endpoint"])
def test_the_configuration_counts_as_the_embedded_aws_does(instance_type: str) -> None:
    known, space = machine(instance_type), space_of(instance_type)
    assert (space.cpus, space.memory_mb) == ((known.cpus, known.memory_mb) if known else (math.inf, math.inf))


@pytest.mark.parametrize(
    ("instance_type", "cpus", "memory_mb"),
    [
        ("ml.m5.large", 2, 8192),
        ("ml.c6i.xlarge", 4, 8192),
        ("ml.r5.2xlarge", 8, 65536),
        ("ml.m8g.medium", 1, 4096),
        ("ml.g5.xlarge", math.inf, math.inf),
    ],
)
def test_instances_are_as_large_as_their_names_say(instance_type: str, cpus: float, memory_mb: float) -> None:
    """https://aws.amazon.com/ec2/instance-types/."""
    assert space_of(instance_type) == Space(cpus, memory_mb)


@pytest.mark.parametrize(
    ("copies", "needed"),
    [
        ([], 0),
        ([Space(0.5, 2048)] * 4, 1),
        ([Space(0.5, 2048)] * 5, 2),
        ([Space(1.5, 100)] * 2, 2),
        ([Space(0.5, 5000), Space(0.5, 3000), Space(0.5, 3000), Space(0.5, 5000)], 2),
        ([Space(3, 100)], math.inf),
    ],
)
def test_copies_are_put_where_there_is_room(copies: list[Space], needed: float) -> None:
    assert instances_for(copies, LARGE) == needed
