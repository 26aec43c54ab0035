"""Watches one use case's endpoint: captured traffic against the baseline of the model that serves it."""

from functools import cached_property

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from config.settings import UseCase
from stacks.foundation.stack import FoundationStack
from stacks.monitoring.answers import watched
from stacks.monitoring.dashboard import Dashboard, Measured
from stacks.monitoring.drift import FeatureDrift
from stacks.monitoring.model_monitor import ModelMonitor
from stacks.monitoring.own import BATCH_ROWS, OwnMonitor, batch_quality, data_quality
from stacks.monitoring.quality import Quality
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
        drift = FeatureDrift(self, monitor, "Drift", "live requests") if monitor else None
        truth = self.resources.ground_truth if monitor else None
        quality = Quality(self, truth, self._code) if truth else None
        traffic = monitor if isinstance(monitor, OwnMonitor) else None
        batches = self._monitor_of_batches()
        drift_of_batches = FeatureDrift(self, batches, "BatchDrift", "rows of a batch") if batches else None
        answers = watched(self, traffic, quality.monitor if quality else None, batches)
        schedules = {"MonitoringScheduleName": NO_SCHEDULE, "QualityScheduleName": NO_SCHEDULE}
        alarms: dict[str, cloudwatch.CfnAlarm] = {}
        if monitor and drift and self.version.exists:
            self.version.require(monitor.create(self.version.value))
            alarms["drift"] = drift.create_alarm()
            schedules["MonitoringScheduleName"] = self.version.only_with_model(monitor.schedule_name)
        if quality and self.version.exists:
            self.version.require(quality.create(self.version.value))
            alarms["quality"] = quality.create_alarm()
            schedules["QualityScheduleName"] = self.version.only_with_model(quality.monitor.schedule_name)
        if batches and drift_of_batches:
            self.version.require([*batches.create(self.version.value), drift_of_batches.create_alarm()])
        if self.version.exists:
            self.version.require([each.create_alarm(self) for each in answers])
        self.version.require(alarms.values())
        machines: dict[str, str] = {}
        if (retraining := self.deployment.retraining) and alarms:
            asking = [alarms[name] for name in retraining.alarms]
            part = RetrainingOnAlarm(self, retraining, asking)
            self.version.require(part.create())
            cdk.CfnOutput(self, "RetrainingStateMachineArn", value=self.version.only_with_model(part.arn))
            machines["retraining"] = part.name
        monitors = {
            "monitor": traffic,
            "quality monitor": quality.monitor if quality else None,
            "monitor of batches": batches,
        }
        machines |= {what: own.schedule_name for what, own in monitors.items() if own}
        if self.deployment.batch and self.version.exists:
            machines["batch"] = f"{self.fixed_name}-{BATCH}"
        drifts = {"": drift, " of batches": drift_of_batches}
        measured = Measured(
            {what: each for what, each in drifts.items() if each},
            quality.metrics if quality else (),
            answers,
            machines,
            batches.metric(BATCH_ROWS, "Minimum") if batches else None,
        )
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

    def _monitor_of_batches(self) -> OwnMonitor | None:
        batch = self.deployment.batch
        is_watched = batch and self.deployment.watches_batches
        return OwnMonitor(self, batch_quality(self, batch), self._code) if batch and is_watched else None
