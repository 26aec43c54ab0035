"""How far features have moved from the training data, and the alarm on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.monitoring.model_monitor import ModelMonitor
from stacks.monitoring.own import OwnMonitor
from stacks.parts.alarms import told_to
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
    def metrics(self) -> Mapping[str, cloudwatch.Metric]:
        return {
            f"m{number}": cloudwatch.Metric(
                namespace=self.monitor.namespace,
                metric_name=f"feature_baseline_drift_{feature}",
                dimensions_map=self.monitor.dimensions,
                statistic="Maximum",
                period=self._period,
                label=feature,
            )
            for number, feature in enumerate(self.stack.use_case.drift.features)
        }

    @cached_property
    def largest(self) -> cloudwatch.MathExpression:
        return cloudwatch.MathExpression(
            expression="MAX(METRICS())",
            using_metrics=dict(self.metrics),
            label="Largest drift",
            period=self._period,
        )

    @property
    def _period(self) -> cdk.Duration:
        return cdk.Duration.hours(self.monitor.every_hours)

    def create_alarm(self) -> cloudwatch.CfnAlarm:
        drift = self.stack.use_case.drift
        alarm = self.largest.create_alarm(
            self.stack,
            self.id,
            alarm_description=(
                f"{self.stack.fixed_name}: {self.what} differ from the training data by more than "
                f"{drift.threshold:g} in at least one of {', '.join(drift.features)}"
            ),
            threshold=drift.threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        return told_to(self.stack.foundation.alert_topic, alarm)
