"""What the resources of Studio share: where they live, how they refer to each other, how they settle."""

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.errors import ResourceInUseError, ResourceNotFoundError, ValidationError
from tools.local_aws.sagemaker.store import Members, Table, now

# Studio answers a request at once and then works for minutes; a moment shows who does not wait.
SETTLING_SECONDS = 0.2
IN_SERVICE = "InService"


def _table(label: str) -> Table:
    return Table(
        not_found=lambda name: ResourceNotFoundError(f"{label} [{name}] does not exist."),
        taken=lambda name: ResourceInUseError(f"{label} [{name}] already exists."),
        key=str,
    )


def new_id(prefix: str) -> str:
    """An identifier as Studio gives them: a prefix and twelve characters."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> Members:
    """Settings with others laid over them: structures member by member, everything else replaced."""
    result = dict(old)
    for name, value in new.items():
        known = result.get(name)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        result[name] = merged(known, value) if both and known is not None else value
    return result


def later(action: Callable[[], None]) -> None:
    """Does something after a moment, in the background."""
    timer = threading.Timer(SETTLING_SECONDS, action)
    timer.daemon = True
    timer.start()


def touch(record: Members, status: str) -> None:
    record["Status"], record["LastModifiedTime"] = status, now()


@dataclass
class StudioStore:
    """The resources of Studio by their keys: what lives in a domain is named `<domain id>/<name>`."""

    account: Account
    domains: Table = field(default_factory=lambda: _table("Domain"))
    profiles: Table = field(default_factory=lambda: _table("UserProfile"))
    spaces: Table = field(default_factory=lambda: _table("Space"))
    apps: Table = field(default_factory=lambda: _table("App"))
    lifecycle_configs: Table = field(default_factory=lambda: _table("StudioLifecycleConfig"))

    def usable_domain(self, domain_id: str) -> Members:
        """The domain; refuses one that is not in service."""
        domain = self.domains.get(domain_id)
        if domain["Status"] != IN_SERVICE:
            raise ValidationError(
                f"Domain [{domain_id}] is {domain['Status']}; it must be {IN_SERVICE} for this request."
            )
        return domain

    def profile(self, domain_id: str, name: str) -> Members:
        return self.profiles.get(f"{domain_id}/{name}")

    def space(self, domain_id: str, name: str) -> Members:
        return self.spaces.get(f"{domain_id}/{name}")

    def apps_of(self, domain_id: str, **owner: str) -> list[Members]:
        """The apps that still exist in a domain, of one user profile or space if that is given."""
        return [
            app
            for app in self.apps.values()
            if app["DomainId"] == domain_id
            and app["Status"] != "Deleted"
            and all(app.get(member) == name for member, name in owner.items())
        ]

    def settings_of(self, profile: Members) -> Members:
        """The settings that hold for a user: those of the profile laid over those of its domain."""
        domain = self.domains.get(profile["DomainId"])
        return merged(domain["DefaultUserSettings"], profile.get("UserSettings", {}))

    def refuse_if_used(self, label: str, name: str, users: Mapping[str, list[Members]]) -> None:
        """Refuses to delete what others depend on, worded as AWS words it."""
        for kind, found in users.items():
            if found:
                raise ResourceInUseError(
                    f"Unable to delete {label} [{name}] because {kind}(s) are associated with it."
                )
