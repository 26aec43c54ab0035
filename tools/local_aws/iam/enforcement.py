"""Decides every call before moto carries it out, in place of moto's own checks.

Moto's checks ignore resources, conditions, boundaries, trust policies and the principals of bucket policies.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError
from moto.core.responses import ActionResult
from moto.s3.exceptions import S3ClientError

from tools.local_aws.clients import SERVICE_ACCESS_KEY_PREFIX
from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError
from tools.local_aws.gate.signatures import SIGNED, Signed
from tools.local_aws.iam.authorization import first_refusal
from tools.local_aws.iam.calls.asks import Ask, Call, asks_of
from tools.local_aws.iam.calls.s3 import S3Request, s3_asks
from tools.local_aws.iam.encryption_keys import message_key_asks, object_key_asks
from tools.local_aws.iam.engine.parser import PolicyError
from tools.local_aws.iam.identities import (
    Identity,
    UnknownRoleError,
    find_role,
    find_role_named,
    identity_of,
)
from tools.local_aws.iam.resource_policies import bucket_of, key_arn
from tools.local_aws.iam.sessions import remember, session_asks, session_tags, source_identity

log = logging.getLogger(__name__)

# IAM's prefix of a service differs from the name its requests are signed for.
_IAM_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
_ERROR_CODES = {
    "ec2": "UnauthorizedOperation",
    "sns": "AuthorizationError",
    **dict.fromkeys(("iam", "sts", "cloudformation", "cloudwatch", "sqs", "s3"), "AccessDenied"),
}
_OWNERSHIP = ("OwnershipSettings", "SpaceSharingSettings")
_SPACE_OPERATIONS = ("CreateApp", "DeleteApp", "UpdateSpace", "DeleteSpace")
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
_BOUNDED = (
    *("AttachRolePolicy", "DeleteRole", "DeleteRolePermissionsBoundary", "DeleteRolePolicy"),
    *("DetachRolePolicy", "PutRolePolicy", "UpdateAssumeRolePolicy", "UpdateRole"),
)
# What keeps its state for one account.
_OF_THE_FIRST_ACCOUNT = ("codebuild", "dynamodb", "route53resolver", "servicequotas")
_LIFE_OF_A_SERVER = timedelta(days=365)
_NEEDS_NO_PERMISSION = {("sts", "GetCallerIdentity")}


def authorizer(context: Context) -> Callable[..., None]:
    def authorize(response: Any, _resource: str = "*") -> None:
        _authorize_call(response, context)

    return authorize


def _authorize_call(response: Any, context: Context) -> None:
    signed = _signed(response)
    identity = _identity(response)
    if signed.service in _OF_THE_FIRST_ACCOUNT and signed.account != next(iter(context.accounts)):
        what = f"The embedded AWS has {signed.service} in its first account only."
        raise ApiError("UnknownOperationException", what)
    if identity is None:
        return
    service = _IAM_PREFIXES.get(signed.service, signed.service)
    operation = str(response._get_action())
    if (service, operation) in _NEEDS_NO_PERMISSION:
        return
    account, region = response.current_account, response.region
    context = context.accounts[account]
    call = Call(service, operation, parameters_of(response), account, region)
    if service == "sagemaker":
        call = replace(call, parameters=_with_owner(operation, call.parameters, context))
    if service == "iam" and operation != "CreateRole":
        call = replace(call, parameters=_with_what_the_role_has(operation, call.parameters, account))
    asks = [_on_the_key_itself(ask, account, region) for ask in asks_of(call)]
    if operation == "CreatePresignedDomainUrl":
        asks = [_with_tags(ask, context) for ask in asks]
    asks += session_asks(call, identity.context)
    asks += message_key_asks(asks[0], identity.context, account, region)
    if reason := _reason_to_refuse(identity, asks, region):
        raise ApiError(_ERROR_CODES.get(service, "AccessDeniedException"), reason)


def _with_owner(operation: str, parameters: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """The parameters together with who owns the space that the call is about.

    Calls on an existing space do not say who owns it; SageMaker looks it up before it asks IAM.
    """
    if operation not in (*_SPACE_OPERATIONS, "CreateSpace"):
        return parameters
    known = dict(parameters)
    domain, space = known.get("DomainId"), known.get("SpaceName")
    if operation in _SPACE_OPERATIONS and domain and space:
        known |= _ownership(context, str(domain), str(space))
    owner = known.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if owner:
        profile = f"user-profile/{domain}/{owner}"
        known["OwnerUserProfileArn"] = f"arn:aws:sagemaker:{context.region}:{context.account}:{profile}"
    return known


def _with_what_the_role_has(operation: str, parameters: Mapping[str, Any], account: str) -> Mapping[str, Any]:
    """The parameters together with path and boundary of the role that they name."""
    role = find_role_named(str(parameters.get("RoleName")), account)
    if role is None:
        return parameters
    is_asked_for = operation in _BOUNDED and role.permissions_boundary_arn
    boundary = {"PermissionsBoundary": role.permissions_boundary_arn} if is_asked_for else {}
    return {**parameters, "Path": role.path, **boundary}


def _with_tags(ask: Ask, context: Context) -> Ask:
    """The permission asked for together with the tags of the resource."""
    try:
        tags = context.client("sagemaker").list_tags(ResourceArn=ask.resource)["Tags"]
    except ClientError:
        # There is no such resource; SageMaker will say so.
        return ask
    keys = {f"aws:ResourceTag/{tag['Key']}": tag["Value"] for tag in tags}
    return replace(ask, context={**ask.context, **keys})


def _ownership(context: Context, domain_id: str, name: str) -> dict[str, Any]:
    try:
        space = context.client("sagemaker").describe_space(DomainId=domain_id, SpaceName=name)
    except ClientError:
        # There is no such space, or the request is malformed; SageMaker will say so.
        return {}
    return {member: space[member] for member in _OWNERSHIP if member in space}


def s3_authorizer(context: Context) -> Callable[..., None]:
    def authorize(response: Any, bucket_name: str | None = None, key_name: str | None = None) -> None:
        try:
            _authorize_s3_request(context, response, bucket_name, key_name)
        except ApiError as error:
            # S3 answers no errors but its own.
            raise S3ClientError(error.code, error.message) from error

    return authorize


def _authorize_s3_request(
    context: Context, response: Any, bucket_name: str | None, key_name: str | None
) -> None:
    account, region = response.current_account, _signed(response).region
    query = response.normalized_request.args
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = response.body if isinstance(response.body, bytes) else b""
    request = S3Request(response.method, bucket_name, key_name, dict(query.items()), headers, body)
    asks = s3_asks(request)
    if not asks:
        # A body that names nothing; that it cannot be read is told afterwards.
        return
    context.ledger.note("s3", asks[0].action.removeprefix("s3:"))
    identity = _identity(response)
    if identity is None:
        return
    asks += _listing_ask_for_a_missing_object(request, asks[0])
    asks += object_key_asks(request, asks[0].action, account, region)
    if reason := _reason_to_refuse(identity, asks, region):
        raise ApiError(_ERROR_CODES["s3"], reason)


def refusal_of_write(response: Any, request: S3Request) -> str | None:
    """What S3 says to a service that writes in the name of its caller; None when the caller may.

    Services say whose the object is, which is a right of its own.
    """
    identity, account, region = _identity(response), response.current_account, response.region
    if identity is None:
        return None
    (put,) = s3_asks(request)
    asks = [put, replace(put, action="s3:PutObjectAcl")]
    asks += object_key_asks(request, put.action, account, region)
    return _reason_to_refuse(identity, asks, region)


def refusal_of(response: Any, action: str, resource: str) -> str | None:
    """What is said to a caller who may not do this; None when they may."""
    identity = _identity(response)
    if identity is None:
        return None
    return _reason_to_refuse(identity, [Ask(action, resource)], response.region)


def _listing_ask_for_a_missing_object(request: S3Request, first: Ask) -> list[Ask]:
    # Whether an object exists is told only to those who may list its bucket.
    if first.action != "s3:GetObject" or request.key is None:
        return []
    bucket = bucket_of(request.bucket or "")
    if bucket is None or request.key in bucket.keys:
        return []
    return [Ask("s3:ListBucket", request.bucket_arn, first.context)]


def _signed(response: Any) -> Signed:
    """Who has signed the request, as the entrance has verified it; nothing else reaches a service."""
    signed: Signed = response.normalized_request.environ[SIGNED]
    return signed


def _identity(response: Any) -> Identity | None:
    """Whose permissions decide; None for the operator, who is not limited."""
    signed = _signed(response)
    if signed.is_operator:
        return None
    try:
        return identity_of(signed.access_key_id, signed.token, signed.account)
    except UnknownRoleError as error:
        code = "The security token included in the request is invalid"
        raise ApiError("InvalidClientTokenId", f"{code}. {error}.") from error
    except PolicyError as error:
        raise ApiError("MalformedPolicyDocument", str(error)) from error


def _reason_to_refuse(identity: Identity, asks: list[Ask], region: str) -> str | None:
    try:
        refusal = first_refusal(identity, asks, region)
    except PolicyError as error:
        raise ApiError("MalformedPolicyDocument", str(error)) from error
    if refusal is None:
        return None
    log.info("Refused: %s", refusal.message)
    return refusal.message


def parameters_of(response: Any) -> dict[str, Any]:
    """The input of a call in the words of the service's model."""
    before = response.__dict__.get("params")
    try:
        response.parse_parameters(response.normalized_request)
        return {**(response.uri_match or {}), **response.params}
    finally:
        response.__dict__.pop("params", None)
        if before is not None:
            response.params = before


def _on_the_key_itself(ask: Ask, account: str, region: str) -> Ask:
    # Policies name keys by ARN, callers may name them by id or alias.
    if not ask.action.startswith("kms:") or ":key/" not in ask.resource:
        return ask
    key = ask.resource.split(":key/", 1)[1]
    return replace(ask, resource=key_arn(key, account, region))


def of_existing_roles(assume_role: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def assume(response: Any) -> Any:
        role_arn = response._get_param("RoleArn")
        try:
            find_role(role_arn, response.current_account)
        except UnknownRoleError:
            operator = f"arn:aws:iam::{response.current_account}:user/operator"
            raise ApiError(
                "AccessDenied",
                f"User: {operator} is not authorized to perform: sts:AssumeRole on resource: {role_arn} "
                "because the role does not exist",
            ) from None
        if response._get_param("PolicyArns"):
            raise ApiError(
                "ValidationError",
                "The embedded AWS takes session policies in Policy only, not in PolicyArns.",
            )
        caller = _identity(response)
        parameters = parameters_of(response)
        person = source_identity(parameters.get("SourceIdentity"), caller.context if caller else {})
        answer = assume_role(response)
        session = answer.result["Credentials"]
        remember(session, person, session_tags(parameters.get("Tags")))
        if _signed(response).access_key_id.startswith(SERVICE_ACCESS_KEY_PREFIX):
            # A service takes its role anew before a session ends; here its first session lasts.
            session.expiration += _LIFE_OF_A_SERVER
        if person:
            answer.result["SourceIdentity"] = person
        return answer

    return assume


def source_identity_of(response: Any) -> str | None:
    """Whom the session is for that makes a call, if that was stated when its role was assumed."""
    identity = _identity(response)
    return source_identity(None, identity.context) if identity else None


def caller_identity(known: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def identity(response: Any) -> Any:
        if _identity(response) is not None:
            return known(response)
        account = response.current_account
        arn = f"arn:aws:iam::{account}:user/operator"
        return ActionResult({"UserId": "AIDALOCALOPERATOR", "Account": account, "Arn": arn})

    return identity
