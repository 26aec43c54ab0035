"""What a session of a role carries besides its permissions: who is behind it, and tags.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from collections.abc import Mapping
from typing import Any

from tools.local_aws.errors import ApiError
from tools.local_aws.iam.calls.asks import Ask, Call
from tools.local_aws.iam.engine.patterns import ContextValue

SOURCE_IDENTITY = "aws:SourceIdentity"


def session_asks(call: Call, caller: Mapping[str, ContextValue]) -> list[Ask]:
    """What assuming a role needs beyond sts:AssumeRole; `caller` are the condition keys of who assumes it."""
    if (call.service, call.operation) != ("sts", "AssumeRole"):
        return []
    role = str(call.parameters.get("RoleArn", ""))
    asks = []
    if person := source_identity(call.parameters.get("SourceIdentity"), caller):
        asks.append(Ask("sts:SetSourceIdentity", role, {"sts:SourceIdentity": person}))
    if tags := session_tags(call.parameters.get("Tags")):
        keys: dict[str, ContextValue] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
        asks.append(Ask("sts:TagSession", role, {**keys, "aws:TagKeys": tuple(tags)}))
    return asks


def source_identity(wanted: Any, caller: Mapping[str, ContextValue]) -> str | None:
    """The source identity of a new session; whoever has one already keeps it."""
    known = caller.get(SOURCE_IDENTITY)
    if known and wanted and wanted != known:
        raise ApiError("AccessDenied", "The source identity of a session cannot be changed.")
    person = wanted or known
    return str(person) if person else None


def session_tags(tags: Any) -> dict[str, str]:
    """Tags of an AssumeRole request as a dictionary."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags or []}


def remember(session: Any, person: str | None, tags: Mapping[str, str]) -> None:
    """Keeps with moto's session what moto does not."""
    session.source_identity, session.session_tags = person, dict(tags)


def session_keys(session: Any) -> dict[str, ContextValue]:
    """The condition keys of a session: its tags take precedence over those of its role."""
    keys: dict[str, ContextValue] = {
        f"aws:PrincipalTag/{key}": value for key, value in getattr(session, "session_tags", {}).items()
    }
    if person := getattr(session, "source_identity", None):
        keys[SOURCE_IDENTITY] = str(person)
    return keys
