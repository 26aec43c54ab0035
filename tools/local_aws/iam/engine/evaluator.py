"""IAM's evaluation logic: `decide` answers whether a request is allowed and why.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tools.local_aws.iam.engine.conditions import satisfied
from tools.local_aws.iam.engine.model import (
    Decision,
    Effect,
    Policies,
    Policy,
    PolicyKind,
    Request,
    Statement,
)
from tools.local_aws.iam.engine.patterns import resolve, resource_matches
from tools.local_aws.iam.engine.principals import Grant, grant_of

_DECIDED_BY_TRUST = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


@dataclass(frozen=True)
class _Finding:
    """A statement that applies to the request."""

    policy: Policy
    statement: Statement
    grant: Grant


def decide(request: Request, policies: Policies) -> Decision:
    """Decides by all policies: a deny anywhere wins, then something must allow."""
    denial = next(iter(_applying(request, _all_policies(policies), Effect.DENY)), None)
    if denial is not None:
        return _decision(request, denial, allowed=False)
    by_resource = _closest_allow(request, policies.resource)
    by_identity = next(iter(_applying(request, policies.identity, Effect.ALLOW)), None)
    grant = by_resource.grant if by_resource is not None else Grant.NOT_NAMED
    if _resource_policy_required(request) and by_resource is None:
        return _refused(request, _kind_of(policies.resource))
    if grant is Grant.DIRECT and by_resource is not None and not _crosses_accounts(request):
        return _decision(request, by_resource, allowed=True)
    limit = _first_limit_that_does_not_allow(request, policies)
    if grant is Grant.ROLE and by_resource is not None and not _crosses_accounts(request):
        return _refused(request, limit) if limit else _decision(request, by_resource, allowed=True)
    if by_identity is None:
        return _refused(request, PolicyKind.IDENTITY)
    return _refused(request, limit) if limit else _decision(request, by_identity, allowed=True)


def _all_policies(policies: Policies) -> list[Policy]:
    others = (policies.boundary, policies.session, policies.resource)
    return [*policies.identity, *(policy for policy in others if policy is not None)]


def _resource_policy_required(request: Request) -> bool:
    """Services have no other policies; keys and roles are used only if their own policy has a say."""
    if request.principal.service is not None or request.principal.is_federated:
        return True
    uses_key = request.action.startswith("kms:") and ":key/" in request.resource
    return uses_key or request.action.startswith(_DECIDED_BY_TRUST) or _crosses_accounts(request)


def _crosses_accounts(request: Request) -> bool:
    if request.principal.service is not None:
        return False
    return request.resource_account not in (None, request.principal.account)


def _kind_of(resource_policy: Policy | None) -> PolicyKind:
    return PolicyKind.RESOURCE if resource_policy is None else resource_policy.kind


def _closest_allow(request: Request, policy: Policy | None) -> _Finding | None:
    findings = _applying(request, () if policy is None else (policy,), Effect.ALLOW)
    return max(findings, key=lambda finding: finding.grant, default=None)


def _first_limit_that_does_not_allow(request: Request, policies: Policies) -> PolicyKind | None:
    for limit in (policies.boundary, policies.session):
        if limit is not None and not any(_applying(request, (limit,), Effect.ALLOW)):
            return limit.kind
    return None


def _applying(request: Request, policies: Iterable[Policy], effect: Effect) -> Iterable[_Finding]:
    for policy in policies:
        for statement in policy.statements:
            if statement.effect is effect and applies(statement, request):
                grant = _grant(policy, statement, request)
                if grant is not Grant.NOT_NAMED:
                    yield _Finding(policy, statement, grant)


def _grant(policy: Policy, statement: Statement, request: Request) -> Grant:
    if policy.kind in (PolicyKind.RESOURCE, PolicyKind.TRUST):
        return grant_of(statement, request.principal)
    return Grant.DIRECT


def applies(statement: Statement, request: Request) -> bool:
    """Whether action, resource and conditions of a statement fit a request, whoever makes it."""
    return (
        statement.is_about(request.action)
        and _resource_fits(statement, request)
        and all(
            satisfied(condition, request.context, statement.effect, has_variables=statement.has_variables)
            for condition in statement.conditions
        )
    )


def _resource_fits(statement: Statement, request: Request) -> bool:
    if statement.not_resources is not None:
        patterns = _resolved(statement, statement.not_resources, request)
        if None in patterns and statement.effect is Effect.ALLOW:
            # What is excluded cannot be told without the variable's value, so nothing is given away.
            return False
        return not any(_covers(pattern, request.resource) for pattern in patterns)
    if statement.resources is None:
        return True
    patterns = _resolved(statement, statement.resources, request)
    return any(_covers(pattern, request.resource) for pattern in patterns)


def _resolved(statement: Statement, patterns: tuple[str, ...], request: Request) -> list[str | None]:
    if not statement.has_variables:
        return list(patterns)
    return [resolve(pattern, request.context) for pattern in patterns]


def _covers(pattern: str | None, resource: str) -> bool:
    return pattern is not None and resource_matches(pattern, resource)


def _refused(request: Request, kind: PolicyKind) -> Decision:
    return Decision(
        request, allowed=False, reason=f"because no {kind.value} allows the {request.action} action"
    )


def _decision(request: Request, finding: _Finding, *, allowed: bool) -> Decision:
    kind, sid = finding.policy.kind.value, finding.statement.sid
    article = "an" if kind.startswith("i") else "a"
    where = f"{article} {kind}: {finding.policy.name}" + (f", statement {sid}" if sid else "")
    return Decision(
        request,
        allowed=allowed,
        reason=f"by {where}" if allowed else f"with an explicit deny in {where}",
        policy=finding.policy.name,
        statement=sid,
    )
