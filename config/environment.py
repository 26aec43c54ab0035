"""An environment: the account and region, its network, and which use cases run there."""

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from config.base import ConfigurationModel
from config.deployment import Deployment
from config.fields import Account, Email, LogRetentionDays, Region
from config.network import ExistingNetwork, ManagedNetwork

MANAGED, EXISTING = "managed network", "existing network"


def _kind_of_network(network: Any) -> str:
    if isinstance(network, ExistingNetwork):
        return EXISTING
    keys = network if isinstance(network, dict) else {}
    return EXISTING if keys.keys() & ExistingNetwork.model_fields.keys() else MANAGED


Network = Annotated[
    Annotated[ManagedNetwork, Tag(MANAGED)] | Annotated[ExistingNetwork, Tag(EXISTING)],
    Discriminator(_kind_of_network),
]


class Alerts(ConfigurationModel):
    """Who hears about alarms."""

    email: Email | None = None
    """Address that is subscribed to the alert topic (AWS asks it to confirm); none when left out."""


class Environment(ConfigurationModel):
    """One AWS account and region, deployed as one CDK stage."""

    name: str
    """The file's name without .yaml; the first part of every stack's name."""
    account: Account
    """AWS account id, 12 digits, quoted."""
    region: Region
    """AWS region."""
    termination_protection: bool = True
    """Whether stacks refuse to be deleted; true means production."""
    log_retention_days: LogRetentionDays = 90
    """Days that log groups keep their events."""
    network: Network
    """A network that is created (cidr, availability_zones) or one that exists (vpc_id, ...)."""
    alerts: Alerts = Alerts()
    """Who hears about alarms."""
    use_cases: dict[str, Deployment] = Field(default={})
    """Use cases that run here, by the name of their file in config/use_cases."""
