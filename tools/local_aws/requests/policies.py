"""Policies are read when they are written: what AWS would not keep is refused by the service that keeps it.

Words: https://github.com/aws-samples/aws-serverless-appsync-app/issues/4 and
https://github.com/cloud-custodian/cloud-custodian/issues/4948 (S3),
https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2843 and
https://github.com/lightspin-tech/eks-creation-engine/issues/4 (KMS),
https://github.com/aws/aws-cli/issues/3143 and
https://github.com/hashicorp/terraform-provider-aws/issues/26041 (SNS). The actions of S3 are cfn-lint's;
those of a topic's policy, and what it is about, are in
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from json import JSONDecodeError
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from tools.local_aws.cloudformation.schemas import bundled
from tools.local_aws.errors import ApiError
from tools.local_aws.iam.engine.model import Effect, Policy, PolicyKind, Statement
from tools.local_aws.iam.engine.parser import PolicyError, parse_policy
from tools.local_aws.requests.wire import Request

Refusal = Callable[[Policy, Request, str], str | None]
_SERVICE = re.compile(r"\*|[\w.-]+\.(amazonaws\.com(\.cn)?|aws\.internal)|alexa-\w+\.amazon\.com")
_PRINCIPAL = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):(role|user)/(?:.*/)?([^/]+)")
_PARTITION = "aws"
# `Receive` is of AWS's default policy.
_TOPIC_ACTIONS = (
    *("addpermission", "removepermission", "deletetopic", "gettopicattributes", "settopicattributes"),
    *("getdataprotectionpolicy", "putdataprotectionpolicy", "listsubscriptionsbytopic"),
    *("listtagsforresource", "publish", "receive", "subscribe"),
)


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


def _among(prefix: str, known: Callable[[], Collection[str]], words: str) -> Refusal:
    def refusal(policy: Policy, _: Request, __: str) -> str | None:
        actions = [action.lower() for statement in policy.statements for action in _actions(statement)]
        named = [one for one in actions if one.startswith(prefix) and not set(one) & set("*?")]
        return words if any(one.removeprefix(prefix) not in known() for one in named) else None

    return refusal


@cache
def _actions_of_s3() -> Collection[str]:
    return frozenset(bundled("AdditionalSpecs/Policies.json")["s3"]["Actions"])


def _of_principals(words: str) -> Refusal:
    def refusal(policy: Policy, _: Request, account: str) -> str | None:
        for kind, name in _unknown(policy, account):
            return words.format(kind=kind, name=name)
        return None

    return refusal


def _unknown(policy: Policy, account: str) -> Iterator[tuple[str, str]]:
    for statement in policy.statements:
        given = statement.principals or {}
        yield from (("SERVICE", name) for name in given.get("Service", ()) if not _SERVICE.fullmatch(name))
        for arn in given.get("AWS", ()):
            found = _PRINCIPAL.fullmatch(arn)
            # Of accounts that do not answer here nobody knows.
            if not found or found[1] not in (account, *iam_backends):
                continue
            iam = iam_backends[found[1]][_PARTITION]
            known = iam.roles.values() if found[2] == "role" else iam.users.values()
            if arn not in [holder.arn for holder in known]:
                yield "AWS", arn


def _about_the_bucket(policy: Policy, request: Request, _: str) -> str | None:
    own = f"arn:aws:s3:::{request.members['Bucket']}"
    for statement in policy.statements:
        for resource in (statement.resources or ()) + (statement.not_resources or ()):
            if resource != own and not resource.startswith((f"{own}/", f"{own}*")):
                return "Policy has invalid resource"
    return None


def _about_the_topic(policy: Policy, request: Request, _: str) -> str | None:
    own = request.members.get("TopicArn") or f":{request.members['Name']}"
    for statement in policy.statements:
        named = [one for one in statement.resources or () if "*" not in one]
        if any(not resource.endswith(own) for resource in named):
            return "Invalid parameter: Policy Error: null"
    return None


def _reaching_something(policy: Policy, request: Request, _: str) -> str | None:
    """Actions on objects need a resource within the bucket, those on the bucket need the bucket itself."""
    own = f"arn:aws:s3:::{request.members['Bucket']}"
    for statement in policy.statements:
        resources = statement.resources or (f"{own}*",)
        within, itself = any(one != own for one in resources), any("/" not in one for one in resources)
        named = [action for action in statement.actions or () if "*" not in action]
        lost = [name for name in named if ("Object" in name, "Bucket" in name) == (not within, not itself)]
        if within != itself and lost:
            return "Action does not apply to any resource(s) in statement"
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
    """Who asks is to be allowed; that anybody of the account may is taken for it, whatever the conditions."""
    if request.members.get("BypassPolicyLockoutSafetyCheck"):
        return None
    for statement in policy.statements:
        named = (statement.principals or {}).get("AWS", ())
        owners = [name for name in named if name in ("*", account) or f"::{account}:" in name]
        actions = (fnmatchcase("kms:putkeypolicy", action.lower()) for action in statement.actions or ())
        reaches = statement.not_actions is not None or any(actions)
        if statement.effect is Effect.ALLOW and reaches and (owners or statement.not_principals):
            return None
    return "The new key policy will not allow you to update the key policy in the future."


def _only_assuming(policy: Policy, _: Request, __: str) -> str | None:
    for statement in policy.statements:
        for action in _actions(statement):
            if not action.lower().startswith("sts:"):
                return "AssumeRole policy may only specify STS AssumeRole actions."
    return None


_NO_JSON = "This policy contains invalid Json"
_KNOWN = _of_principals('Invalid principal in policy: "{kind}":"{name}"')
_OF_KEY = (
    _of_principals("Policy contains a statement with one or more invalid principals."),
    _changeable,
)
_OUT_OF_SCOPE = "Invalid parameter: Policy statement action out of service scope!"
_OF_TOPIC = (
    _of_service("sns:", _OUT_OF_SCOPE),
    _among("sns:", lambda: _TOPIC_ACTIONS, _OUT_OF_SCOPE),
    _about_the_topic,
    _of_principals("Invalid parameter: Policy Error: PrincipalNotFound"),
)
_OF_BUCKET = (
    _of_service("s3", "Policy has invalid action"),
    _among("s3:", _actions_of_s3, "Policy has invalid action"),
    _of_principals("Invalid principal in policy"),
    _about_the_bucket,
    _reaching_something,
    _open_to_all,
)
_OF_REPOSITORY = (_of_service("ecr:", "Invalid repository policy provided"),)
_IAM, _KMS, _SQS, _ECR = (
    *("MalformedPolicyDocument", "MalformedPolicyDocumentException"),
    *("InvalidAttributeValue", "InvalidParameterException"),
)
_TRUST, _IDENTITY = (PolicyKind.TRUST, (_only_assuming, _KNOWN)), (PolicyKind.IDENTITY,)
_KEPT = (
    Kept("iam:CreateRole", "AssumeRolePolicyDocument", _IAM, *_TRUST),
    Kept("iam:UpdateAssumeRolePolicy", "PolicyDocument", _IAM, *_TRUST),
    Kept("iam:CreatePolicy*", "PolicyDocument", _IAM, *_IDENTITY),
    Kept("iam:Put*Policy", "PolicyDocument", _IAM, *_IDENTITY),
    Kept("sts:AssumeRole*", "Policy", _IAM, *_IDENTITY),
    Kept("kms:CreateKey", "Policy", _KMS, asked=_OF_KEY),
    Kept("kms:PutKeyPolicy", "Policy", _KMS, asked=_OF_KEY),
    Kept("s3:PutBucketPolicy", "Policy", "MalformedPolicy", asked=_OF_BUCKET),
    Kept("sns:CreateTopic", "Attributes.Policy", "InvalidParameter", asked=_OF_TOPIC),
    Kept("sns:SetTopicAttributes", "AttributeValue", "InvalidParameter", asked=_OF_TOPIC),
    Kept("sqs:*Queue*", "Attributes.Policy", _SQS),
    Kept("ecr:SetRepositoryPolicy", "policyText", _ECR, asked=_OF_REPOSITORY),
    Kept("logs:PutResourcePolicy", "policyDocument", _ECR),
    Kept("sagemaker:PutModelPackageGroupPolicy", "ResourcePolicy", "ValidationException"),
    Kept("secretsmanager:PutResourcePolicy", "ResourcePolicy", _KMS),
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
