"""How the data of an environment is catalogued, checked, profiled and offered."""

from typing import Annotated, Literal

from pydantic import Field

from config.models.base import ConfigurationModel
from config.values.cron import CronSchedule
from config.values.identifiers import UserPoolClientId, UserPoolId
from config.values.lists import UserGroups


class Workteam(ConfigurationModel):
    """People who label data, as groups of the Cognito user pool that is the account's private workforce."""

    user_pool_id: UserPoolId
    """Cognito user pool of the private workforce, which exists once per account and region."""
    client_id: UserPoolClientId
    """App client of the user pool."""
    user_groups: UserGroups
    """One to ten groups of the user pool whose members label."""


class Catalog(ConfigurationModel):
    """Glue tables with data quality rules, Athena, and the options that cost extra."""

    scan_limit_gb: Annotated[int, Field(ge=1, le=7_000_000)] = 10
    """Gigabytes that one Athena query may read."""
    crawler_schedule: CronSchedule | None = None
    """When the crawler looks for raw data, in UTC, e.g. cron(0 5 * * ? *); on demand when left out."""
    databrew: bool = False
    """Whether raw data is profiled, and personal data masked, with Glue DataBrew."""
    feature_store: Literal["none", "offline", "online"] = "none"
    """Whether each use case has a feature group: none, offline (S3), or online (S3 and low latency)."""
    workteam: Workteam | None = None
    """A Ground Truth work team; none when left out."""
