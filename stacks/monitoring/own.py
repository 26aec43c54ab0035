"""Monitors that need only services that everybody has: a schedule, a state machine, a job of ours."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as stepfunctions

from config.settings import GroundTruth
from stacks.foundation.watching import STATE_MACHINE
from stacks.monitoring.machine import Daily, MonitoringJob, Watch, monitor_machine
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.layout import DATA_QUALITY, MODEL_QUALITY, Zone
from stacks.parts.state_machines import WHEN, failure_alarm, logged_in, started_by_schedule
from stacks.parts.states import HOURS_OF_A_DAY
from stacks.serving.variants import VARIANT
from stacks.use_case_stack import UseCaseStack

LABELLED = "labelled_rows"
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
    """For people: what the traffic is compared with."""
    folder: str
    """Of its reports, and the last part of its metrics' namespace."""
    step: str
    arguments: tuple[str, ...]
    every_hours: int
    wait_days: int
    reads: tuple[Daily, ...]


def data_quality(stack: UseCaseStack) -> Task:
    """Requests and answers against the rows that the model has learnt from."""
    return Task(
        name=STATE_MACHINE,
        id_prefix="",
        what="its training data",
        folder=DATA_QUALITY,
        step="monitor",
        arguments=(),
        every_hours=stack.deployment.monitoring.every_hours,
        wait_days=0,
        reads=(_captured(stack),),
    )


def model_quality(stack: UseCaseStack, truth: GroundTruth) -> Task:
    """A day's answers against what really happened, some days later."""
    success, labels = stack.use_case.success, stack.foundation.layout.ground_truth
    bound = f"--{success.comparison.replace('_', '-')}={float(success.threshold)!r}"
    return Task(
        name=MODEL_QUALITY,
        id_prefix="Quality",
        what="what really happened",
        folder=MODEL_QUALITY,
        step="quality",
        arguments=("--metric", success.metric, bound, "--rows", str(truth.rows)),
        every_hours=HOURS_OF_A_DAY,
        wait_days=truth.after_days,
        reads=(_captured(stack), Daily("labels", labels, (stack.use_case.name,), LABELLED)),
    )


def _captured(stack: UseCaseStack) -> Daily:
    """Of the version that serves: the baseline is its own, and no other one's."""
    return Daily("captured", stack.foundation.layout.captured(stack.fixed_name), (VARIANT,), "requests")


class OwnMonitor:
    """State machine, schedule, and the alarm that says when watching fails."""

    def __init__(self, stack: UseCaseStack, task: Task, code: Code) -> None:
        self._stack = stack
        self._task = task
        self._code = code
        self._foundation = stack.foundation
        self._resources = stack.deployment.monitoring
        self.schedule_name = f"{stack.fixed_name}-{task.name}"
        self.namespace = stack.place.metrics(task.folder)
        self.dimensions = {"Endpoint": stack.fixed_name}
        self.every_hours = task.every_hours

    def create(self, version: str) -> list[cdk.CfnResource]:
        """Compares with the baseline of a model version."""
        machine = self._create_machine(version)
        return [machine, self._create_schedule(machine), self._create_failure_alarm(machine)]

    def _create_machine(self, version: str) -> stepfunctions.CfnStateMachine:
        stack, watching = self._stack, self._foundation.watching
        definition = monitor_machine(self._watch(version), self._job())
        return stepfunctions.CfnStateMachine(
            stack,
            f"{self._task.id_prefix}Monitor",
            state_machine_name=self.schedule_name,
            role_arn=watching.machine.role_arn,
            definition_string=stack.to_json_string(definition),
            logging_configuration=logged_in(watching.log_group_arn),
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=True),
        )

    def _watch(self, version: str) -> Watch:
        layout, use_case, task = self._foundation.layout, self._stack.use_case.name, self._task
        return Watch(
            endpoint=self._stack.fixed_name,
            step=task.step,
            arguments=task.arguments,
            wait_days=task.wait_days,
            window_hours=task.every_hours,
            reads=task.reads,
            baseline_uri=layout.models.uri(use_case, version, ""),
            reports=Zone(layout.monitoring.bucket, layout.monitoring.key(use_case, task.folder)),
            namespace=self.namespace,
        )

    def _job(self) -> MonitoringJob:
        foundation, stack = self._foundation, self._stack
        return MonitoringJob(
            image=stack.image,
            code=self._code,
            role_arn=foundation.job_roles.monitor.role_arn,
            instance_type=self._resources.instance_type,
            settings=JobSettings(
                kms_key_arn=foundation.key.key_arn,
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
            description=f"Compares the traffic of {self._stack.fixed_name} with {self._task.what}",
        )

    def _create_failure_alarm(self, machine: stepfunctions.CfnStateMachine) -> cdk.CfnResource:
        return failure_alarm(
            self._stack,
            f"{self._task.id_prefix}MonitorFailed",
            machine,
            topic=self._foundation.alert_topic,
            description=(
                f"Nobody compared the traffic of {self._stack.fixed_name} with {self._task.what}: "
                "the monitor did not succeed"
            ),
        )


def schedule_expression(every_hours: int) -> str:
    """One minute before the end of each window of so many hours: its time then is in the last of them."""
    hours = ",".join(str(hour) for hour in range(every_hours - 1, 24, every_hours))
    return f"cron(59 {'*' if every_hours == 1 else hours} * * ? *)"
