"""A monitor that needs only services that everybody has: a schedule, a state machine, a job of ours."""

import json

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as stepfunctions

from stacks.foundation.watching import STATE_MACHINE
from stacks.monitoring.machine import MonitoringJob, Watch, monitor_machine
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.layout import DATA_QUALITY, Zone
from stacks.parts.place import ENVIRONMENT, USE_CASE
from stacks.parts.state_machines import logged_in
from stacks.serving.stack import VARIANT
from stacks.use_case_stack import UseCaseStack

VOLUME_GB = 20
# With the wait for captured data it ends before the next one starts.
MAX_RUNTIME_SECONDS = 2400


class OwnMonitor:
    """State machine, schedule, and the alarm that says when watching fails."""

    def __init__(self, stack: UseCaseStack) -> None:
        self._stack = stack
        self._foundation = stack.foundation
        self._resources = stack.deployment.monitoring
        self.schedule_name = f"{stack.fixed_name}-{STATE_MACHINE}"
        self.namespace = stack.place.metrics(DATA_QUALITY)
        self.dimensions = {"Endpoint": stack.fixed_name}

    def create(self, version: str) -> list[cdk.CfnResource]:
        """Compares with the baseline of a model version."""
        machine = self._create_machine(version)
        return [machine, self._create_schedule(machine), self._create_failure_alarm(machine)]

    def _create_machine(self, version: str) -> stepfunctions.CfnStateMachine:
        stack, watching = self._stack, self._foundation.watching
        definition = monitor_machine(self._watch(version), self._job())
        return stepfunctions.CfnStateMachine(
            stack,
            "Monitor",
            state_machine_name=self.schedule_name,
            role_arn=watching.machine.role_arn,
            definition_string=stack.to_json_string(definition),
            logging_configuration=logged_in(watching.log_group_arn),
            tracing_configuration=stepfunctions.CfnStateMachine.TracingConfigurationProperty(enabled=True),
        )

    def _watch(self, version: str) -> Watch:
        layout, use_case = self._foundation.layout, self._stack.use_case.name
        return Watch(
            endpoint=self._stack.fixed_name,
            variant=VARIANT,
            window_hours=self._resources.every_hours,
            captured=layout.captured,
            baseline_uri=layout.models.uri(use_case, version, DATA_QUALITY, ""),
            reports=Zone(layout.monitoring.bucket, layout.monitoring.key(use_case, DATA_QUALITY)),
            namespace=self.namespace,
        )

    def _job(self) -> MonitoringJob:
        foundation, stack = self._foundation, self._stack
        return MonitoringJob(
            image=stack.images.xgboost,
            code=Code.uploaded(stack),
            role_arn=foundation.job_roles.monitor.role_arn,
            instance_type=self._resources.instance_type,
            settings=JobSettings(
                kms_key_arn=foundation.key.key_arn,
                subnet_ids=foundation.network.subnet_ids,
                security_group_ids=foundation.network.security_group_ids,
                volume_size_gb=VOLUME_GB,
                max_runtime_seconds=MAX_RUNTIME_SECONDS,
            ),
            # Of what a state machine starts, nothing else says what it costs whom.
            tags={
                **stack.settings.tags,
                ENVIRONMENT: stack.settings.prefix,
                USE_CASE: stack.use_case.name,
            },
        )

    def _create_schedule(self, machine: stepfunctions.CfnStateMachine) -> scheduler.CfnSchedule:
        schedule = scheduler.CfnSchedule
        return schedule(
            self._stack,
            "Schedule",
            name=self.schedule_name,
            description=f"Compares the traffic of {self._stack.fixed_name} with its training data",
            schedule_expression=schedule_expression(self._resources.every_hours),
            schedule_expression_timezone="UTC",
            flexible_time_window=schedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=schedule.TargetProperty(
                arn=machine.attr_arn,
                role_arn=self._foundation.watching.schedule.role_arn,
                input=json.dumps({"time": "<aws.scheduler.scheduled-time>"}),
                retry_policy=schedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=5
                ),
            ),
        )

    def _create_failure_alarm(self, machine: stepfunctions.CfnStateMachine) -> cdk.CfnResource:
        failed = cloudwatch.Metric(
            namespace="AWS/States",
            metric_name="ExecutionsFailed",
            dimensions_map={"StateMachineArn": machine.attr_arn},
            statistic="Sum",
            period=cdk.Duration.hours(1),
        )
        alarm = failed.create_alarm(
            self._stack,
            "MonitorFailed",
            alarm_description=f"Nobody compared the traffic of {self._stack.fixed_name}: its monitor failed",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self._foundation.alert_topic))
        resource = alarm.node.default_child
        assert isinstance(resource, cdk.CfnResource)
        return resource


def schedule_expression(every_hours: int) -> str:
    """One minute before the end of each window of so many hours: its time then is in the last of them."""
    hours = ",".join(str(hour) for hour in range(every_hours - 1, 24, every_hours))
    return f"cron(59 {'*' if every_hours == 1 else hours} * * ? *)"
