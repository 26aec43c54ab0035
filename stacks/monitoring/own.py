"""Monitors that need only services that everybody has: a state machine, what starts it, a job of ours."""

from dataclasses import dataclass
from itertools import chain

import aws_cdk as cdk
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as stepfunctions

from config.settings import BatchTransform, GroundTruth
from stacks.foundation.watching import STATE_MACHINE
from stacks.monitoring.machine import Daily, MonitoringJob, Watch, monitor_machine
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.layout import BATCH_QUALITY, DATA_QUALITY, MODEL_QUALITY, Zone
from stacks.parts.metrics import HOUR, Metric
from stacks.parts.references import json_text
from stacks.parts.state_machines import BATCH_MONITOR, WHEN, failure_alarm, logged_in, started_by_schedule
from stacks.parts.states import HOURS_OF_A_DAY
from stacks.permissions.roles import arn_of
from stacks.serving.variants import VARIANT
from stacks.use_case_stack import UseCaseStack

LABELLED, BATCH_ROWS = "labelled_rows", "rows"
VOLUME_GB = 20
# With the wait for captured data it ends before the next one starts.
MAX_RUNTIME_SECONDS = 2400


@dataclass(frozen=True)
class Task:
    """What one monitor of an endpoint does."""

    name: str
    """The last part of the name of its state machine and schedule."""
    id_prefix: str
    """Of its constructs."""
    what: str
    """For people: what is compared with what."""
    folder: str
    """Of its reports."""
    step: str
    arguments: tuple[str, ...]
    every_hours: int
    wait_days: int
    reads: tuple[Daily, ...]
    metrics: str
    """The last part of their namespace."""
    is_scheduled: bool = True
    """That of batches is started by them."""


def data_quality(stack: UseCaseStack) -> Task:
    """Requests and answers against the rows that the model has learnt from."""
    return Task(
        name=STATE_MACHINE,
        id_prefix="",
        what=f"the traffic of {stack.fixed_name} with its training data",
        folder=DATA_QUALITY,
        step="monitor",
        arguments=(),
        every_hours=stack.deployment.monitoring.every_hours,
        wait_days=0,
        reads=(_captured(stack),),
        metrics=DATA_QUALITY,
    )


def batch_quality(stack: UseCaseStack, batch: BatchTransform) -> Task:
    """A batch's rows and answers against the rows that the model has learnt from."""
    layout, use_case = stack.foundation.layout, (stack.use_case.name,)
    columns = {
        "--input-filter": batch.input_filter,
        "--join-source": batch.join_source,
        "--output-filter": batch.output_filter,
    }
    return Task(
        name=BATCH_MONITOR,
        id_prefix="Batch",
        what=f"the rows of a batch of {stack.fixed_name} with its training data",
        folder=BATCH_QUALITY,
        step="monitor_batch",
        arguments=tuple(chain.from_iterable(columns.items())),
        every_hours=HOURS_OF_A_DAY,
        wait_days=0,
        reads=(
            Daily("answers", layout.batch_output, use_case, BATCH_ROWS, is_of_batch=True),
            # Answers whose rows are gone are compared by nobody, which its alarm tells.
            Daily("rows", layout.batch_input, use_case, metric=None),
        ),
        metrics=DATA_QUALITY,
        is_scheduled=False,
    )


def model_quality(stack: UseCaseStack, truth: GroundTruth) -> Task:
    """A day's answers against what really happened, some days later."""
    success, labels = stack.use_case.success, stack.foundation.layout.ground_truth
    bound = f"--{success.comparison.replace('_', '-')}={float(success.threshold)!r}"
    return Task(
        name=MODEL_QUALITY,
        id_prefix="Quality",
        what=f"the traffic of {stack.fixed_name} with what really happened",
        folder=MODEL_QUALITY,
        step="quality",
        arguments=("--metric", success.metric, bound, "--rows", str(truth.rows)),
        every_hours=HOURS_OF_A_DAY,
        wait_days=truth.after_days,
        reads=(_captured(stack), Daily("labels", labels, (stack.use_case.name,), LABELLED)),
        metrics=MODEL_QUALITY,
    )


def _captured(stack: UseCaseStack) -> Daily:
    """Of the version that serves: the baseline is its own, and no other one's."""
    return Daily("captured", stack.foundation.layout.captured(stack.fixed_name), (VARIANT,), "requests")


class OwnMonitor:
    """State machine, what starts it, and the alarm that says when watching fails."""

    def __init__(self, stack: UseCaseStack, task: Task, code: Code) -> None:
        self._stack = stack
        self._task = task
        self._code = code
        self._foundation = stack.foundation
        self._resources = stack.deployment.monitoring
        self.schedule_name = f"{stack.fixed_name}-{task.name}"
        self.namespace = stack.place.metrics(task.metrics)
        self.dimensions = {"Endpoint" if task.is_scheduled else "Batch": stack.fixed_name}
        self.every_hours = task.every_hours

    def create(self, version: str) -> list[cdk.CfnResource]:
        """Compares with the baseline of a model version."""
        machine = self._create_machine(version)
        schedules = [self._create_schedule(machine)] if self._task.is_scheduled else []
        return [machine, *schedules, self._create_failure_alarm(machine)]

    def metric(self, name: str, statistic: str) -> Metric:
        """One that the job publishes."""
        return Metric(self.namespace, name, self.dimensions, statistic, self.every_hours * HOUR)

    def _create_machine(self, version: str) -> stepfunctions.CfnStateMachine:
        stack, watching = self._stack, self._foundation.watching
        definition = monitor_machine(self._watch(version), self._job())
        return stepfunctions.CfnStateMachine(
            stack,
            f"{self._task.id_prefix}Monitor",
            state_machine_name=self.schedule_name,
            role_arn=arn_of(watching.machine),
            definition_string=json_text(definition),
            logging_configuration=logged_in(watching.log_group_arn),
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=True),
        )

    def _watch(self, version: str) -> Watch:
        layout, use_case, task = self._foundation.layout, self._stack.use_case.name, self._task
        return Watch(
            name=self._stack.fixed_name,
            step=task.step,
            arguments=task.arguments,
            wait_days=task.wait_days,
            window_hours=task.every_hours if task.is_scheduled else None,
            reads=task.reads,
            versions=Zone(layout.models.bucket, layout.models.key(use_case)),
            version=version if task.is_scheduled else None,
            reports=Zone(layout.monitoring.bucket, layout.monitoring.key(use_case, task.folder)),
            namespace=self.namespace,
        )

    def _job(self) -> MonitoringJob:
        foundation, stack = self._foundation, self._stack
        return MonitoringJob(
            image=stack.image,
            code=self._code,
            role_arn=arn_of(foundation.job_roles.monitor),
            instance_type=self._resources.instance_type,
            settings=JobSettings(
                kms_key_arn=foundation.key_arn,
                subnet_ids=foundation.network.subnet_ids,
                security_group_ids=foundation.network.security_group_ids,
                volume_size_gb=VOLUME_GB,
                max_runtime_seconds=MAX_RUNTIME_SECONDS,
            ),
            tags=stack.job_tags,
        )

    def _create_schedule(self, machine: stepfunctions.CfnStateMachine) -> scheduler.CfnSchedule:
        return started_by_schedule(
            machine,
            self._foundation.watching.schedule,
            f"{self._task.id_prefix}Schedule",
            expression=schedule_expression(self._task.every_hours),
            given=WHEN,
            undelivered=None,
            description=f"Compares {self._task.what}",
        )

    def _create_failure_alarm(self, machine: stepfunctions.CfnStateMachine) -> cdk.CfnResource:
        return failure_alarm(
            self._stack,
            f"{self._task.id_prefix}MonitorFailed",
            machine,
            alert_topic_arn=self._foundation.alert_topic_arn,
            description=f"Nobody compared {self._task.what}: the monitor did not succeed",
        )


def schedule_expression(every_hours: int) -> str:
    """One minute before the end of each window of so many hours: its time then is in the last of them."""
    hours = ",".join(str(hour) for hour in range(every_hours - 1, 24, every_hours))
    return f"cron(59 {'*' if every_hours == 1 else hours} * * ? *)"
