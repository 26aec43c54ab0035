"""Application Auto Scaling: scalable targets and scaling policies."""

from typing import Any

from tools.local_aws.cloudformation.row import Row, Work

_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")
_TARGET_IDENTITY = {name: f"{{{name}}}" for name in _TARGET}


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
