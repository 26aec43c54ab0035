"""Whom somebody comes to act as, by whatever sequence of calls the policies let pass.

A breadth-first search over facts that only grow, every request decided by the evaluator that the embedded
AWS enforces with. It ends when nothing new follows, so it covers sequences of any length. Whatever a call
could need besides its permission, an attacker has: names are theirs to choose, requests carry what
conditions ask for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tests.security.iam.cases import EVERYTHING
from tests.security.iam.estate import Document
from tests.security.iam.rows import Context
from tests.security.reach.world import World
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, Policy, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy

ACTS, TRUSTS, PERMISSIONS, WITHOUT, WRITES = (
    "acts as",
    "trusts",
    "has all permissions",
    "has no boundary",
    "writes",
)
Fact = tuple[str, str]
"""One of the words above and whom it is about; with `writes`, what."""
Step = tuple[Fact, str]
Rule = Callable[["Search", str], Iterable[Step]]
_ANYBODY = {"AWS": "*", "Service": "*"}


@dataclass
class Search:
    """What has been found, and by which calls."""

    world: World
    rules: Iterable[Rule]
    names: tuple[str, ...] = ()
    """What the sessions of whoever has started may give as their source identity."""
    ends: frozenset[str] = frozenset()
    """Roles from where the search does not go on."""
    found: dict[Fact, tuple[str, ...]] = field(default_factory=dict)
    _decided: dict[object, bool] = field(default_factory=dict)

    def start_as(self, *arns: str) -> "Search":
        """Search until nothing new follows."""
        for _ in self.spread_from(*arns):
            pass
        return self

    def spread_from(self, *arns: str) -> Iterator[Fact]:
        """The facts in the order in which they are found."""
        new: dict[Fact, tuple[str, ...]] = {(ACTS, arn): () for arn in arns}
        while new:
            self.found |= new
            yield from new
            new = dict(self._next())

    def _next(self) -> Iterator[tuple[Fact, tuple[str, ...]]]:
        for actor in self._different(self.actors):
            for rule in self.rules:
                for fact, call in rule(self, actor):
                    if fact not in self.found:
                        yield fact, (*self.found[ACTS, actor], f"{actor.rpartition('/')[2]}: {call}")

    def _different(self, actors: Iterable[str]) -> Iterator[str]:
        """Of those who may do all that the boundary lets through one is enough."""
        has_all = False
        for actor in actors:
            may_do_all = self.knows(PERMISSIONS, actor) and self.is_within(actor)
            if actor not in self.ends and not (may_do_all and has_all):
                yield actor
            has_all = has_all or may_do_all

    @property
    def actors(self) -> list[str]:
        return [about for word, about in self.found if word == ACTS]

    def knows(self, word: str, about: str) -> bool:
        return (word, about) in self.found

    def is_within(self, arn: str) -> bool:
        """Whether a role has the boundary, and nobody could take it off."""
        role = self.world.roles.get(arn)
        is_bounded = ":role/" in arn if role is None else role.boundary is not None
        return is_bounded and not self.knows(WITHOUT, arn)

    def may(
        self, actor: str, action: str, resource: str, context: Context | None = None, *, trust: str = ""
    ) -> bool:
        """Whether a request passes; that for a role's credentials asks its trust policy as well."""
        state = (self.knows(PERMISSIONS, actor), self.is_within(actor), self.knows(TRUSTS, trust))
        key = (actor, action, resource, tuple(sorted((context or {}).items())), trust, state)
        if key not in self._decided:
            given = {**self._everywhere(actor), **(context or {})}
            named = [{"aws:SourceIdentity": name} for name in self.names] or [{}]
            principal, account = Principal.role_session(actor, "session"), self.world.place.account
            requests = (Request(principal, action, resource, {**given, **name}, account) for name in named)
            self._decided[key] = any(self._decide(actor, request, trust) for request in requests)
        return self._decided[key]

    def lets_in(self, role: str, service: str) -> bool:
        """Whether a service may take a role."""
        request = Request(
            Principal.aws_service(service, self.world.place.account),
            "sts:AssumeRole",
            role,
            {"aws:SourceAccount": self.world.place.account},
        )
        trust = self._trust(role)
        return "made up" in trust.name or decide(request, Policies(resource=trust)).allowed

    def _decide(self, actor: str, request: Request, trust: str) -> bool:
        role = self.world.roles.get(actor)
        has_all = role is None or self.knows(PERMISSIONS, actor)
        identity = (EVERYTHING,) if has_all or role is None else role.identity
        boundary = self.world.boundary.parsed if self.is_within(actor) else None
        resource = self._trust(trust) if trust else self._resource_policy(request.resource)
        return decide(
            request, Policies(tuple(each.parsed for each in identity), boundary, None, resource)
        ).allowed

    def _everywhere(self, actor: str) -> Mapping[str, str]:
        place = self.world.place
        known = {
            "aws:PrincipalArn": actor,
            "aws:PrincipalAccount": place.account,
            "aws:RequestedRegion": self.world.estate.region,
            "aws:SecureTransport": "true",
            "s3:TlsVersion": "1.3",
        }
        tags = self.world.tags.get(actor, {})
        return known | {f"aws:PrincipalTag/{key}": value for key, value in tags.items()}

    def _trust(self, role: str) -> Policy:
        known = self.world.roles.get(role)
        if known is None or self.knows(TRUSTS, role):
            return self._open
        return known.trust.parsed

    @cached_property
    def _open(self) -> Policy:
        statement = {"Effect": "Allow", "Principal": _ANYBODY, "Action": "sts:*"}
        return parse_policy(
            {"Version": "2012-10-17", "Statement": [statement]}, "made up: open", PolicyKind.TRUST
        )

    def _resource_policy(self, resource: str) -> Policy | None:
        policies: Mapping[str, Document] = self.world.estate.resource_policies
        name = resource.split("/")[0] if resource.startswith("arn:aws:s3:::") else resource
        return policies[name].parsed if name in policies else None
