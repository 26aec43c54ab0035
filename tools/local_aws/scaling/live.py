"""What scaling policies do to endpoints and components here: when an alarm rings, and when minutes pass.

Different from AWS: minutes pass when they are told to (`POST /local-aws/pass-minutes`), each as the last real
one was. Scheduled actions, and metrics that are not SageMaker's own loads, have no effect.
"""

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.cloudwatch.alarm_settings import settings_of
from tools.local_aws.context import Context
from tools.local_aws.scaling.policies import StepScaling, TargetTracking
from tools.local_aws.scaling.targets import Limits, ScalableTarget

Members = dict[str, Any]
ACTIONS = "autoscaling"
"""The service in the ARNs of policies, which alarms have as actions."""
_LOADS = {
    "SageMakerVariantInvocationsPerInstance": "InvocationsPerInstance",
    "SageMakerInferenceComponentInvocationsPerCopy": "InvocationsPerCopy",
}
_PATIENCE_SECONDS = 20.0
_PAUSE_SECONDS = 0.05

log = logging.getLogger(__name__)


class LiveScaling:
    """Application Auto Scaling at work, for what SageMaker has registered."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def follow(self, policy_arn: str, alarm: Any) -> None:
        """An alarm rings whose action is a policy of steps."""
        threading.Thread(target=self._step, args=(policy_arn, alarm), name="scaling", daemon=True).start()

    def pass_minutes(self, minutes: int) -> Members:
        """Let minutes pass like the last one; tells the capacities at their end, by resource."""
        return {
            "capacities": {target["ResourceId"]: self._pass(target, minutes) for target in self._targets()}
        }

    def _step(self, policy_arn: str, alarm: Any) -> None:
        policies = [each for each in self._policies() if each["PolicyARN"] == policy_arn]
        for policy in policies:
            try:
                self._follow_step(policy, alarm)
            except ClientError as error:
                log.warning("Policy %s: %s", policy["PolicyName"], error)

    def _follow_step(self, policy: Members, alarm: Any) -> None:
        rule, resource = settings_of(alarm).rule, Resource(self._context, policy["ResourceId"])
        named = {each.name: each.value for each in alarm.dimensions}
        value = self._measured(alarm.namespace, alarm.metric_name, named, alarm.statistic, int(alarm.period))
        steps = StepScaling(rule, policy["StepScalingPolicyConfiguration"])
        (target,) = (each for each in self._targets() if each["ResourceId"] == policy["ResourceId"])
        wish = steps.wish((value,) * rule.evaluation_periods, resource.capacity)
        if wish is not None:
            resource.set(_limits(target).nearest(wish))

    def _pass(self, registered: Members, minutes: int) -> int:
        resource = Resource(self._context, registered["ResourceId"])
        followed = [each for each in self._policies(registered["ResourceId"]) if _load_of(each)]
        policies = {
            each["PolicyName"]: TargetTracking.of(each["TargetTrackingScalingPolicyConfiguration"])
            for each in followed
        }
        target = ScalableTarget(_limits(registered), policies)
        target.capacity = target.in_service = before = resource.capacity
        loads = {each["PolicyName"]: self._load(each, resource) for each in followed}
        now = datetime.now(UTC)
        # Before, each load was what its policy wants: alarms take as many minutes as they do on AWS.
        wanted, longest = _wanted(policies), max((each.minutes for each in policies.values()), default=0)
        for ago in range(longest, 0, -1):
            target.minute(now - timedelta(minutes=ago), wanted)
        for minute in range(1, minutes + 1):
            share = max(before, 1) / max(target.in_service, 1)
            target.minute(
                now + timedelta(minutes=minute), {name: load * share for name, load in loads.items()}
            )
        if target.capacity != before:
            resource.set(target.capacity)
        return target.capacity

    def _load(self, policy: Members, resource: "Resource") -> float:
        metric = _LOADS[_load_of(policy)]
        return self._measured("AWS/SageMaker", metric, resource.dimensions, "Sum", 60)

    def _measured(
        self, namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str, seconds: int
    ) -> float:
        """Of as many seconds until now; nothing is measured as 0."""
        now = datetime.now(UTC)
        found = self._context.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - timedelta(seconds=seconds),
            EndTime=now + timedelta(seconds=1),
            Period=seconds,
            Statistics=[statistic],
        )
        return float(sum(point[statistic] for point in found["Datapoints"]))

    def _targets(self) -> list[Members]:
        client = self._context.client("application-autoscaling")
        return list(client.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"])

    def _policies(self, resource_id: str = "") -> list[Members]:
        client = self._context.client("application-autoscaling")
        about = {"ResourceId": resource_id} if resource_id else {}
        return list(
            client.describe_scaling_policies(ServiceNamespace="sagemaker", **about)["ScalingPolicies"]
        )


class Resource:
    """A variant of an endpoint, or an inference component, by its resource id."""

    def __init__(self, context: Context, resource_id: str) -> None:
        self._sagemaker = context.client("sagemaker")
        kind, self._name, *rest = resource_id.split("/")
        self._variant = rest[-1] if kind == "endpoint" else ""

    @property
    def dimensions(self) -> dict[str, str]:
        """By which its metrics are found."""
        if self._variant:
            return {"EndpointName": self._name, "VariantName": self._variant}
        return {"InferenceComponentName": self._name}

    @property
    def capacity(self) -> int:
        """Instances or copies that are wanted now."""
        if self._variant:
            variants = self._sagemaker.describe_endpoint(EndpointName=self._name)["ProductionVariants"]
            (own,) = (each for each in variants if each["VariantName"] == self._variant)
            return int(own["DesiredInstanceCount"])
        described = self._sagemaker.describe_inference_component(InferenceComponentName=self._name)
        return int(described["RuntimeConfig"]["DesiredCopyCount"])

    def set(self, count: int) -> None:
        """Change it, as soon as nothing else is being done to it."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while count != self.capacity:
            try:
                self._request(count)
                return
            except ClientError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)

    def _request(self, count: int) -> None:
        if self._variant:
            wanted = {"VariantName": self._variant, "DesiredInstanceCount": count}
            self._sagemaker.update_endpoint_weights_and_capacities(
                EndpointName=self._name, DesiredWeightsAndCapacities=[wanted]
            )
        else:
            self._sagemaker.update_inference_component_runtime_config(
                InferenceComponentName=self._name, DesiredRuntimeConfig={"CopyCount": count}
            )


def _wanted(policies: Mapping[str, TargetTracking]) -> dict[str, float]:
    return {name: policy.target for name, policy in policies.items()}


def _limits(target: Members) -> Limits:
    return Limits(int(target["MinCapacity"]), int(target["MaxCapacity"]))


def _load_of(policy: Members) -> str:
    """The predefined load that a policy keeps near a value, if one is measured here."""
    tracking = policy.get("TargetTrackingScalingPolicyConfiguration", {})
    load = str(tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType", ""))
    return load if load in _LOADS else ""
