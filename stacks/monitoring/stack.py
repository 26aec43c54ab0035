"""Watches one use case's endpoint: captured traffic against the baseline of the model that serves it."""

from functools import cached_property

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from config.settings import Drift, UseCase
from stacks.foundation.stack import FoundationStack
from stacks.monitoring.answers import watched
from stacks.monitoring.dashboard import Dashboard, Measured
from stacks.monitoring.model_monitor import ModelMonitor
from stacks.monitoring.own import OwnMonitor, data_quality
from stacks.monitoring.quality import Quality
from stacks.parts.alarms import told_to
from stacks.parts.jobs import Code
from stacks.parts.model_version import ModelVersion
from stacks.parts.state_machines import BATCH
from stacks.retraining.part import RetrainingOnAlarm
from stacks.use_case_stack import UseCaseStack

NO_SCHEDULE = "none"


class MonitoringStack(UseCaseStack):
    """Monitor, drift alarm and dashboard of one use case. Reports in S3 stay when it goes."""

    kind = "monitoring"
    purpose = (
        "Watches one use case's endpoint: captured traffic against the baseline of the model that serves it."
    )

    def __init__(self, scope: Construct, foundation: FoundationStack, use_case: UseCase) -> None:
        super().__init__(scope, foundation, use_case)
        self.resources = self.deployment.monitoring
        self.version = ModelVersion(self, self.deployment)
        monitor = self._choose_monitor()
        drift = self._drift_metrics(use_case.drift, monitor) if monitor else {}
        truth = self.resources.ground_truth if monitor else None
        quality = Quality(self, truth, self._code) if truth else None
        traffic = monitor if isinstance(monitor, OwnMonitor) else None
        answers = watched(self, traffic, quality.monitor if quality else None)
        schedules = {"MonitoringScheduleName": NO_SCHEDULE, "QualityScheduleName": NO_SCHEDULE}
        alarms: dict[str, cloudwatch.CfnAlarm] = {}
        if monitor and self.version.exists:
            self.version.require(monitor.create(self.version.value))
            alarms["drift"] = self._create_drift_alarm(drift, use_case.drift)
            schedules["MonitoringScheduleName"] = self.version.only_with_model(monitor.schedule_name)
        if quality and self.version.exists:
            self.version.require(quality.create(self.version.value))
            alarms["quality"] = quality.create_alarm()
            schedules["QualityScheduleName"] = self.version.only_with_model(quality.monitor.schedule_name)
        if self.version.exists:
            self.version.require(each.create_alarm(self) for each in answers)
        self.version.require(alarms.values())
        machines: dict[str, str] = {}
        if (retraining := self.deployment.retraining) and alarms:
            asking = [alarms[name] for name in retraining.alarms]
            part = RetrainingOnAlarm(self, retraining, asking)
            self.version.require(part.create())
            cdk.CfnOutput(self, "RetrainingStateMachineArn", value=self.version.only_with_model(part.arn))
            machines["retraining"] = part.name
        monitors = {"monitor": traffic, "quality monitor": quality.monitor if quality else None}
        machines |= {what: own.schedule_name for what, own in monitors.items() if own}
        if self.deployment.batch and self.version.exists:
            machines["batch"] = f"{self.fixed_name}-{BATCH}"
        measured = Measured(drift, quality.metrics if quality else (), answers, machines)
        Dashboard(self, self.version, measured).create()
        cdk.CfnOutput(self, "MonitoringEngine", value=self.resources.engine)
        for output, schedule_name in schedules.items():
            cdk.CfnOutput(self, output, value=schedule_name)
        cdk.CfnOutput(self, "DeployedModelVersion", value=self.version.value)

    @cached_property
    def _code(self) -> Code:
        return Code.uploaded(self)

    def _choose_monitor(self) -> OwnMonitor | ModelMonitor | None:
        # Without captured traffic a schedule would find nothing to compare, at the price of a job each time.
        if self.resources.engine == "none" or not self.resources.capture_percentage:
            return None
        if self.resources.engine == "own":
            return OwnMonitor(self, data_quality(self), self._code)
        return ModelMonitor(self)

    def _drift_metrics(
        self, drift: Drift, monitor: OwnMonitor | ModelMonitor
    ) -> dict[str, cloudwatch.IMetric]:
        return {
            f"m{number}": cloudwatch.Metric(
                namespace=monitor.namespace,
                metric_name=f"feature_baseline_drift_{feature}",
                dimensions_map=monitor.dimensions,
                statistic="Maximum",
                period=cdk.Duration.hours(self.resources.every_hours),
                label=feature,
            )
            for number, feature in enumerate(drift.features)
        }

    def _create_drift_alarm(
        self, metrics: dict[str, cloudwatch.IMetric], drift: Drift
    ) -> cloudwatch.CfnAlarm:
        largest = cloudwatch.MathExpression(
            expression="MAX(METRICS())",
            using_metrics=metrics,
            label="Largest drift",
            period=cdk.Duration.hours(self.resources.every_hours),
        )
        alarm = largest.create_alarm(
            self,
            "Drift",
            alarm_description=(
                f"{self.fixed_name}: live requests differ from the training data by more than "
                f"{drift.threshold:g} in at least one of {', '.join(drift.features)}"
            ),
            threshold=drift.threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        return told_to(self.foundation.alert_topic, alarm)
