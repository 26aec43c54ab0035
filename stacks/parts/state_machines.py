"""What state machines have in common: every execution is logged with all its data."""

from aws_cdk import aws_stepfunctions as stepfunctions


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
