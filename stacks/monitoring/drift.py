"""How far features have moved from the training data, and the alarm on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.monitoring.model_monitor import ModelMonitor
from stacks.monitoring.own import OwnMonitor
from stacks.parts.alarms import ABOVE, create_alarm
from stacks.parts.metrics import HOUR, MathExpression, Metric
from stacks.use_case_stack import UseCaseStack


@dataclass(frozen=True)
class FeatureDrift:
    """What a monitor publishes of each feature that the use case names."""

    stack: UseCaseStack
    monitor: OwnMonitor | ModelMonitor
    id: str
    """Of the alarm."""
    what: str
    """For people: what differs from the training data."""

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        return {
            f"m{number}": Metric(
                namespace=self.monitor.namespace,
                name=f"feature_baseline_drift_{feature}",
                dimensions=self.monitor.dimensions,
                statistic="Maximum",
                period_seconds=self.monitor.every_hours * HOUR,
                label=feature,
            )
            for number, feature in enumerate(self.stack.use_case.drift.features)
        }

    @property
    def largest(self) -> MathExpression:
        return MathExpression("MAX(METRICS())", self.metrics, "Largest drift")

    def create_alarm(self) -> cloudwatch.CfnAlarm:
        drift, stack = self.stack.use_case.drift, self.stack
        return create_alarm(
            stack,
            self.id,
            self.largest,
            ABOVE,
            drift.threshold,
            description=(
                f"{stack.fixed_name}: {self.what} differ from the training data by more than "
                f"{drift.threshold:g} in at least one of {', '.join(drift.features)}"
            ),
            actions=[stack.foundation.alert_topic_arn],
        )
