"""What exists once in an account, although several environments may be in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from config.settings import Environment


@dataclass(frozen=True)
class AccountWide:
    """What this environment makes for all that share its account; remove such an environment last."""

    job_log_groups: bool
    github_provider: bool


def account_wide(environment: Environment, environments: Iterable[Environment]) -> AccountWide:
    """The first environment of an account makes what the others use."""
    here = [other for other in environments if other.account == environment.account]
    in_region = [other.name for other in here if other.region == environment.region]
    delivered = [other.name for other in here if other.delivery]
    return AccountWide(
        job_log_groups=in_region[0] == environment.name,
        github_provider=delivered[:1] == [environment.name],
    )
