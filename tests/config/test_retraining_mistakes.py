"""A model is trained anew by alarms that exist, on deliveries that can be found."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.config.conftest import Workspace

DEV, RENTS = "environments/dev", "use_cases/rents"
RETRAINING, MONITORING = "use_cases.rents.retraining", "use_cases.rents.monitoring"
BUCKET = {"name": "deliveries", "prefix": "rents/", "account": "999999999999"}


@pytest.mark.parametrize(
    ("retraining", "monitoring", "words"),
    [
        (
            {"alarms": ["quality"]},
            {},
            ["retraining.alarms", "nobody says what really happened", "ground_truth: {after_days: 7}"],
        ),
        ({}, {"engine": "none"}, ["retraining.alarms", "nothing watches the traffic"]),
        ({"alarms": []}, {}, ["retraining.alarms", "1 to 2 different alarms"]),
        ({"alarms": ["latency"]}, {}, ["retraining.alarms[0]", "drift, quality"]),
        ({"at_most_every_days": 0}, {}, ["at_most_every_days: 0", "at least 1 and at most 90"]),
        ({"approve_when_better_by": 0}, {}, ["approve_when_better_by: 0", "above 0"]),
        ({"because": "prices change"}, {}, ["retraining.because", "there is none", "approve_when_better_by"]),
    ],
)
def test_what_never_starts_a_training_is_told(
    workspace: "Workspace", retraining: dict[str, object], monitoring: dict[str, object], words: list[str]
) -> None:
    workspace.set(DEV, MONITORING, monitoring)
    workspace.set(DEV, RETRAINING, retraining)
    lines = workspace.mistakes()
    assert len(lines) == 1, lines
    assert all(word in lines[0] for word in words), lines


def test_deliveries_that_lie_in_another_account_are_told(workspace: "Workspace") -> None:
    workspace.set(DEV, RETRAINING, {})
    workspace.set(RENTS, "source", {"bucket": BUCKET})
    (line,) = workspace.mistakes()
    assert "source.bucket" in line
    assert "environments/dev.yaml retrains on the newest delivery" in line


def test_where_a_rule_approves_in_production_somebody_says_why(workspace: "Workspace") -> None:
    workspace.set(DEV, "termination_protection", True)
    workspace.set(DEV, RETRAINING, {"approve_when_better_by": 0.02})
    (line,) = [line for line in workspace.mistakes() if "retraining" in line]
    assert "approve_when_better_by: 0.02" in line
    assert "no person has looked at" in line
    workspace.set(DEV, RETRAINING, {"approve_when_better_by": 0.02, "because": "prices change every week"})
    assert not [line for line in workspace.mistakes() if "retraining" in line]


def test_a_rule_looks_only_at_what_the_retraining_has_started(workspace: "Workspace") -> None:
    workspace.set(DEV, RETRAINING, {"approve_when_better_by": 0.02})
    workspace.set(RENTS, "source", {"bucket": BUCKET, "schedule": "rate(1 day)"})
    (line,) = [line for line in workspace.mistakes() if "by rule" in line]
    assert "another machine trains" in line
    assert "remove approve_when_better_by" in line


def test_where_a_number_is_pinned_a_rule_would_approve_once_and_never_again(workspace: "Workspace") -> None:
    workspace.set(DEV, "use_cases.rents.model", 7)
    workspace.set(DEV, RETRAINING, {"approve_when_better_by": 0.02})
    (line,) = workspace.mistakes()
    assert "approve_when_better_by: 0.02" in line
    assert "would approve once: version 7 stays live" in line
    assert "latest-approved" in line


def test_drift_asks_once_a_week_when_nothing_else_is_said(workspace: "Workspace") -> None:
    workspace.set(DEV, RETRAINING, {})
    retraining = workspace.load().environments[0].use_cases["rents"].retraining
    assert retraining is not None
    assert (retraining.alarms, retraining.at_most_every_days) == (("drift",), 7)
    assert retraining.approve_when_better_by is None
