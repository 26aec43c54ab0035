"""Rows of a day predicted in one go, beside the endpoint: a model, a state machine, a schedule, an alarm.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as stepfunctions

from config.settings import BatchTransform
from stacks.parts.layout import Zone
from stacks.parts.references import json_text
from stacks.parts.state_machines import (
    BATCH,
    BATCH_MONITOR,
    WHEN,
    failure_alarm,
    logged_in,
    started_by_schedule,
)
from stacks.permissions.roles import arn_of
from stacks.serving.asynchronous import MOST_ROWS, PATIENT
from stacks.serving.batch_machine import Batch, batch_machine
from stacks.use_case_stack import UseCaseStack

CSV = "text/csv"
_RETRIES = 1


def environment_of(batch: BatchTransform) -> Mapping[str, str]:
    """No request has so many rows: one has a byte at least, its end."""
    return {**PATIENT, MOST_ROWS: str(batch.max_payload_mb * 1024**2)}


class ScheduledBatch:
    """Part of a use case's serving stack: what predicts is the version that serves."""

    def __init__(
        self, stack: UseCaseStack, batch: BatchTransform, model: sagemaker.CfnModel, version: str
    ) -> None:
        self._stack = stack
        self._foundation = stack.foundation
        self._shared = stack.foundation.batches
        self._batch = batch
        self._model = model
        self._version = version
        self._name = f"{stack.fixed_name}-{BATCH}"

    def create(self) -> list[cdk.CfnResource]:
        """What exists with a model only."""
        machine = self._create_machine()
        alarm = failure_alarm(
            self._stack,
            "BatchFailed",
            machine,
            alert_topic_arn=self._foundation.alert_topic_arn,
            description=f"Rows that {self._stack.fixed_name} was to predict have no answer",
        )
        return [machine, self._create_schedule(machine), alarm]

    def _create_machine(self) -> stepfunctions.CfnStateMachine:
        stack, layout = self._stack, self._foundation.layout
        rows, answers = (
            Zone(zone.bucket, zone.key(stack.use_case.name))
            for zone in (layout.batch_input, layout.batch_output)
        )
        monitor = self._monitor_arn if stack.deployment.watches_batches else None
        batch = Batch(
            *(stack.fixed_name, rows, answers, self._request(), self._batch.max_hours),
            version=self._version,
            monitor_arn=monitor,
        )
        definition = batch_machine(batch, self._foundation.alert_topic_arn)
        machine = stepfunctions.CfnStateMachine
        return machine(
            stack,
            "Batch",
            state_machine_name=self._name,
            role_arn=arn_of(self._shared.machine),
            definition_string=json_text(definition),
            logging_configuration=logged_in(self._foundation.watching.log_group_arn),
            tracing_configuration=machine.TracingConfigurationProperty(enabled=True),
        )

    @property
    def _monitor_arn(self) -> str:
        """Known by its name: its stack comes later, and is updated after this one."""
        return self._stack.place.arn("states", f"stateMachine:{self._stack.fixed_name}-{BATCH_MONITOR}")

    def _request(self) -> dict[str, Any]:
        """A line is a row: files in CSV are joined only where they are split and put together by lines.

        https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
        """
        batch, key_arn = self._batch, self._foundation.key_arn
        return {
            "ModelName": self._model.attr_model_name,
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": batch.max_payload_mb,
            "MaxConcurrentTransforms": batch.max_concurrent_transforms,
            "ModelClientConfig": {
                "InvocationsTimeoutInSeconds": batch.invocation_timeout_seconds,
                "InvocationsMaxRetries": _RETRIES,
            },
            "TransformInput": {"ContentType": CSV, "SplitType": "Line", "CompressionType": "None"},
            "TransformOutput": {"Accept": CSV, "AssembleWith": "Line", "KmsKeyId": key_arn},
            "TransformResources": {
                "InstanceType": batch.instance_type,
                "InstanceCount": batch.instances,
                "VolumeKmsKeyId": key_arn,
            },
            "DataProcessing": {
                "InputFilter": batch.input_filter,
                "JoinSource": batch.join_source,
                "OutputFilter": batch.output_filter,
            },
            "Tags": [{"Key": key, "Value": value} for key, value in self._stack.job_tags.items()],
        }

    def _create_schedule(self, machine: stepfunctions.CfnStateMachine) -> scheduler.CfnSchedule:
        return started_by_schedule(
            machine,
            self._shared.schedule,
            "BatchSchedule",
            expression=self._batch.schedule,
            given=WHEN,
            undelivered=self._shared.undelivered,
            description=f"Has {self._stack.fixed_name} predict the rows of the day",
        )
