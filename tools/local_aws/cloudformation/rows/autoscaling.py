"""Application Auto Scaling: scalable targets with their scheduled actions, and scaling policies."""

from collections.abc import Mapping
from typing import Any

from tools.local_aws.cloudformation.row import Row, Setting, Work

_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")
_TARGET_IDENTITY = {name: f"{{{name}}}" for name in _TARGET}


def _schedule(work: Work) -> None:
    """Scheduled actions are resources of their own in the API, and part of the target in a template."""
    wanted = {action["ScheduledActionName"]: action for action in work.properties.get("ScheduledActions", [])}
    for action in work.previous.get("ScheduledActions", []):
        if action["ScheduledActionName"] not in wanted:
            _delete_action(work, action)
    for action in wanted.values():
        work.call("PutScheduledAction", action)


def _clear_schedule(work: Work) -> None:
    for action in work.properties.get("ScheduledActions", []):
        _delete_action(work, action)


def _delete_action(work: Work, action: Mapping[str, Any]) -> None:
    work.call("DeleteScheduledAction", {"ScheduledActionName": action["ScheduledActionName"]})


def _policy_arguments(work: Work) -> dict[str, Any]:
    """A policy names its target either in three properties or in the target's physical id."""
    given = dict(work.properties)
    if "ScalingTargetId" in given:
        given |= dict(zip(_TARGET, given.pop("ScalingTargetId").split("|"), strict=True))
    work.facts.update({name: given[name] for name in _TARGET})
    return given


ROWS = (
    Row(
        type_name="AWS::ApplicationAutoScaling::ScalableTarget",
        service="application-autoscaling",
        create="RegisterScalableTarget",
        update="RegisterScalableTarget",
        delete="DeregisterScalableTarget",
        reference="{ResourceId}|{ScalableDimension}|{ServiceNamespace}",
        identity=_TARGET_IDENTITY,
        attributes={"Id": "{ResourceId}|{ScalableDimension}|{ServiceNamespace}"},
        settings=(Setting(("ScheduledActions",), _schedule, _schedule),),
        before_delete=_clear_schedule,
    ),
    Row(
        type_name="AWS::ApplicationAutoScaling::ScalingPolicy",
        service="application-autoscaling",
        create="PutScalingPolicy",
        update="PutScalingPolicy",
        delete="DeleteScalingPolicy",
        reference="{Arn}",
        identity={**_TARGET_IDENTITY, "PolicyName": "{PolicyName}"},
        arguments=_policy_arguments,
        learns={"Arn": "PolicyARN"},
    ),
)
