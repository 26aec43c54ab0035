"""What somebody has changed beside CloudFormation is seen by a role that only reads."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kept_rehearsal import Kept

NAME = "dev-house-prices"
pytestmark = pytest.mark.changes_the_rehearsal


@pytest.fixture
def changed_by_hand(kept: Kept) -> Iterator[str]:
    """An alarm whose threshold somebody has moved in the console."""
    cloudwatch = kept.client("cloudwatch")
    pages = kept.client("cloudformation").get_paginator("list_stack_resources")
    name = next(
        each["PhysicalResourceId"]
        for page in pages.paginate(StackName=f"{NAME}-serving")
        for each in page["StackResourceSummaries"]
        if each["LogicalResourceId"].startswith("Latency")
    )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    members = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    declared = {key: value for key, value in alarm.items() if key in members}
    cloudwatch.put_metric_alarm(**{**declared, "Threshold": alarm["Threshold"] * 2})
    yield name
    cloudwatch.put_metric_alarm(**declared)


def _drift(kept: Kept, report: Path) -> Any:
    assembly = kept.folder / "cdk.out" / "assembly-dev"
    return kept.run(sys.executable, "-m", "tools.drift", str(assembly), "--report", str(report))


def test_nothing_has_drifted_after_a_models_life_and_what_somebody_has_changed_is_named(
    kept: Kept, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = _drift(kept, tmp_path / "before.txt")
    assert found.returncode == 0, found.stdout
    request.getfixturevalue("changed_by_hand")
    found = _drift(kept, tmp_path / "after.txt")
    assert found.returncode == 1
    report = (tmp_path / "after.txt").read_text("utf-8")
    assert report in found.stdout
    assert "Threshold" in report
    assert "Number of resources with drift: 1" in report
