"""Alarms on how groups fare, and on what moves the answers."""

from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.monitoring.own import OwnMonitor
from stacks.parts.alarms import ABOVE, BELOW, create_alarm
from stacks.parts.metrics import Metric
from stacks.training.pipeline_decision import EXPLAINED
from stacks.use_case_stack import UseCaseStack

# Below it Clarify tells of a drift:
# https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift.html
LEAST_AGREEMENT = 0.90


@dataclass(frozen=True)
class Watched:
    """A metric of a monitor's job and what raises its alarm."""

    id: str
    monitor: OwnMonitor
    metric: str
    is_least: bool
    """Whether what is below the limit raises it, not what is above."""
    limit: float
    measured_by: str
    told: str
    """Of the endpoint, for people."""

    @property
    def published(self) -> Metric:
        return self.monitor.metric(self.metric, "Minimum" if self.is_least else "Maximum")

    def create_alarm(self, stack: UseCaseStack) -> cloudwatch.CfnAlarm:
        return create_alarm(
            stack,
            self.id,
            self.published,
            BELOW if self.is_least else ABOVE,
            self.limit,
            description=f"{stack.fixed_name}: {self.told}",
            actions=[stack.foundation.alert_topic_arn],
        )


def watched(
    stack: UseCaseStack,
    traffic: OwnMonitor | None,
    happened: OwnMonitor | None,
    batches: OwnMonitor | None,
) -> list[Watched]:
    """By the answers alone, of traffic and batches, and by what really happened where that is told."""
    found = []
    for prefix, monitor, by_what in (
        ("", traffic, "its answers"),
        ("Quality", happened, "what happened"),
        ("Batch", batches, "its answers to a batch"),
    ):
        if monitor and stack.use_case.bias:
            worse = f"by {by_what} a group fares farther from equal than when the version was registered"
            found.append(Watched(f"{prefix}BiasDrift", monitor, "bias_drift", False, 0, by_what, worse))
    for prefix, monitor, answers in (
        ("", traffic, "its answers"),
        ("Batch", batches, "its answers to a batch"),
    ):
        if monitor and stack.use_case.algorithm in EXPLAINED:
            moved = f"other features move {answers} than when the version was registered"
            metric = "attribution_agreement_at_best"
            found.append(
                Watched(f"{prefix}AttributionDrift", monitor, metric, True, LEAST_AGREEMENT, answers, moved)
            )
    return found
