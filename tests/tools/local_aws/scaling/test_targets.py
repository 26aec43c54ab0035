"""A target stays within its limits, changes once at a time, and waits where AWS does."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.local_aws.cloudwatch.alarm_states import AlarmRule
from tools.local_aws.scaling.policies import StepScaling, TargetTracking
from tools.local_aws.scaling.schedule import Schedule
from tools.local_aws.scaling.targets import Limits, ScalableTarget, ScheduledAction

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
START = timedelta(minutes=5)


def _target(limits: Limits, **more: Any) -> ScalableTarget:
    policy = TargetTracking(100, **more)
    return ScalableTarget(limits, {"load": policy}, start=START)


def _bear(target: ScalableTarget, loads: list[int]) -> list[int]:
    """Requests per minute, divided by the instances that are there; the capacity after each minute."""
    found = []
    for number, load in enumerate(loads, 1):
        target.minute(MONDAY + number * MINUTE, {"load": load / max(target.in_service, 1)})
        found.append(target.capacity)
    return found


def test_a_jump_is_answered_after_three_minutes_and_borne_when_instances_have_started() -> None:
    target = _target(Limits(2, 9), scale_out_cooldown=60)
    assert _bear(target, [150] * 5 + [600] * 3) == [2] * 7 + [6]
    assert target.in_service == 2
    _bear(target, [600] * 5)
    assert [(each.before, each.after) for each in target.activities] == [(2, 6)]
    (activity,) = target.activities
    assert activity.ended - activity.began == START


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 1500), min_size=20, max_size=120), st.integers(0, 2), st.integers(3, 6))
def test_capacity_stays_within_limits_and_changes_once_at_a_time(
    loads: list[int], least: int, most: int
) -> None:
    target = _target(Limits(least, most))
    assert all(least <= capacity <= most for capacity in _bear(target, loads))
    changes = target.activities
    assert all(first.ended <= second.began for first, second in pairwise(changes))
    for first, second in pairwise(changes):
        if second.added < 0 and first.added < 0:
            assert second.began >= first.ended + timedelta(seconds=300)


def test_scaling_out_does_not_wait_for_the_cooldown_of_scaling_in() -> None:
    target = _target(Limits(1, 9), scale_in_cooldown=3600)
    _bear(target, [800] * 12 + [400] * 20 + [900] * 4)
    assert [each.after for each in target.activities] == [8, 4, 9]


def test_scaling_in_waits_for_the_end_of_its_cooldown() -> None:
    target = _target(Limits(1, 9), scale_in_cooldown=3600)
    _bear(target, [800] * 12 + [400] * 20)
    first = target.activities[-1]
    for minute in range(1, 80):
        target.minute(first.began + minute * MINUTE, {"load": 100 / target.capacity})
    assert [(each.before, each.after) for each in target.activities[1:]] == [(8, 4), (4, 1)]
    assert target.activities[-1].began - first.ended == timedelta(hours=1)


def test_in_a_cooldown_only_a_larger_step_adds_and_only_what_is_more() -> None:
    """AWS's own example: 2 were added, 3 are wanted, so 1 comes."""
    steps = [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 2},
        {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 3},
    ]
    alarm = AlarmRule("GreaterThanOrEqualToThreshold", 50, 1, 1)
    policy = StepScaling(alarm, {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps})
    target = ScalableTarget(Limits(1, 20), {"step": policy})
    capacities = []
    for number, value in enumerate([50, 50, 60, 50], 1):
        target.minute(MONDAY + number * MINUTE, {"step": value})
        capacities.append(target.capacity)
    assert capacities == [3, 3, 4, 4]


def test_of_two_policies_the_larger_capacity_counts() -> None:
    policies = {"a": TargetTracking(100), "b": TargetTracking(100)}
    target, now = ScalableTarget(Limits(1, 9), policies), MONDAY
    # What one would give back the other one still needs.
    for a, b, minutes, capacity in ((200, 400, 3, 4), (40, 380, 40, 4), (40, 190, 40, 2)):
        for _ in range(minutes):
            now += MINUTE
            target.minute(now, {"a": a / target.capacity, "b": b / target.capacity})
        assert target.capacity == capacity


def test_a_scheduled_action_moves_the_limits_and_what_is_outside_of_them() -> None:
    rest, work = (
        ScheduledAction(Schedule.of(f"cron(0 {hour} ? * MON-FRI *)", "Europe/Berlin"), limits)
        for hour, limits in ((19, Limits(1, 1)), (7, Limits(2, 4)))
    )
    target = ScalableTarget(Limits(2, 4), {"load": TargetTracking(100)}, (rest, work))
    # In winter Berlin is an hour ahead.
    hours = {17: 2, 18: 1, 29: 1, 30: 2}
    for minute in range(31 * 60):
        target.minute(MONDAY + minute * MINUTE, {"load": 95.0})
        if minute % 60 == 59 and minute // 60 in hours:
            assert target.capacity == hours[minute // 60], minute // 60


@pytest.mark.parametrize(
    ("expression", "moment", "strikes"),
    [
        ("cron(*/15 8-10 ? * MON,WED *)", "2026-03-02T08:45", True),
        ("cron(*/15 8-10 ? * MON,WED *)", "2026-03-02T08:46", False),
        ("cron(*/15 8-10 ? * MON,WED *)", "2026-03-03T08:45", False),
        ("cron(0 0 1/14 MAR ? 2026)", "2026-03-15T00:00", True),
        ("cron(0 0 1/14 MAR ? 2026)", "2026-03-16T00:00", False),
        ("cron(0 0 */14 MAR ? *)", "2026-03-15T00:00", True),
        ("cron(0 0 */14 MAR ? *)", "2026-03-14T00:00", False),
        ("cron(30 23 ? * 1 *)", "2026-03-08T23:30", True),
    ],
)
def test_cron_expressions_strike_as_aws_says(expression: str, moment: str, strikes: bool) -> None:
    assert Schedule.of(expression).strikes(datetime.fromisoformat(f"{moment}+00:00")) == strikes


@pytest.mark.parametrize("expression", ["rate(1 hour)", "cron(0 0 L * ? *)", "cron(0 0 * * *)"])
def test_what_is_not_carried_out_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="The embedded AWS"):
        Schedule.of(expression)
