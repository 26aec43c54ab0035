"""Policies are read when they are written: what AWS would not keep is refused by the service that keeps it.

Words: https://github.com/hashicorp/terraform-provider-aws/issues/20266 (S3),
https://github.com/hashicorp/terraform-provider-aws/issues/8905 (KMS) and
https://github.com/hashicorp/terraform-provider-aws/issues/13132 (SNS); IAM's are in its user guide.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from json import JSONDecodeError
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from tools.local_aws.errors import ApiError
from tools.local_aws.iam.engine.model import Effect, Policy, PolicyKind, Statement
from tools.local_aws.iam.engine.parser import PolicyError, parse_policy
from tools.local_aws.requests.wire import Request

Refusal = Callable[[Policy, Request, str], str | None]
_SERVICE = re.compile(r"[\w.-]+\.(amazonaws\.com(\.cn)?|aws\.internal)")
_PRINCIPAL = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):(role|user)/(?:.*/)?([^/]+)")
_PARTITION = "aws"


@dataclass(frozen=True)
class Kept:
    """A call that writes a policy: in which member, what hangs it on what, and what else is asked of it."""

    calls: str
    member: str
    code: str
    kind: PolicyKind = PolicyKind.RESOURCE
    asked: tuple[Refusal, ...] = ()


def _actions(statement: Statement) -> tuple[str, ...]:
    return (statement.actions or ()) + (statement.not_actions or ())


def _of_service(prefix: str, words: str) -> Refusal:
    def refusal(policy: Policy, _: Request, __: str) -> str | None:
        actions = [action for statement in policy.statements for action in _actions(statement)]
        return None if all(one == "*" or one.lower().startswith(prefix) for one in actions) else words

    return refusal


def _principals_exist(policy: Policy, _: Request, account: str) -> str | None:
    iam = iam_backends[account][_PARTITION]
    for statement in policy.statements:
        given = {**(statement.principals or {})}
        for name in given.get("Service", ()):
            if not _SERVICE.fullmatch(name):
                return f'Invalid principal in policy: "SERVICE":"{name}"'
        for arn in given.get("AWS", ()):
            found = _PRINCIPAL.fullmatch(arn)
            known = iam.roles.values() if found and found[2] == "role" else iam.users.values()
            if found and found[1] == account and arn not in [holder.arn for holder in known]:
                return f'Invalid principal in policy: "AWS":"{arn}"'
    return None


def _about_the_bucket(policy: Policy, request: Request, _: str) -> str | None:
    own = f"arn:aws:s3:::{request.members['Bucket']}"
    for statement in policy.statements:
        for resource in (statement.resources or ()) + (statement.not_resources or ()):
            if resource != own and not resource.startswith((f"{own}/", f"{own}*")):
                return "Policy has invalid resource"
    return None


def _open_to_all(policy: Policy, request: Request, account: str) -> str | None:
    bucket = s3_backends[account][_PARTITION].buckets.get(request.members["Bucket"])
    block = bucket and bucket.public_access_block
    if not block or block.block_public_policy not in (True, "true"):
        return None
    for statement in policy.statements:
        everybody = "*" in (statement.principals or {}).get("AWS", ())
        if statement.effect is Effect.ALLOW and everybody and not statement.conditions:
            raise ApiError(
                "AccessDenied",
                "Public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
            )
    return None


def _changeable(policy: Policy, request: Request, account: str) -> str | None:
    if request.members.get("BypassPolicyLockoutSafetyCheck"):
        return None
    for statement in policy.statements:
        owners = [
            name
            for name in (statement.principals or {}).get("AWS", ())
            if name in ("*", account) or f"::{account}:" in name
        ]
        actions = (fnmatchcase("kms:putkeypolicy", action.lower()) for action in statement.actions or ())
        if statement.effect is Effect.ALLOW and owners and any(actions):
            return None
    return "The new key policy will not allow you to update the key policy in the future."


def _only_assuming(policy: Policy, _: Request, __: str) -> str | None:
    for statement in policy.statements:
        for action in _actions(statement):
            if not action.lower().startswith("sts:"):
                return "AssumeRole policy may only specify STS AssumeRole actions."
    return None


_NO_JSON = "This policy contains invalid Json"
_MALFORMED = "MalformedPolicyDocument"
_TRUST: dict[str, Any] = {"kind": PolicyKind.TRUST, "asked": (_only_assuming, _principals_exist)}
_IDENTITY: dict[str, Any] = {"kind": PolicyKind.IDENTITY}
_KEY = ("Policy", "MalformedPolicyDocumentException", PolicyKind.RESOURCE, (_principals_exist, _changeable))
_TOPIC = _of_service("sns:", "Invalid parameter: Policy statement action out of service scope!")
_KEPT = (
    Kept("iam:CreateRole", "AssumeRolePolicyDocument", _MALFORMED, **_TRUST),
    Kept("iam:UpdateAssumeRolePolicy", "PolicyDocument", _MALFORMED, **_TRUST),
    Kept("iam:CreatePolicy*", "PolicyDocument", _MALFORMED, **_IDENTITY),
    Kept("iam:Put*Policy", "PolicyDocument", _MALFORMED, **_IDENTITY),
    Kept("sts:AssumeRole*", "Policy", _MALFORMED, **_IDENTITY),
    Kept("kms:CreateKey", *_KEY),
    Kept("kms:PutKeyPolicy", *_KEY),
    Kept(
        "s3:PutBucketPolicy",
        "Policy",
        "MalformedPolicy",
        asked=(
            _of_service("s3", "Policy has invalid action"),
            _principals_exist,
            _about_the_bucket,
            _open_to_all,
        ),
    ),
    Kept("sns:CreateTopic", "Attributes.Policy", "InvalidParameter", asked=(_TOPIC, _principals_exist)),
    Kept("sns:SetTopicAttributes", "AttributeValue", "InvalidParameter", asked=(_TOPIC, _principals_exist)),
    Kept("sqs:CreateQueue", "Attributes.Policy", "InvalidAttributeValue"),
    Kept("sqs:SetQueueAttributes", "Attributes.Policy", "InvalidAttributeValue"),
    Kept(
        "ecr:SetRepositoryPolicy",
        "policyText",
        "InvalidParameterException",
        asked=(_of_service("ecr:", "Invalid repository policy provided"),),
    ),
    Kept("logs:PutResourcePolicy", "policyDocument", "InvalidParameterException"),
    Kept("sagemaker:PutModelPackageGroupPolicy", "ResourcePolicy", "ValidationException"),
    Kept("secretsmanager:PutResourcePolicy", "ResourcePolicy", "MalformedPolicyDocumentException"),
    Kept("ec2:*VpcEndpoint", "PolicyDocument", "InvalidPolicyDocument"),
)


def unkeepable(request: Request, account: str) -> Iterator[ApiError]:
    """The refusals of the policies that the request writes."""
    call = f"{request.service}:{request.operation}"
    if call == "sns:SetTopicAttributes" and request.members.get("AttributeName") != "Policy":
        return
    for kept in _KEPT:
        text = _at(request.members, kept.member) if fnmatchcase(call, kept.calls) else None
        if text:
            try:
                policy = parse_policy(text, "the policy", kept.kind)
            except PolicyError as error:
                unreadable = isinstance(error.__cause__, JSONDecodeError)
                yield ApiError(kept.code, _NO_JSON if unreadable else str(error))
                continue
            if not policy.statements:
                yield ApiError(kept.code, "Statement must not be empty.")
            for asked in kept.asked:
                if words := asked(policy, request, account):
                    yield ApiError(kept.code, words)


def _at(members: Any, path: str) -> str | None:
    for name in path.split("."):
        members = (members or {}).get(name)
    return members.decode() if isinstance(members, bytes) else members or None
