"""What alarms have in common: somebody hears of them."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns


def told_to(topic: sns.ITopic, alarm: cloudwatch.Alarm) -> cloudwatch.CfnAlarm:
    """Let the alarm notify a topic; returns its resource, which may exist on a condition only."""
    alarm.add_alarm_action(actions.SnsAction(topic))
    resource = alarm.node.default_child
    assert isinstance(resource, cloudwatch.CfnAlarm)
    return resource
