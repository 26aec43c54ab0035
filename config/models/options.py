"""What an environment can switch on besides Studio: catalog, delivery, budget, hours of rest."""

from typing import Annotated, Literal

from pydantic import Field

from config.models.base import ConfigurationModel
from config.values.fields import (
    AlertPercentages,
    GithubEnvironment,
    GithubRepository,
    UserGroups,
    UserPoolClientId,
    UserPoolId,
)
from config.values.schedules import WORKDAYS, TimeOfDay, TimeZone, Weekdays


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
    crawler_hour_utc: int | None = Field(default=None, ge=0, le=23)
    """Hour of the day, in UTC, at which the crawler looks for raw data; on demand when left out."""
    databrew: bool = False
    """Whether raw data is profiled, and personal data masked, with Glue DataBrew."""
    feature_store: Literal["none", "offline", "online"] = "none"
    """Whether each use case has a feature group: none, offline (S3), or online (S3 and low latency)."""
    workteam: Workteam | None = None
    """A Ground Truth work team; none when left out."""


class Delivery(ConfigurationModel):
    """GitHub Actions of one repository, in one of its environments, may deploy here."""

    github_repository: GithubRepository
    """The repository, as owner/name."""
    github_environment: GithubEnvironment | None = None
    """The environment in the repository's settings; the name of this file when left out."""


class Budget(ConfigurationModel):
    """A monthly limit; people are told, nothing is switched off."""

    monthly_usd: Annotated[float, Field(gt=0)]
    """US dollars a month that the whole environment may cost."""
    alert_percentages: AlertPercentages = (50, 80, 100)
    """One to five shares of the limit, in percent, at which alerts.email is told."""


class OffHours(ConfigurationModel):
    """When the endpoints of a non-production environment run on one instance only."""

    days: Weekdays = WORKDAYS
    """Days on which endpoints rest and work again; between two of them they stay as they are."""
    stop: TimeOfDay
    """When endpoints shrink to one instance, e.g. "19:00"."""
    start: TimeOfDay
    """When endpoints may grow again, e.g. "07:00"."""
    timezone: TimeZone = "UTC"
    """Time zone of both, e.g. Europe/Berlin."""
