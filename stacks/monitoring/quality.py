"""The model quality monitor of one endpoint: its metrics, and the alarms on them."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from config.settings import GroundTruth
from stacks.monitoring.own import LABELLED, OwnMonitor, model_quality
from stacks.parts.alarms import ABOVE, BELOW, create_alarm
from stacks.parts.jobs import Code
from stacks.parts.metrics import Metric
from stacks.use_case_stack import UseCaseStack

DAYS_WITHOUT_LABELS = 3
"""After so many days somebody asks where the labels are."""


class Quality:
    """Compares each day with what really happened, once that is known."""

    def __init__(self, stack: UseCaseStack, truth: GroundTruth, code: Code) -> None:
        self._stack, self._truth = stack, truth
        self.monitor = OwnMonitor(stack, model_quality(stack, truth), code)

    def create(self, version: str) -> list[cdk.CfnResource]:
        return [*self.monitor.create(version), self._missing_labels()]

    @property
    def metrics(self) -> list[Metric]:
        """The metric of the success criterion, and the better end of what chance makes of it.

        A day that is compared once more is told beside the newest one: the worse of both counts.
        """
        success = self._stack.use_case.success
        worse = "Minimum" if success.comparison == "at_least" else "Maximum"
        return [
            self.monitor.metric(success.metric, worse),
            self.monitor.metric(f"{success.metric}_at_best", worse),
        ]

    def create_alarm(self) -> cloudwatch.CfnAlarm:
        """Tells that the live model misses its criterion."""
        success = self._stack.use_case.success
        return create_alarm(
            self._stack,
            "ModelQuality",
            self.metrics[1],
            BELOW if success.comparison == "at_least" else ABOVE,
            success.threshold,
            description=(
                f"{self._stack.fixed_name}: on what really happened the live model misses its criterion, "
                f"{success.metric} {success.comparison.replace('_', ' ')} {success.threshold:g}, "
                "even if chance was against it"
            ),
            actions=[self._stack.foundation.alert_topic_arn],
        )

    def _missing_labels(self) -> cdk.CfnResource:
        """Traffic of which nobody says what happened; without traffic nothing is published."""
        return create_alarm(
            self._stack,
            "MissingLabels",
            self.monitor.metric(LABELLED, "Maximum"),
            BELOW,
            self._truth.rows,
            periods=DAYS_WITHOUT_LABELS,
            description=(
                f"{self._stack.fixed_name}: for {DAYS_WITHOUT_LABELS} days fewer than {self._truth.rows} "
                f"rows have a label after {self._truth.after_days} days: nobody knows how good it is"
            ),
            actions=[self._stack.foundation.alert_topic_arn],
        )
