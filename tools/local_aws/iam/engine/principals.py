"""The Principal and NotPrincipal elements: does a statement speak of whoever makes the request?

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Mapping
from enum import IntEnum

from tools.local_aws.iam.engine.model import Effect, Principal, Statement

Principals = Mapping[str, tuple[str, ...]]


class Grant(IntEnum):
    """How closely a statement names the principal; the closer, the less else is needed."""

    NOT_NAMED = 0
    # The account is named: its own identity-based policies decide.
    ACCOUNT = 1
    # The role is named: the session is still limited by the boundary and the session policy.
    ROLE = 2
    # The session, the user, the service or everybody is named: nothing limits it but an explicit deny.
    DIRECT = 3


def grant_of(statement: Statement, principal: Principal) -> Grant:
    """How the statement names the principal, by Principal or by NotPrincipal."""
    if statement.not_principals is not None:
        return _outside(statement.not_principals, principal, statement.effect)
    if statement.principals is not None:
        return _named(statement.principals, principal)
    return Grant.NOT_NAMED


def _named(principals: Principals, principal: Principal) -> Grant:
    if principal.is_federated:
        named = principal.arn in principals.get("Federated", ())
        return Grant.DIRECT if named else Grant.NOT_NAMED
    grants = [_grant_of_service(principals, principal)]
    grants += [_grant_of_name(name, principal) for name in principals.get("AWS", ())]
    return max(grants)


def _grant_of_service(principals: Principals, principal: Principal) -> Grant:
    named = principal.service is not None and principal.service in principals.get("Service", ())
    return Grant.DIRECT if named else Grant.NOT_NAMED


def _grant_of_name(name: str, principal: Principal) -> Grant:
    if name in ("*", principal.arn):
        return Grant.DIRECT
    if principal.service is not None:
        return Grant.NOT_NAMED
    if name == principal.role_arn:
        return Grant.ROLE
    if name in _account_names(principal):
        return Grant.ACCOUNT
    return Grant.NOT_NAMED


def _account_names(principal: Principal) -> tuple[str, str]:
    return principal.account, f"arn:aws:iam::{principal.account}:root"


def _outside(excluded: Principals, principal: Principal, effect: Effect) -> Grant:
    if effect is Effect.ALLOW:
        return Grant.NOT_NAMED if _named(excluded, principal) else Grant.DIRECT
    return Grant.NOT_NAMED if _wholly_listed(excluded, principal) else Grant.DIRECT


def _wholly_listed(excluded: Principals, principal: Principal) -> bool:
    """A deny spares a principal only if its account, its role and its session are all listed.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if principal.service is not None:
        return principal.service in excluded.get("Service", ())
    names = excluded.get("AWS", ())
    if "*" in names:
        return True
    account_listed = any(name in names for name in _account_names(principal))
    own_names = [principal.arn] if principal.role_arn is None else [principal.arn, principal.role_arn]
    return account_listed and all(name in names for name in own_names)
