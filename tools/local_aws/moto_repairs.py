"""Small gaps of moto that would make a deployment differ from AWS."""

from collections.abc import Callable
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import ActionResult
from moto.sqs.models import Queue

from tools.local_aws.context import Context


def install(_: Context) -> None:
    """Closes the gaps."""
    Queue._set_attributes = _keeping_the_policy(Queue._set_attributes)
    # The CDK CLI looks here for the cause of a failed deployment, for half a minute if there is no answer.
    CloudTrailResponse.lookup_events = lambda _: ActionResult({"Events": []})


def _keeping_the_policy(set_attributes: Callable[..., None]) -> Callable[..., None]:
    """Moto drops the policy of a queue whenever any other attribute is set."""

    def set_and_keep(queue: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        known = getattr(queue, "_policy_json", None)
        set_attributes(queue, attributes, now)
        if "Policy" not in attributes and known is not None:
            queue._policy_json = known

    return set_and_keep
