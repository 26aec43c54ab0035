"""What an environment does not say is the safe choice; the other one is spelled out, for a reviewer."""

import pytest
from pydantic import BaseModel

from config.models.environment import EndpointResources, MonitoringResources, TrainingResources
from config.models.options import Catalog, Delivery
from config.settings import Copies, Deployment, Environment, InstanceRange, SharedEndpoint, Studio

SAFE: tuple[tuple[type[BaseModel], str, object], ...] = (
    (Environment, "termination_protection", True),
    (Environment, "log_retention_days", 90),
    (InstanceRange, "min", 2),
    (InstanceRange, "max", 4),
    (Copies, "min", 2),
    (SharedEndpoint, "instances", InstanceRange()),
    (Environment, "shared_endpoint", None),
    (MonitoringResources, "capture_percentage", 100),
    (MonitoringResources, "every_hours", 1),
    (MonitoringResources, "engine", "own"),
    (Studio, "idle_minutes", 60),
    (Studio, "canvas", False),
    (Studio, "people", {}),
    (Studio, "instance_types", ("ml.t3.medium", "ml.t3.large", "ml.m5.large")),
    (Catalog, "scan_limit_gb", 10),
    (Catalog, "workteam", None),
    (Delivery, "identity_provider", "created"),
    (Environment, "delivery", None),
    (Environment, "off_hours", None),
)


@pytest.mark.parametrize(("model", "key", "value"), SAFE, ids=str)
def test_what_is_left_out_is_the_safe_choice(model: type[BaseModel], key: str, value: object) -> None:
    assert model.model_fields[key].get_default(call_default_factory=True) == value


@pytest.mark.parametrize("model", [Environment, Deployment, EndpointResources, TrainingResources, Studio])
def test_no_key_is_ignored_and_nothing_is_changed_afterwards(model: type[BaseModel]) -> None:
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True
    assert model.model_config["strict"] is True


def test_which_version_is_served_is_always_said() -> None:
    assert Deployment.model_fields["model"].is_required()
