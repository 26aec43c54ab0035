"""What alarms have in common: somebody hears of them, and learns where it says what to do."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns

from config.settings import Delivery
from stacks.parts.environment_stack import EnvironmentStack

RUNBOOK = "docs/operations.md"


def told_to(topic: sns.ITopic, alarm: cloudwatch.Alarm) -> cloudwatch.CfnAlarm:
    """Let the alarm notify a topic; returns its resource, which may exist on a condition only.

    The runbook has a section of the alarm's name.
    """
    alarm.add_alarm_action(actions.SnsAction(topic))
    resource = alarm.node.default_child
    assert isinstance(resource, cloudwatch.CfnAlarm)
    return explained(resource, alarm.node.path)


def explained(alarm: cloudwatch.CfnAlarm, path: str) -> cloudwatch.CfnAlarm:
    """End its description with a link to the section of its name, which the path in the app tells."""
    stack = cast(EnvironmentStack, cdk.Stack.of(alarm))
    name = path.removeprefix(stack.node.path).replace("/", "")
    section = f"{runbook(stack.settings.delivery)}#{name.lower()}"
    alarm.alarm_description = f"{alarm.alarm_description}. What to do: {section}"
    return alarm


def runbook(delivery: Delivery | None) -> str:
    """Its address, where the repository is known; otherwise its place in the repository."""
    where = f"https://github.com/{delivery.github_repository}/blob/HEAD/" if delivery else ""
    return f"{where}{RUNBOOK}"
