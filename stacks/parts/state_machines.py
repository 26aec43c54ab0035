"""What state machines have in common: every execution is logged with all its data."""

from aws_cdk import aws_stepfunctions as stepfunctions

INGESTION = "ingest"
"""The last part of the name of a use case's machine that brings deliveries, and of its schedule."""


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
