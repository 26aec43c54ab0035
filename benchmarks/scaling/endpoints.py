"""What scales in an assembly, read from its templates."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.scaling.fleets import Asynchronous, Fleet, RealTime
from tools.local_aws.cloudwatch.alarm_states import AlarmRule
from tools.local_aws.scaling.policies import Policy, StepScaling, TargetTracking
from tools.local_aws.scaling.schedule import Schedule
from tools.local_aws.scaling.targets import Limits, ScalableTarget, ScheduledAction
from tools.review.costs import hourly_price
from tools.synthesized import Stack, read_environment

Json = dict[str, Any]
_SCALING = "AWS::ApplicationAutoScaling::"
_PREDEFINED = {"SageMakerVariantInvocationsPerInstance": "InvocationsPerInstance"}
START = timedelta(minutes=5)
"""From the decision to a new instance that answers: AWS names no figure, people tell of three to six."""


@dataclass(frozen=True)
class Endpoint:
    """A variant that scales, as its templates say."""

    name: str
    limits: Limits
    policies: Mapping[str, Policy]
    metrics: Mapping[str, str]
    """By policy, what it looks at."""
    schedule: tuple[ScheduledAction, ...]
    fleet: Callable[[], Fleet]
    """One that has not answered anything yet."""
    hourly: float
    """USD per instance."""

    def target(self) -> ScalableTarget:
        return ScalableTarget(self.limits, self.policies, self.schedule, START)


def read(assembly: Path) -> list[Endpoint]:
    """Of all environments of a cloud assembly, in the order of their names."""
    environments = [read_environment(folder) for folder in sorted(assembly.glob("assembly-*"))]
    return [endpoint for each in environments for stack in each.stacks for endpoint in _endpoints(stack)]


def _endpoints(stack: Stack) -> Iterator[Endpoint]:
    resources: dict[str, Json] = stack.template.get("Resources", {})
    for logical_id, target in _of_type(resources, f"{_SCALING}ScalableTarget").items():
        following = {
            name: policy
            for name, policy in _of_type(resources, f"{_SCALING}ScalingPolicy").items()
            if policy["ScalingTargetId"] == {"Ref": logical_id}
        }
        # What only rests at night does not follow its load.
        if following:
            yield _endpoint(target, following, resources)


def _endpoint(target: Json, following: Mapping[str, Json], resources: Mapping[str, Json]) -> Endpoint:
    _, name, _, variant_name = target["ResourceId"].split("/")
    (configuration,) = _of_type(resources, "AWS::SageMaker::EndpointConfig").values()
    (variant,) = (
        each
        for each in [
            *configuration["ProductionVariants"],
            *configuration.get("ShadowProductionVariants", []),
        ]
        if each["VariantName"] == variant_name
    )
    read_policies = {each: _policy(each, policy, resources) for each, policy in following.items()}
    policies = {each: policy for each, (policy, _) in read_policies.items()}
    return Endpoint(
        name,
        Limits(target["MinCapacity"], target["MaxCapacity"]),
        policies,
        {each: metric for each, (_, metric) in read_policies.items()},
        tuple(_scheduled(action) for action in target.get("ScheduledActions", [])),
        _fleet(configuration, policies),
        hourly_price(variant["InstanceType"]) or 0.0,
    )


def _policy(logical_id: str, policy: Json, resources: Mapping[str, Json]) -> tuple[Policy, str]:
    """With the name of the metric it looks at; what steps do hangs on an alarm."""
    tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
    if tracking:
        predefined = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
        custom = tracking.get("CustomizedMetricSpecification", {}).get("MetricName")
        return TargetTracking.of(tracking), _PREDEFINED.get(predefined, custom)
    (alarm,) = (
        each
        for each in _of_type(resources, "AWS::CloudWatch::Alarm").values()
        if {"Ref": logical_id} in each.get("AlarmActions", [])
    )
    rule = AlarmRule(
        alarm["ComparisonOperator"],
        alarm["Threshold"],
        alarm["EvaluationPeriods"],
        alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"],
        alarm.get("TreatMissingData", "missing"),
    )
    return StepScaling(rule, policy["StepScalingPolicyConfiguration"]), alarm["MetricName"]


def _scheduled(action: Json) -> ScheduledAction:
    limits = action["ScalableTargetAction"]
    return ScheduledAction(
        Schedule.of(action["Schedule"], action.get("Timezone", "UTC")),
        Limits(limits["MinCapacity"], limits["MaxCapacity"]),
    )


def _fleet(configuration: Json, policies: Mapping[str, Policy]) -> Callable[[], Fleet]:
    if queue := configuration.get("AsyncInferenceConfig"):
        concurrent = queue.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", 1)
        return lambda: Asynchronous(concurrent)
    (target,) = (policy.target for policy in policies.values() if isinstance(policy, TargetTracking))
    return lambda: RealTime(target)


def _of_type(resources: Mapping[str, Json], kind: str) -> dict[str, Json]:
    return {name: body["Properties"] for name, body in resources.items() if body["Type"] == kind}
