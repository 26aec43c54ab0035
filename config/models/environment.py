"""An environment: the account and region, its network, and which use cases run there."""

from pydantic import Field

from config.models.base import ConfigurationModel
from config.models.deployment import Deployment
from config.models.network import Network
from config.models.options import Budget, Catalog, Delivery, OffHours
from config.models.studio import Studio
from config.values.fields import Account, Email, InstanceTypes, LogRetentionDays, Region
from config.values.tags import Tags

DEFAULT_INSTANCE_TYPES = (
    *("ml.t3.medium", "ml.t3.large", "ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.m5.4xlarge"),
    *("ml.c5.xlarge", "ml.c5.2xlarge", "ml.c5.4xlarge"),
)


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
    studio: Studio | None = None
    """SageMaker Studio for the people who work here; none when left out."""
    catalog: Catalog | None = None
    """Glue tables, data quality rules and Athena; none when left out."""
    delivery: Delivery | None = None
    """The GitHub repository that may deploy here; none when left out."""
    replication_region: Region | None = None
    """Another region that data and artifacts are copied to; none when left out."""
    budget: Budget | None = None
    """What the environment may cost a month; alerts.email is told. None when left out."""
    off_hours: OffHours | None = None
    """When endpoints rest; only without termination_protection."""
    allowed_instance_types: InstanceTypes = DEFAULT_INSTANCE_TYPES
    """Instance types that may be used here, by configuration and by people."""
    tags: Tags = Field(default={})
    """Tags of every resource; changing one later replaces monitoring's job definitions."""
    use_cases: dict[str, Deployment] = Field(default={})
    """Use cases that run here, by the name of their file in config/use_cases."""
