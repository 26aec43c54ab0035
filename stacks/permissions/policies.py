"""Managed policies, and what holds of every statement in them.

A statement that leaves something open says why (`because`): the reason acknowledges what cdk-nag and checkov
find there. Whatever it names is in this account and region, or the statement says whose it is (`foreign`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.parts.place import Place
from stacks.permissions.acknowledgements import acknowledge_each, checkov
from stacks.permissions.statements import Statement

MOST_CHARACTERS = 6_144
"""What IAM takes as a managed policy, white space aside."""
_LONGEST_ARN = "arn:aws:kms:ap-southeast-1:123456789012:key/12345678-1234-1234-1234-123456789012"
_REFERENCE_IN_JSON = re.compile(r'\{"(?:Ref|Fn::GetAtt)":[^{}]+\}')
# A variable of IAM has a colon: <aws:SourceIdentity>.
_REFERENCE = re.compile(r"<[\w.]+>")


class PolicyTooLongError(ValueError):
    """A policy has more text than IAM takes. Whoever makes it knows what of it is configured."""


def managed_policy(
    scope: Construct,
    construct_id: str,
    *,
    description: str,
    statements: Sequence[Statement],
    roles: Sequence[iam.Role] = (),
    name: str | None = None,
) -> iam.ManagedPolicy:
    """A policy of roles.

    Raises ValueError for a statement without its reasons, and PolicyTooLongError.
    """
    policy = iam.ManagedPolicy(
        scope,
        construct_id,
        description=description,
        statements=[statement.about() for statement in statements],
        roles=list(roles),
        managed_policy_name=name,
    )
    place, path = Place.of(policy), policy.node.path
    allowed = [statement for statement in statements if statement.effect == iam.Effect.ALLOW]
    # All at once: each question to CDK goes to another process.
    resolved = policy.stack.resolve([list(statement.resources) for statement in allowed])
    reasons: dict[str, list[str]] = {}
    for statement, resources in zip(allowed, resolved, strict=True):
        for finding in _findings(f"{path}: {statement.sid}", statement, map(_name, resources), place):
            reasons.setdefault(finding, []).append(statement.because)
    acknowledge_each(
        policy, {finding: " ".join(dict.fromkeys(explained)) for finding, explained in reasons.items()}
    )
    _check_size(policy)
    return policy


def _findings(about: str, statement: Statement, names: Iterable[str], place: Place) -> Iterator[str]:
    """What cdk-nag and checkov find in a statement; all of it has a reason."""
    for action in statement.actions.split():
        if "*" in action:
            if not statement.because:
                raise ValueError(f"{about} allows {action}; name the actions that are needed, or say because")
            yield f"AwsSolutions-IAM5[Action::{action}]"
    for name in names:
        if not (statement.foreign or _is_here(name, place)):
            raise ValueError(
                f"{about} is about {name}, which is not in account {place.account} and region "
                f"{place.region}; name a resource that is, or say whose it is: foreign"
            )
        if not statement.because and ("*" in name or not (statement.foreign or _is_own(name, place))):
            raise ValueError(
                f"{about} is about {name}, which is not of {place.prefix} alone or leaves something "
                "open; name one resource, or say because"
            )
        if "*" in name:
            yield f"AwsSolutions-IAM5[Resource::{name}]"
    yield from map(checkov, statement.checkov)


def _is_here(name: str, place: Place) -> bool:
    """Whether a resource is in this account and region.

    ARNs of buckets say neither. Ours are references, or have the name of the environment or the number of the
    account in theirs.
    """
    if name == "*" or _REFERENCE.match(name):
        return True
    service, region, account, resource = (*name.split(":", 5)[2:], "", "", "", "")[:4]
    if service == "s3":
        return resource.startswith(place.name("")) or place.account in resource
    has_no_region = service == "iam" or (service, resource.partition("/")[0]) == ("cloudwatch", "dashboard")
    return account == place.account and region == ("" if has_no_region else place.region)


def _is_own(name: str, place: Place) -> bool:
    """Whether a resource is of this environment: a reference, a bucket of ours, or called after it."""
    names = {place.prefix, place.prefix.replace("-", "_")}
    called = name.split(":", 5)[-1]
    return (
        bool(_REFERENCE.search(name))
        or name.startswith("arn:aws:s3:::")
        or any(re.search(rf"(^|[/:]){re.escape(own)}([-_/]|$)", called) for own in names)
    )


def _name(resource: Any) -> str:
    """A resource as cdk-nag writes it: attributes of other resources and variables in angle brackets."""
    if isinstance(resource, str):
        return re.sub(r"\$\{([^}]+)\}", r"<\1>", resource)
    ((function, argument),) = resource.items()
    if function == "Fn::Join":
        return "".join(_name(piece) for piece in argument[1])
    return f"<{argument if function == 'Ref' else '.'.join(argument)}>"


def _check_size(policy: iam.ManagedPolicy) -> None:
    """Count as IAM does, with the longest ARN for what is not known yet."""
    document = json.dumps(policy.stack.resolve(policy.document), separators=(",", ":"))
    characters = len(_REFERENCE_IN_JSON.sub(f'"{_LONGEST_ARN}"', document))
    if characters > MOST_CHARACTERS:
        raise PolicyTooLongError(
            f"{policy.node.path} has {characters} characters, and IAM takes {MOST_CHARACTERS}"
        )
