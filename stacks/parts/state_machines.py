"""What state machines have in common: every execution is logged with all its data."""

import json
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from stacks.parts.alarms import AT_LEAST, create_alarm
from stacks.parts.metrics import HOUR, MathExpression, Metric
from stacks.permissions.roles import arn_of

INGESTION = "ingest"
"""The last part of the name of a use case's machine that brings deliveries, and of its schedule."""
RETRAINING = "retrain"
"""The same of the machine that trains anew."""
BATCH = "batch"
"""The same of the machine that has a batch of rows predicted, and of its schedule."""
BATCH_MONITOR = f"{BATCH}-monitor"
"""The same of the machine that compares a batch's rows, which ends as those of all monitors do."""
WHEN = {"time": "<aws.scheduler.scheduled-time>"}
"""The input that says for which moment a schedule has started a machine."""


def log_group_of_machines(name: str) -> str:
    """A name for which log delivery needs no line in the account's log policy, which holds 5,120 characters.

    https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    """
    return f"/aws/vendedlogs/states/{name}"


def logged_in(log_group_arn: str) -> stepfunctions.CfnStateMachine.LoggingConfigurationProperty:
    machine = stepfunctions.CfnStateMachine
    return machine.LoggingConfigurationProperty(
        level="ALL",
        include_execution_data=True,
        destinations=[
            machine.LogDestinationProperty(
                cloud_watch_logs_log_group=machine.CloudWatchLogsLogGroupProperty(log_group_arn=log_group_arn)
            )
        ],
    )


def started_by_rule(
    machine: stepfunctions.CfnStateMachine,
    role: iam.Role,
    undelivered: sqs.IQueue,
    *,
    paths: Mapping[str, str],
    template: str,
) -> list[events.CfnRule.TargetProperty]:
    """What a rule starts: the machine, with an input made from the event by a template with these paths."""
    rule = events.CfnRule
    return [
        rule.TargetProperty(
            id="Target0",
            arn=machine.attr_arn,
            role_arn=arn_of(role),
            dead_letter_config=rule.DeadLetterConfigProperty(arn=undelivered.queue_arn),
            retry_policy=rule.RetryPolicyProperty(maximum_retry_attempts=3),
            input_transformer=rule.InputTransformerProperty(
                input_paths_map=dict(paths), input_template=template
            ),
        )
    ]


def started_by_schedule(
    machine: stepfunctions.CfnStateMachine,
    role: iam.Role,
    construct_id: str,
    *,
    expression: str,
    given: Mapping[str, str],
    undelivered: sqs.IQueue | None,
    description: str,
) -> scheduler.CfnSchedule:
    """A schedule in UTC with the machine's name, which tries for an hour to start it with this input."""
    schedule = scheduler.CfnSchedule
    kept = schedule.DeadLetterConfigProperty(arn=undelivered.queue_arn) if undelivered else None
    return schedule(
        cdk.Stack.of(machine),
        construct_id,
        name=machine.state_machine_name,
        description=description,
        schedule_expression=expression,
        schedule_expression_timezone="UTC",
        flexible_time_window=schedule.FlexibleTimeWindowProperty(mode="OFF"),
        target=schedule.TargetProperty(
            arn=machine.attr_arn,
            role_arn=arn_of(role),
            input=json.dumps(given),
            dead_letter_config=kept,
            retry_policy=schedule.RetryPolicyProperty(
                maximum_event_age_in_seconds=3600, maximum_retry_attempts=5
            ),
        ),
    )


def failure_alarm(
    scope: Construct,
    construct_id: str,
    machine: stepfunctions.CfnStateMachine,
    *,
    alert_topic_arn: str,
    description: str,
) -> cloudwatch.CfnAlarm:
    """Tells of an execution that does not succeed, whoever or whatever has ended it.

    https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
    """
    dimensions = {"StateMachineArn": machine.attr_arn}
    ended = {
        name.lower(): Metric("AWS/States", f"Executions{name}", dimensions, "Sum", HOUR)
        for name in ("Failed", "TimedOut", "Aborted")
    }
    without_success = MathExpression("SUM(METRICS())", ended, "Executions without success")
    return create_alarm(
        scope,
        construct_id,
        without_success,
        AT_LEAST,
        1,
        description=description,
        actions=[alert_topic_arn],
    )
