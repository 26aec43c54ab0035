"""The sample's accounts: a development environment, and what options add."""

import pytest

from tests.security.iam.estate import read_estate
from tests.security.iam.proof import ENVIRONMENTS, OPTIONS
from tests.security.reach.world import World, read_world
from tests.stacks.synthesis import Synthesis


@pytest.fixture(scope="package")
def worlds(sample_synthesis: Synthesis) -> list[World]:
    cloud, settings = sample_synthesis.cloud, sample_synthesis.settings
    return [
        read_world(cloud, read_estate(cloud, settings, environment))
        for environment in (ENVIRONMENTS[0], *OPTIONS)
    ]


@pytest.fixture(scope="package")
def world(worlds: list[World]) -> World:
    return worlds[0]
