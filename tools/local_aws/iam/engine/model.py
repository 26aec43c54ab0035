"""The words of a decision: who asks, for what, under which policies, and what came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from tools.local_aws.iam.engine.patterns import ContextValue, matches


class PolicyKind(Enum):
    """Where a policy hangs; the value is how AWS's error messages call it."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"


class Effect(Enum):
    """What a statement does when it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True)
class Condition:
    """One operator on one key: `{"StringLike": {"s3:prefix": ["raw/*"]}}`."""

    operator: str
    quantifier: str | None
    if_exists: bool
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy; an element that is not given is None."""

    sid: str | None
    effect: Effect
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principals: Mapping[str, tuple[str, ...]] | None
    not_principals: Mapping[str, tuple[str, ...]] | None
    conditions: tuple[Condition, ...]
    has_variables: bool

    def is_about(self, action: str) -> bool:
        """Whether the action is among those that the statement names, or not among its exceptions."""
        if action not in self._known:
            named = self.actions if self.not_actions is None else self.not_actions
            is_named = any(matches(pattern, action, ignore_case=True) for pattern in named or ())
            self._known[action] = is_named != (self.not_actions is not None)
        return self._known[action]

    @cached_property
    def _known(self) -> dict[str, bool]:
        # Few actions are asked about, often: most of the work of a decision would be to compare their names.
        return {}


@dataclass(frozen=True)
class Policy:
    """A parsed policy with the name or ARN it is known by."""

    name: str
    kind: PolicyKind
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Principal:
    """Who makes a request. `arn` is what AWS prints; a service is known by its name instead.

    Somebody whom an identity provider vouches for has no ARN yet: `arn` is the provider's.
    """

    arn: str
    account: str
    role_arn: str | None = None
    service: str | None = None
    is_federated: bool = False

    @classmethod
    def role_session(cls, role_arn: str, session_name: str) -> "Principal":
        """An assumed role; the path of the role is no part of the session's ARN."""
        account, role = role_arn.split(":")[4], role_arn.split("/")[-1]
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/{session_name}"
        return cls(arn=arn, account=account, role_arn=role_arn)

    @classmethod
    def user(cls, arn: str) -> "Principal":
        return cls(arn=arn, account=arn.split(":")[4])

    @classmethod
    def aws_service(cls, name: str, account: str) -> "Principal":
        """An AWS service such as `events.amazonaws.com`, acting for an account."""
        return cls(arn=name, account=account, service=name)

    @classmethod
    def federated(cls, provider_arn: str) -> "Principal":
        """Somebody outside AWS with a token of an identity provider, such as a job of GitHub Actions."""
        return cls(arn=provider_arn, account=provider_arn.split(":")[4], is_federated=True)


@dataclass(frozen=True)
class Request:
    """One action on one resource. Context keys are compared without regard to case.

    `resource_account` is the account that owns the resource, the principal's own when it is not given.
    """

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    resource_account: str | None = None

    def __post_init__(self) -> None:
        present = {key.lower(): value for key, value in self.context.items() if value != ()}
        object.__setattr__(self, "context", present)


@dataclass(frozen=True)
class Policies:
    """Every policy that has a say in one request.

    `None` means there is no such policy; an empty boundary or session policy allows nothing.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: Policy | None = None
    resource: Policy | None = None


@dataclass(frozen=True)
class Decision:
    """Whether a request is allowed, and why: the policy and statement that decided, if one did."""

    request: Request
    allowed: bool
    reason: str
    policy: str | None = None
    statement: str | None = None

    @property
    def message(self) -> str:
        """The sentence of AWS's access denied error."""
        asked = f"perform: {self.request.action} on resource: {self.request.resource}"
        if self.allowed:
            return f"User: {self.request.principal.arn} is authorized to {asked} {self.reason}"
        return f"User: {self.request.principal.arn} is not authorized to {asked} {self.reason}"
