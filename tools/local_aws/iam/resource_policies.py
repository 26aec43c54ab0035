"""The policies that hang on resources, read from moto's own state."""

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends
from moto.ecr.models import ecr_backends
from moto.events.models import events_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from tools.local_aws.iam.engine.model import Policy, PolicyKind
from tools.local_aws.iam.engine.parser import parse_policy
from tools.local_aws.iam.identities import PARTITION, UnknownRoleError, find_role

_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
OF_GROUPS: dict[str, str] = {}
"""The policies of model package groups, by ARN: moto has no registry."""
_EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": _PULL, "Resource": "*"}
# AWS lets every account pull its images; no other accounts have any here.
_OF_IMAGES_OF_AWS = json.dumps({"Version": "2012-10-17", "Statement": _EVERYBODY})


def resource_policy(resource_arn: str, action: str) -> Policy | None:
    """The policy of the resource that a permission is asked on; None where there is none."""
    service = action.split(":", 1)[0]
    find = _FINDERS.get(service)
    if find is None or not resource_arn.startswith("arn:"):
        return None
    document = find(resource_arn, action)
    if not document:
        return None
    kind = PolicyKind.TRUST if service == "sts" else PolicyKind.RESOURCE
    return parse_policy(document, f"policy of {resource_arn}", kind)


def key_arn(key: str, account: str, region: str) -> str:
    """The ARN of a key that is named by id, ARN or alias; the name itself if there is no such key."""
    backend = kms_backends[account][region]
    try:
        return str(backend.describe_key(key).arn)
    except Exception:  # moto has one exception per way a key can be missing
        return key


def bucket_of(name: str) -> Any:
    """Moto's bucket, whosever it is, or None."""
    account = account_of_s3(f"arn:aws:s3:::{name}")
    return s3_backends[account][PARTITION].buckets.get(name) if account else None


def account_of_s3(resource_arn: str) -> str | None:
    """The account that owns the bucket of an S3 ARN."""
    name = resource_arn.rsplit(":", 1)[-1].split("/", 1)[0]
    for account, backends in list(s3_backends.items()):
        if name in backends[PARTITION].buckets:
            return str(account)
    return None


def _bucket_policy(arn: str, _: str) -> str | None:
    bucket = bucket_of(arn.split(":::", 1)[1].split("/", 1)[0])
    if bucket is None or bucket.policy is None:
        return None
    return bucket.policy.decode() if isinstance(bucket.policy, bytes) else str(bucket.policy)


def _key_policy(arn: str, _: str) -> str | None:
    _, _, _, region, account, resource = arn.split(":", 5)
    key = kms_backends[account][region].keys.get(resource.removeprefix("key/"))
    return None if key is None else str(key.policy)


def _topic_policy(arn: str, _: str) -> str | None:
    _, _, _, region, account, _ = arn.split(":", 5)
    topic = sns_backends[account][region].topics.get(arn)
    return None if topic is None else json.dumps(topic._policy_json)


def _queue_policy(arn: str, _: str) -> str | None:
    _, _, _, region, account, name = arn.split(":", 5)
    queue = sqs_backends[account][region].queues.get(name)
    return None if queue is None else queue.policy


def _function_policy(arn: str, _: str) -> str | None:
    _, _, _, region, account, resource = arn.split(":", 5)
    try:
        function = lambda_backends[account][region].get_function(resource.split(":")[1])
        return json.dumps(function.policy.get_policy()["Policy"])
    except LambdaClientError:
        return None


def _repository_policy(arn: str, _: str) -> str | None:
    _, _, _, region, account, resource = arn.split(":", 5)
    if account not in ecr_backends:
        return _OF_IMAGES_OF_AWS
    repository = ecr_backends[account][region].repositories.get(resource.removeprefix("repository/"))
    return None if repository is None else repository.policy


def _bus_policy(arn: str, _: str) -> str | None:
    _, _, _, region, account, resource = arn.split(":", 5)
    kind, _, name = resource.partition("/")
    bus = events_backends[account][region].event_buses.get(name) if kind == "event-bus" else None
    return None if bus is None else bus.policy


def _group_policy(arn: str, _: str) -> str | None:
    """Of the group itself, or of the one that holds a version."""
    place, _, name = arn.partition("/")
    return OF_GROUPS.get(f"{place.removesuffix('-group')}-group/{name.partition('/')[0]}")


def _trust_policy(arn: str, action: str) -> str | None:
    if not action.startswith(("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")):
        return None
    try:
        return str(find_role(arn, arn.split(":")[4]).assume_role_policy_document)
    except UnknownRoleError:
        return None


_FINDERS: dict[str, Callable[[str, str], str | None]] = {
    "s3": _bucket_policy,
    "kms": _key_policy,
    "lambda": _function_policy,
    "sns": _topic_policy,
    "sqs": _queue_policy,
    "ecr": _repository_policy,
    "events": _bus_policy,
    "sagemaker": _group_policy,
    "sts": _trust_policy,
}
