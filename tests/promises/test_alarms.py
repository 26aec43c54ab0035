"""Whoever hears of an alarm knows what it means and what to do."""

import re
from pathlib import Path

import pytest

from config.settings import Environment
from tests.stacks.cloud import Cloud

REPOSITORY = Path(__file__).resolve().parents[2]
RUNBOOK = "docs/operations.md"


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
