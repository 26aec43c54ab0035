"""Who hears about alarms."""

from typing import Annotated

from config.models.base import ConfigurationModel
from config.values import fields

_WORKSPACE = fields.matching(
    r"[TE][A-Z0-9]{2,}", "is no id of a workspace of Slack", "T or E, then capitals and digits: T0123ABCD"
)
_CHANNEL = fields.matching(
    r"[CG][A-Z0-9]{2,}",
    "is no id of a channel of Slack",
    "C or G, then capitals and digits: C0123ABCD",
    "copy the channel's link in Slack; the id is its last part",
)


class Slack(ConfigurationModel):
    """A channel that hears about alarms, by Amazon Q Developer in chat applications."""

    workspace: Annotated[str, _WORKSPACE]
    """Id of the workspace, which somebody has authorized in the account's console."""
    channel: Annotated[str, _CHANNEL]
    """Id of the channel; AWS has one configuration for a channel in an account."""


class Alerts(ConfigurationModel):
    """Who hears about alarms."""

    email: fields.Email | None = None
    """Address that is subscribed to the alert topic (AWS asks it to confirm); none when left out."""
    slack: Slack | None = None
    """A channel of Slack that is told as well; none when left out."""
