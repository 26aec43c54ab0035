"""Small configurations that several parts are tested with."""

import pytest

from config.settings import Environment, Settings
from tests.stacks.cloud import Cloud
from tests.stacks.synthesis import synthesized


@pytest.fixture(scope="session")
def dev(sample_settings: Settings) -> Environment:
    """The development environment of the sample."""
    return next(environment for environment in sample_settings.environments if environment.name == "dev")


@pytest.fixture(scope="session")
def limited(sample_settings: Settings, dev: Environment, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    """`dev` with a budget for its use case, whose endpoint has two instances and rests at night."""
    deployment = dev.use_cases["house-prices"]
    instances = deployment.endpoint.instances.model_copy(update={"min": 2, "max": 2})
    endpoint = deployment.endpoint.model_copy(update={"instances": instances})
    changed = deployment.model_copy(update={"monthly_budget_usd": 50, "endpoint": endpoint})
    environment = dev.model_copy(update={"use_cases": {"house-prices": changed}})
    return synthesized(sample_settings, tmp_path_factory.mktemp("limited"), environment)
