"""What somebody has changed beside CloudFormation is seen by a role that only reads."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kept_rehearsal import Kept

NAME = "dev-house-prices"
pytestmark = pytest.mark.puts_the_rehearsal_back


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


def _drift(kept: Kept, report: Path, app: Path | None = None) -> Any:
    assembly = (app or kept.folder / "cdk.out") / "assembly-dev"
    return kept.run(sys.executable, "-m", "tools.drift", str(assembly), "--report", str(report))


def _synthesized_with(kept: Kept, app: Path, names: str) -> Path:
    """The same templates, for stacks that match a pattern under a name that nobody has deployed."""
    shutil.copytree(kept.folder / "cdk.out", app)
    manifest = app / "assembly-dev" / "manifest.json"
    renamed = re.sub(rf'("stackName": "){names}"', r'\1later"', manifest.read_text("utf-8"))
    manifest.write_text(renamed, "utf-8")
    return app


def test_a_stack_that_nobody_has_deployed_yet_is_told_and_the_others_are_looked_at(
    kept: Kept, tmp_path: Path
) -> None:
    app = _synthesized_with(kept, tmp_path / "app", f"{NAME}-monitoring")
    found = _drift(kept, tmp_path / "drift.txt", app)
    assert found.returncode == 0, found.stdout
    assert found.stdout.startswith("Not deployed: dev/house-prices-monitoring\n")
    assert "Stack dev/house-prices-serving" in found.stdout
    assert (tmp_path / "drift.txt").read_text("utf-8") == found.stdout


def test_where_nothing_is_deployed_it_does_not_say_that_all_is_well(kept: Kept, tmp_path: Path) -> None:
    found = _drift(kept, tmp_path / "drift.txt", _synthesized_with(kept, tmp_path / "app", r"dev-[\w-]+"))
    assert found.returncode == 1
    assert "Not deployed: dev/network, " in found.stdout


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
