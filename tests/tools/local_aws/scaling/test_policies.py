"""What policies want is what AWS documents, and enough is enough whatever the load was."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.local_aws.cloudwatch.alarm_states import AlarmRule
from tools.local_aws.scaling.policies import StepScaling, TargetTracking

TRACKING = TargetTracking.of({"TargetValue": 600})
VALUES = st.lists(st.none() | st.integers(0, 10_000), max_size=17)


@pytest.mark.parametrize(
    ("values", "capacity", "wanted"),
    [
        ([1200, 1200], 2, 4),  # Fewer data than minutes, and all of them high.
        ([500, 1200, 1200], 2, 2),
        ([1200, 1200, 1200], 2, 4),
        ([601, 601, 601], 2, 3),
        ([600, 600, 600], 2, 2),
        ([300] * 14, 4, 2),
        ([600, *[300] * 14], 4, 4),
        ([300] * 15, 4, 2),
        # 90 % of the target is not below it, and one instance less would be too few.
        ([540] * 15, 40, 40),
        ([539] * 15, 4, 4),
        ([539] * 15, 40, 36),
        # The highest of these minutes has to fit.
        ([10] * 14 + [400], 4, 3),
        ([None] * 17, 4, 4),
        ([0] * 15, 1, 0),
        ([1200] * 3, 0, 2),
    ],
)
def test_target_tracking_wants_what_brings_the_metric_back(
    values: list[float | None], capacity: int, wanted: int
) -> None:
    assert TRACKING.wish(values, capacity) == wanted


@settings(max_examples=100, deadline=None)
@given(VALUES, st.integers(1, 50))
def test_target_tracking_never_wants_less_than_the_load_needs(
    values: list[float | None], capacity: int
) -> None:
    wanted = TRACKING.wish(values, capacity)
    assert wanted is not None
    # CloudWatch looks two minutes farther back for what is missing.
    of_low, of_high = ([value for value in values[-count:] if value is not None] for count in (17, 5))
    if wanted < capacity:
        assert max(of_low[-15:]) < 540
        assert max(of_low[-15:]) * capacity <= wanted * 600 * (1 + 1e-6)
    if wanted > capacity:
        assert min(of_high[-3:]) > 600
        assert (wanted - 1) * 600 < of_high[-1] * capacity <= wanted * 600 * (1 + 1e-6)


def test_a_policy_that_does_not_scale_in_has_no_say_in_it() -> None:
    outward = TargetTracking.of({"TargetValue": 600, "DisableScaleIn": True})
    assert outward.wish([10] * 15, 4) is None
    assert outward.wish([1200] * 3, 4) == 8


ABOVE = AlarmRule("GreaterThanOrEqualToThreshold", 50, 1, 1)
BELOW = AlarmRule("LessThanOrEqualToThreshold", 50, 1, 1)
STEPS = [
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 10},
    {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 30},
    {"MetricIntervalUpperBound": -10, "ScalingAdjustment": -30},
    {"MetricIntervalLowerBound": -10, "MetricIntervalUpperBound": 0, "ScalingAdjustment": -10},
]


@pytest.mark.parametrize(
    ("alarm", "kind", "value", "wanted"),
    [
        (ABOVE, "ChangeInCapacity", 49, None),
        (ABOVE, "ChangeInCapacity", 50, 20),
        (ABOVE, "ChangeInCapacity", 59.9, 20),
        (ABOVE, "ChangeInCapacity", 60, 40),
        (BELOW, "ChangeInCapacity", 49, 0),
        (BELOW, "ChangeInCapacity", 40, -20),
        (ABOVE, "ExactCapacity", 60, 30),
        # Of 10 instances 30 % are 3, 10 % one.
        (ABOVE, "PercentChangeInCapacity", 60, 13),
        (BELOW, "PercentChangeInCapacity", 40, 7),
        (ABOVE, "PercentChangeInCapacity", 50, 12),
    ],
)
def test_a_step_is_taken_by_how_far_the_metric_is_beyond_the_threshold(
    alarm: AlarmRule, kind: str, value: float, wanted: int | None
) -> None:
    configuration: dict[str, Any] = {"AdjustmentType": kind, "StepAdjustments": STEPS}
    if wanted == 12:
        configuration["MinAdjustmentMagnitude"] = 2
    assert StepScaling(alarm, configuration).wish([value], 10) == wanted
