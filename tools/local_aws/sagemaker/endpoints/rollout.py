"""In which steps an update moves the traffic, and how far it is, as DescribeEndpoint tells it.

Sources: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html and, for the words,
https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from tools.local_aws.sagemaker.endpoints.fleet import Fleet
from tools.local_aws.sagemaker.store import Members, now

# Ten minutes pass in a second.
PACE = 600
TICK = timedelta(seconds=30)
# CloudWatch takes no data that is more than two hours ahead of its clock.
_FURTHEST_AHEAD = timedelta(minutes=119)


@dataclass(frozen=True)
class Step:
    """So many of the new fleet's instances take traffic; then the alarms watch them for a while."""

    instances: int
    wait_seconds: int
    wait_name: str

    @property
    def ticks(self) -> int:
        return math.ceil(timedelta(seconds=self.wait_seconds) / TICK)


def steps_of(deployment: Members, instances: int) -> Iterator[Step]:
    """The steps of a DeploymentConfig; without one all traffic moves at once, and nobody waits."""
    policy = deployment.get("RollingUpdatePolicy")
    if policy:
        kind, routing, size = "LINEAR", policy, policy["MaximumBatchSize"]
    else:
        policy = deployment.get("BlueGreenUpdatePolicy", {})
        routing = policy.get("TrafficRoutingConfiguration", {"Type": "ALL_AT_ONCE"})
        kind = routing["Type"]
        size = routing.get("CanarySize") or routing.get("LinearStepSize")
    active = chain(_parts(kind, size, instances), [instances])
    wait = "WaitIntervalInSeconds"
    yield from (Step(count, routing.get(wait, 0), wait) for count in active)
    wait = "TerminationWaitInSeconds"
    yield Step(instances, policy.get(wait, 0), wait)


def _parts(kind: str, size: Members | None, instances: int) -> range:
    """How many instances are active before all are. Traffic is turned on by whole instances."""
    if kind == "ALL_AT_ONCE" or size is None:
        return range(0)
    part = size["Value"]
    if size["Type"] == "CAPACITY_PERCENT":
        part = math.ceil(instances * part / 100)
    return range(part, instances, instances if kind == "CANARY" else part)


@dataclass
class Rollout:
    """A new fleet on its way: DescribeEndpoint's PendingDeploymentSummary."""

    fleet: Fleet
    active: int = 0
    started: datetime = field(default_factory=now)
    status: Members = field(init=False)

    def __post_init__(self) -> None:
        self.say("Creating", f"Launching {self.instances} instance(s).")

    @property
    def instances(self) -> int:
        return self.fleet.instances

    @property
    def share(self) -> float:
        """The part of the requests that the new fleet answers."""
        return self.active / max(self.instances, 1)

    def say(self, status: str, message: str) -> None:
        self.status = {"Status": status, "StatusMessage": message, "StartTime": now()}

    def activate(self, step: Step) -> None:
        self.active = step.instances
        self.say("ActivatingTraffic", f"Activating traffic on {self._capacity}.")

    def bake(self, step: Step) -> None:
        waits = f"Baking for {step.wait_seconds} seconds ({step.wait_name})"
        self.say("Baking", f"{waits} with traffic enabled on {self._capacity}.")

    def tick(self) -> None:
        """The fleet's clock goes on faster than ours, so that alarms see as many minutes as on AWS."""
        self.fleet.ahead = min(self.fleet.ahead + TICK - TICK / PACE, _FURTHEST_AHEAD)
        self.fleet.publish()

    @property
    def _capacity(self) -> str:
        part = "full" if self.active >= self.instances else "canary"
        return f"{part} capacity of {self.active} instance(s)"

    @property
    def summary(self) -> Members:
        config = self.fleet.config
        groups = [name for name in ("ProductionVariants", "ShadowProductionVariants") if name in config]
        return {
            "EndpointConfigName": config["EndpointConfigName"],
            "StartTime": self.started,
            **{name: [self._variant(variant) for variant in config[name]] for name in groups},
        }

    def _variant(self, configured: Members) -> Members:
        shown: Members = {
            name: configured[name] for name in ("VariantName", "InstanceType") if name in configured
        }
        variant = self.fleet.all.get(configured["VariantName"])
        if variant is not None:
            active = math.ceil(variant.instances * self.share)
            shown |= variant.summary | {"CurrentInstanceCount": active}
        return shown | {"VariantStatus": [self.status]}
