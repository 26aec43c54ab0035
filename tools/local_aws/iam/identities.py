"""Who makes a call, read from moto's STS and IAM by the access key that signed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from tools.local_aws.clients import SERVICE_ACCESS_KEY_PREFIX
from tools.local_aws.iam.engine.model import Policies, Policy, PolicyKind, Principal
from tools.local_aws.iam.engine.parser import parse_policy
from tools.local_aws.iam.engine.patterns import ContextValue
from tools.local_aws.iam.sessions import session_keys

PARTITION = "aws"


class UnknownRoleError(Exception):
    """The role of a session, or the user of a key, does not exist any more."""


@dataclass(frozen=True)
class Identity:
    """A caller whose permissions are limited, with the policies that hang on it."""

    principal: Principal
    policies: Policies = field(default_factory=Policies)
    context: Mapping[str, ContextValue] = field(default_factory=dict)


def identity_of(access_key_id: str, session_token: str, account: str) -> Identity:
    """The identity behind an access key that is not the operator's.

    Raises `UnknownRoleError` for a session whose role was deleted.
    """
    if access_key_id.startswith(SERVICE_ACCESS_KEY_PREFIX):
        name = access_key_id.removeprefix(SERVICE_ACCESS_KEY_PREFIX).partition("@")[0]
        return _service(name, session_token, account)
    session = sts_backends[account][PARTITION].get_assumed_role_from_access_key(access_key_id)
    return _user(access_key_id, account) if session is None else _role_session(session, account)


def _service(name: str, source_arn: str, account: str) -> Identity:
    context: dict[str, ContextValue] = {
        "aws:SourceAccount": account,
        # Topics that were given no policy of their own let the services of their owner publish by this key.
        "aws:SourceOwner": account,
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": name,
    }
    if source_arn:
        context["aws:SourceArn"] = source_arn
    return Identity(Principal.aws_service(name, account), context=context)


def _user(access_key_id: str, account: str) -> Identity:
    iam = iam_backends[account][PARTITION]
    for user in iam.users.values():
        if any(key.access_key_id == access_key_id for key in user.access_keys):
            holders = [user, *iam.get_groups_for_user(user.name)]
            policies = tuple(policy for holder in holders for policy in _identity_policies(holder))
            context: dict[str, ContextValue] = {
                "aws:PrincipalArn": user.arn,
                "aws:PrincipalAccount": account,
                "aws:PrincipalType": "User",
                "aws:PrincipalIsAWSService": "false",
                "aws:userid": user.id,
                "aws:username": user.name,
            }
            context |= {f"aws:PrincipalTag/{key}": value for key, value in _tags(user.tags)}
            return Identity(Principal.user(user.arn), Policies(identity=policies), context)
    raise UnknownRoleError(f"The access key {access_key_id} is nobody's")


def _role_session(session: Any, account: str) -> Identity:
    role = find_role(session.role_arn, account)
    context: dict[str, ContextValue] = {
        "aws:PrincipalArn": role.arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": f"{role.id}:{session.session_name}",
    }
    context |= {f"aws:PrincipalTag/{key}": value for key, value in _tags(role.tags)}
    context |= session_keys(session)
    policies = replace(policies_of_role(role, account), session=_session_policy(session))
    return Identity(Principal.role_session(role.arn, session.session_name), policies, context)


def policies_of_role(role: Any, account: str) -> Policies:
    """What hangs on one of moto's roles."""
    return Policies(identity=tuple(_identity_policies(role)), boundary=_boundary(role, account))


def find_role(role_arn: str, account: str) -> Any:
    """Moto's role with this ARN; `UnknownRoleError` if there is none."""
    for role in iam_backends[account][PARTITION].get_roles():
        if role.arn == role_arn:
            return role
    raise UnknownRoleError(f"The role {role_arn} does not exist")


def find_role_named(name: str, account: str) -> Any | None:
    """Moto's role of this name, if there is one."""
    roles = iam_backends[account][PARTITION].get_roles()
    return next((role for role in roles if role.name == name), None)


def _tags(tags: Any) -> Iterable[tuple[str, str]]:
    pairs = tags.values() if isinstance(tags, Mapping) else tags or []
    return ((tag["Key"], tag["Value"]) for tag in pairs)


def _identity_policies(holder: Any) -> Iterable[Policy]:
    for name, document in holder.policies.items():
        yield _parsed(document, f"{name} of {holder.name}", PolicyKind.IDENTITY)
    for managed in holder.managed_policies.values():
        yield _parsed(_default_document(managed), managed.arn, PolicyKind.IDENTITY)


def _boundary(role: Any, account: str) -> Policy | None:
    arn = role.permissions_boundary_arn
    if not arn:
        return None
    managed = iam_backends[account][PARTITION].managed_policies.get(arn)
    if managed is None:
        # A boundary that was deleted limits to nothing.
        return Policy(arn, PolicyKind.BOUNDARY, ())
    return _parsed(_default_document(managed), arn, PolicyKind.BOUNDARY)


def _session_policy(session: Any) -> Policy | None:
    if not session.policy:
        return None
    return _parsed(session.policy, f"session {session.session_name}", PolicyKind.SESSION)


def _default_document(managed: Any) -> Any:
    return next(version.document for version in managed.versions if version.is_default)


def _parsed(document: Any, name: str, kind: PolicyKind) -> Policy:
    return parse_policy(unquote(document) if _is_quoted(document) else document, name, kind)


def _is_quoted(document: Any) -> bool:
    return isinstance(document, str) and document.startswith("%7B")
