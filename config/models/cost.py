"""What an environment may cost, when it rests, and the tags by which costs are told apart."""

from typing import Annotated

from pydantic import Field

from config.models.base import ConfigurationModel
from config.values.cron import CronSchedule
from config.values.lists import AlertPercentages
from config.values.time_zones import TimeZone


class Budget(ConfigurationModel):
    """A monthly limit; people are told, nothing is switched off."""

    monthly_usd: Annotated[float, Field(gt=0)]
    """US dollars a month that the whole environment may cost."""
    alert_percentages: AlertPercentages = (50, 80, 100)
    """One to five shares of the limit, in percent, at which alerts.email is told."""


class OffHours(ConfigurationModel):
    """When the endpoints of a non-production environment run on one instance only."""

    stop_cron: CronSchedule
    """When endpoints shrink to one instance, e.g. cron(0 19 ? * MON-FRI *)."""
    start_cron: CronSchedule
    """When endpoints may grow again, e.g. cron(0 7 ? * MON-FRI *)."""
    timezone: TimeZone = "UTC"
    """Time zone of both, e.g. Europe/Berlin."""
