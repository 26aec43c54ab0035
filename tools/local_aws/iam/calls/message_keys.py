"""The permission on KMS keys that SNS and SQS ask of those who send to encrypted topics and queues.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

from typing import Any

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from tools.local_aws.iam.calls.api_calls import Ask
from tools.local_aws.iam.resource_policies import key_arn

_SENDING = ("sns:Publish", "sqs:SendMessage")


def message_key_asks(ask: Ask, account: str, region: str) -> list[Ask]:
    """What sending a message asks on the key of its topic or queue."""
    if ask.action not in _SENDING:
        return []
    target = _target(ask.resource, account, region)
    key = getattr(target, "kms_master_key_id", None)
    if not key:
        return []
    context = {"kms:ViaService": f"{ask.action.split(':')[0]}.{region}.amazonaws.com"}
    arn = key_arn(str(key), account, region)
    return [Ask("kms:GenerateDataKey", arn, context), Ask("kms:Decrypt", arn, context)]


def _target(arn: str, account: str, region: str) -> Any:
    if ":sns:" in arn:
        return sns_backends[account][region].topics.get(arn)
    return sqs_backends[account][region].queues.get(arn.rsplit(":", 1)[-1])
