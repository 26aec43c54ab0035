"""Environments that follow each other: one trains, the others serve what it has trained.

What one names of another follows from the configuration, so that none has to be deployed first. In policies
the account is the principal and a condition names the role: a principal that does not exist yet is refused,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from config.settings import Environment, Settings
from stacks.parts.layout import MODELS, Bucket, Zone
from stacks.parts.place import Place
from stacks.permissions.statements import Conditions

RELEASE = "release"
"""The last part of the names of the release's machine, and of its role where another environment names it."""
_DECISIONS, _FORWARD = "decisions", "forward"


@dataclass(frozen=True)
class Neighbour:
    """Another environment, as this one sees it."""

    settings: Environment

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def place(self) -> Place:
        return Place(self.settings.prefix, self.settings.account, self.settings.region)

    @property
    def use_cases(self) -> Sequence[str]:
        return list(self.settings.use_cases)

    @property
    def artifacts(self) -> Bucket:
        return Bucket.named(self.place.bucket("artifacts"))

    @property
    def models(self) -> Zone:
        """What its release has taken."""
        return Zone(self.artifacts, MODELS)

    def is_in(self, account: str) -> bool:
        """Whether it is in this account, where the policies of its own roles are enough."""
        return self.settings.account == account

    @property
    def sid(self) -> str:
        """Its name as a part of that of a statement."""
        return "".join(word.capitalize() for word in self.name.split("-"))

    @property
    def principal(self) -> iam.IPrincipal:
        """Its account; a condition says which role."""
        return iam.ArnPrincipal(self.place.global_arn("iam", "root"))


def only(role_arn: str) -> Conditions:
    """Whoever calls is this role; with a pattern, one of those."""
    return {"ArnLike": {"aws:PrincipalArn": role_arn}}


def release_role(place: Place) -> str:
    return place.role_arn(place.name(RELEASE))


def forwarding_role(place: Place) -> str:
    """The role by which an environment tells others of decisions."""
    return place.role_arn(forwarding_role_name(place))


def forwarding_role_name(place: Place) -> str:
    return place.name(_FORWARD)


def bus_name(place: Place) -> str:
    """The bus on which an environment hears of the decisions of another one."""
    return place.name(_DECISIONS)


def bus_arn(place: Place) -> str:
    return place.arn("events", f"event-bus/{bus_name(place)}")


@dataclass(frozen=True)
class Neighbours:
    """Whom an environment follows, and who follows it; usually nobody either way."""

    trainer: Neighbour | None = None
    followers: Sequence[Neighbour] = ()

    @classmethod
    def of(cls, environment: Environment, settings: Settings) -> "Neighbours":
        trainer = settings.trainer_of(environment)
        return cls(
            Neighbour(trainer) if trainer else None,
            [Neighbour(each) for each in settings.followers_of(environment)],
        )

    def abroad(self, account: str) -> list[Neighbour]:
        """Followers in other accounts than this one: policies of what they read have to let them in."""
        return [each for each in self.followers if not each.is_in(account)]
