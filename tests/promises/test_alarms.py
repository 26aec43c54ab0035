"""Whoever hears of an alarm knows what it means and what to do."""

import re
from pathlib import Path

import pytest

from config.settings import Environment
from tests.stacks.cloud import Cloud
from tests.stacks.roles import roles_of

REPOSITORY = Path(__file__).resolve().parents[2]
RUNBOOK = "docs/operations.md"
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    """What the runbook says below each heading of an alarm, by the heading's anchor."""
    _, *parts = re.split(r"(?m)^#+ (.+)$", (REPOSITORY / RUNBOOK).read_text("utf-8"))
    return {title.lower(): text for title, text in zip(parts[::2], parts[1::2], strict=True)}


def test_every_alarm_links_to_its_section_of_the_runbook(
    cloud: Cloud, environments: dict[str, Environment], sections: dict[str, str]
) -> None:
    for alarm in cloud.of_type("AWS::CloudWatch::Alarm"):
        delivery = environments[alarm.template.environment].delivery
        repository = f"https://github.com/{delivery.github_repository}/blob/HEAD/" if delivery else ""
        told, _, link = alarm.get("AlarmDescription").partition(". What to do: ")
        assert told, alarm
        address, _, anchor = link.partition("#")
        assert address == f"{repository}{RUNBOOK}", alarm
        assert "\nDo: " in sections.get(anchor, ""), alarm
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        assert len(alarm.get("AlarmDescription")) <= 1024, alarm


def test_alarms_look_back_no_further_than_cloudwatch_does(cloud: Cloud) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html."""
    for alarm in cloud.of_type("AWS::CloudWatch::Alarm"):
        measured = [each["MetricStat"] for each in alarm.get("Metrics") or () if "MetricStat" in each]
        (period,) = {each["Period"] for each in measured} or {alarm.get("Period")}
        assert period in (10, 20, 30) or period % MINUTE == 0, alarm
        most = 7 * DAY if period >= HOUR else DAY
        assert period * alarm.get("EvaluationPeriods") <= most, alarm


def test_a_channel_of_slack_hears_of_every_alarm_and_can_ask_for_nothing(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    """AWS's default lets it do whatever its role may, and whoever is in the channel with it."""
    channels = cloud.of_type("AWS::Chatbot::SlackChannelConfiguration")
    wanted = {name for name, environment in environments.items() if environment.alerts.slack}
    assert {each.template.environment for each in channels} == wanted
    roles = {str(role.resource): role for role in roles_of(cloud)}
    for channel in channels:
        slack = environments[channel.template.environment].alerts.slack
        assert slack, channel
        assert (channel.get("SlackWorkspaceId"), channel.get("SlackChannelId")) == (
            slack.workspace,
            slack.channel,
        )
        assert channel.get("GuardrailPolicies") == ["arn:aws:iam::aws:policy/AWSDenyAll"], channel
        assert channel.get("UserRoleRequired") is False, channel
        # Its log group would have no key, and be in another region.
        assert channel.get("LoggingLevel") == "NONE", channel
        role = roles[str(cloud.the_one(channel, "IamRoleArn"))]
        assert not list(role.statements), role
        assert not role.resource.get("ManagedPolicyArns"), role
        topics = cloud.referenced(channel.template, channel.get("SnsTopicArns"))
        told = {
            str(topic)
            for alarm in channel.template.of_type("AWS::CloudWatch::Alarm")
            for topic in cloud.referenced(alarm.template, alarm.get("AlarmActions"))
        }
        assert {str(topic) for topic in topics} == told, channel
