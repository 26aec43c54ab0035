"""What the account as it stands forbids: limits that are reached, what is still in use, what is not there.

The limits: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections.abc import Callable, Iterator
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.athena.models import athena_backends
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from tools.local_aws.errors import ApiError
from tools.local_aws.requests.wire import Request

Members = dict[str, Any]
_PARTITION = "aws"
_POLICIES_PER_ROLE = 10
_PRIVATE_ACLS = ("private", "bucket-owner-full-control", "bucket-owner-read")


def _iam(account: str) -> Any:
    return iam_backends[account][_PARTITION]


def _attached(members: Members, account: str, _: str) -> ApiError | None:
    policy = _iam(account).managed_policies.get(members["PolicyArn"])
    if policy is None or not policy.attachment_count:
        return None
    return ApiError("DeleteConflict", "Cannot delete a policy attached to entities.")


def _with_keys(members: Members, account: str, _: str) -> ApiError | None:
    user = _iam(account).users.get(members["UserName"])
    if user is None or not user.access_keys:
        return None
    return ApiError("DeleteConflict", "Cannot delete entity, must delete access keys first.")


def _full(members: Members, account: str, _: str) -> ApiError | None:
    role = next((one for one in _iam(account).roles.values() if one.name == members["RoleName"]), None)
    attached = role.managed_policies if role else {}
    if len(attached) < _POLICIES_PER_ROLE or members["PolicyArn"] in attached:
        return None
    return ApiError("LimitExceeded", f"Cannot exceed quota for PoliciesPerRole: {_POLICIES_PER_ROLE}")


def _taken_or_unbounded(members: Members, account: str, _: str) -> ApiError | None:
    name, boundary = members["RoleName"], members.get("PermissionsBoundary")
    if name.lower() in {role.name.lower() for role in _iam(account).roles.values()}:
        return ApiError("EntityAlreadyExists", f"Role with name {name} already exists.")
    if boundary and boundary not in _iam(account).managed_policies:
        return ApiError("NoSuchEntity", f"Scope ARN: {boundary} does not exist or is not attachable.")
    return None


def _without_acls(members: Members, account: str, _: str) -> ApiError | None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html."""
    bucket = s3_backends[account][_PARTITION].buckets.get(members["Bucket"])
    asked = members.get("ACL", "private") not in _PRIVATE_ACLS or "AccessControlPolicy" in members
    asked = asked or any(name.startswith("Grant") for name in members)
    if not asked or bucket is None or bucket.ownership_rule != "BucketOwnerEnforced":
        return None
    return ApiError("AccessControlListNotSupported", "The bucket does not allow ACLs")


def _unbegun(members: Members, account: str, _: str) -> ApiError | None:
    bucket = s3_backends[account][_PARTITION].buckets.get(members["Bucket"])
    if bucket is None or members["UploadId"] in bucket.multiparts:
        return None
    return ApiError("NoSuchUpload", "The specified upload does not exist.")


def _nowhere(members: Members, account: str, _: str) -> ApiError | None:
    if members.get("ContinuationToken", "") in {"", *s3_backends[account][_PARTITION]._pagination_tokens}:
        return None
    return ApiError("InvalidArgument", "The continuation token provided is incorrect")


def _unscalable(members: Members, account: str, region: str) -> ApiError | None:
    targets = applicationautoscaling_backends[account][region].targets
    known = targets.get(members.get("ScalableDimension"), {})
    if members.get("ResourceId") in known:
        return None
    words = (
        "No scalable target registered for service namespace: {ServiceNamespace}, resource ID: {ResourceId}"
    )
    return ApiError("ObjectNotFoundException", words.format(**members))


def _unknown_query(members: Members, account: str, region: str) -> ApiError | None:
    name = members["QueryExecutionId"]
    if name in athena_backends[account][region].executions:
        return None
    return ApiError("InvalidRequestException", f"QueryExecution {name} was not found")


_ASKED: dict[str, Callable[[Members, str, str], ApiError | None]] = {
    "athena:GetQueryExecution": _unknown_query,
    "iam:DeletePolicy": _attached,
    "iam:DeleteUser": _with_keys,
    "iam:AttachRolePolicy": _full,
    "iam:CreateRole": _taken_or_unbounded,
    "s3:PutBucketAcl": _without_acls,
    "s3:PutObject": _without_acls,
    "s3:PutObjectAcl": _without_acls,
    "s3:UploadPart": _unbegun,
    "s3:CompleteMultipartUpload": _unbegun,
    "s3:ListObjectsV2": _nowhere,
    "application-autoscaling:PutScalingPolicy": _unscalable,
    "application-autoscaling:PutScheduledAction": _unscalable,
    "application-autoscaling:DeregisterScalableTarget": _unscalable,
}


def forbidden(request: Request, account: str, region: str) -> Iterator[ApiError]:
    """The refusals of what would be possible in another account."""
    asked = _ASKED.get(f"{request.service}:{request.operation}")
    if asked and (refused := asked(request.members, account, region)):
        yield refused
