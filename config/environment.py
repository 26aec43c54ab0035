"""An environment: the account and region, its network, and which use cases run there at which size."""

from typing import Annotated, Literal

from pydantic import Field

from config.base import ConfigurationModel
from config.network import ExistingNetwork, ManagedNetwork


class Alerts(ConfigurationModel):
    """Who hears about alarms."""

    email: str | None = None
    """Address that is subscribed to the alert topic (AWS asks it to confirm); none when left out."""


class TrainingResources(ConfigurationModel):
    """The size of the pipeline's jobs."""

    processing_instance_type: str = "ml.m5.large"
    """Instance type of preprocessing, baseline and evaluation."""
    training_instance_type: str = "ml.m5.large"
    """Instance type of the training job."""
    volume_size_gb: int = Field(default=30, ge=1, le=16384)
    """Disk of every job in GB."""


class InstanceRange(ConfigurationModel):
    """How many instances an endpoint may have."""

    min: int = Field(default=2, ge=1)
    """Instances that always run."""
    max: int = Field(default=4, ge=1)
    """Instances at the highest load."""
    because: str | None = None
    """Why a protected environment may run on one instance; required there when min is 1."""


class EndpointResources(ConfigurationModel):
    """The size of a use case's real-time endpoint."""

    instance_type: str = "ml.m5.large"
    """Instance type of the endpoint."""
    instances: InstanceRange = InstanceRange()
    """Number of instances, scaled between min and max."""
    invocations_per_instance_per_minute: int = Field(default=600, ge=1)
    """Load per instance that the scaling aims at."""


class MonitoringResources(ConfigurationModel):
    """How an endpoint's traffic is watched for drift."""

    instance_type: str = "ml.m5.large"
    """Instance type of the monitoring job."""
    every_hours: int = Field(default=1, ge=1, le=24)
    """Hours between two monitoring executions."""
    capture_percentage: int = Field(default=100, ge=0, le=100)
    """Share of requests and answers that is recorded for monitoring."""
    because: str | None = None
    """Why nothing is captured; required when capture_percentage is 0."""


class Deployment(ConfigurationModel):
    """One use case in one environment."""

    model: Literal["none", "latest-approved"] | Annotated[int, Field(ge=1)]
    """Version that is served: none, a model package version (7), or latest-approved."""
    training: TrainingResources = TrainingResources()
    """Size of the pipeline's jobs."""
    endpoint: EndpointResources = EndpointResources()
    """Size of the endpoint."""
    monitoring: MonitoringResources = MonitoringResources()
    """How traffic is watched."""


class Environment(ConfigurationModel):
    """One AWS account and region, deployed as one CDK stage."""

    name: str
    """The file's name without .yaml; the first part of every stack's name."""
    account: str
    """AWS account id, 12 digits, quoted."""
    region: str
    """AWS region."""
    termination_protection: bool = True
    """Whether stacks refuse to be deleted; true means production."""
    log_retention_days: int = 90
    """Days that log groups keep their events."""
    network: ManagedNetwork | ExistingNetwork
    """A network that is created (cidr, availability_zones) or one that exists (vpc_id, ...)."""
    alerts: Alerts = Alerts()
    """Who hears about alarms."""
    use_cases: dict[str, Deployment] = {}
    """Use cases that run here, by the name of their file in config/use_cases."""
