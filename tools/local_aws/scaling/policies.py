"""How many instances a scaling policy wants, from what its metric was in the last minutes. Pure.

Sources: https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
and https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tools.local_aws.cloudwatch.alarm_states import ALARM, INSUFFICIENT_DATA, AlarmRule, judge

Members = Mapping[str, Any]
Values = Sequence[float | None]
"""What a metric was in each minute, the newest last; None where there was no data."""
# What the alarms are that Application Auto Scaling makes for a variant of an endpoint:
# https://repost.aws/questions/QUf450Wsd9RROGGOIwaolN9w/sagemaker-autoscaling-delay
_MINUTES_HIGH, _MINUTES_LOW, _LOW = 3, 15, 0.9
# Of endpoint variants, where a policy says nothing:
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
_COOLDOWN = 300
_ROUNDING = 1e-9


class Policy(Protocol):
    """What changes the capacity of a scalable target."""

    @property
    def minutes(self) -> int:
        """How many values it looks at."""

    def wish(self, values: Values, capacity: int) -> int | None:
        """The capacity that it wants; None where it has no say."""

    def cooldown(self, *, is_out: bool) -> int:
        """The seconds after an activity that it has started."""


@dataclass(frozen=True)
class TargetTracking:
    """Keeps a metric, which falls as capacity grows, near a value."""

    target: float
    scale_in_cooldown: int = _COOLDOWN
    scale_out_cooldown: int = _COOLDOWN
    scales_in: bool = True

    @classmethod
    def of(cls, configuration: Members) -> "TargetTracking":
        """From a TargetTrackingScalingPolicyConfiguration."""
        return cls(
            float(configuration["TargetValue"]),
            int(configuration.get("ScaleInCooldown", _COOLDOWN)),
            int(configuration.get("ScaleOutCooldown", _COOLDOWN)),
            not configuration.get("DisableScaleIn", False),
        )

    @property
    def minutes(self) -> int:
        return self._low.periods_looked_at

    @property
    def _high(self) -> AlarmRule:
        return AlarmRule("GreaterThanThreshold", self.target, _MINUTES_HIGH, _MINUTES_HIGH)

    @property
    def _low(self) -> AlarmRule:
        return AlarmRule("LessThanThreshold", _LOW * self.target, _MINUTES_LOW, _MINUTES_LOW)

    def wish(self, values: Values, capacity: int) -> int | None:
        """As many as bring the metric back: by its last value when it is high, later when it is low.

        AWS says that scaling in is more gradual, not how: here by the highest of those minutes.
        """
        if _rings(self._high, values):
            return max(capacity, self._enough(_given(self._high, values)[-1], capacity))
        if not self.scales_in:
            return None
        if not _rings(self._low, values):
            return capacity
        return min(capacity, self._enough(max(_given(self._low, values)), capacity))

    def _enough(self, value: float, capacity: int) -> int:
        return math.ceil(max(capacity, 1) * value / self.target - _ROUNDING)

    def cooldown(self, *, is_out: bool) -> int:
        return self.scale_out_cooldown if is_out else self.scale_in_cooldown


@dataclass(frozen=True)
class StepScaling:
    """Adds or removes capacity by how far an alarm's metric is beyond its threshold."""

    alarm: AlarmRule
    configuration: Members
    """A StepScalingPolicyConfiguration."""

    @property
    def minutes(self) -> int:
        return self.alarm.periods_looked_at

    def wish(self, values: Values, capacity: int) -> int | None:
        if not _rings(self.alarm, values):
            return None
        beyond = self._aggregated(_given(self.alarm, values)) - self.alarm.threshold
        for step in self.configuration["StepAdjustments"]:
            if _is_within(step, beyond):
                return self._adjusted(capacity, step["ScalingAdjustment"])
        return None

    def _aggregated(self, values: Sequence[float]) -> float:
        newest = values[-self.alarm.evaluation_periods :]
        how = self.configuration.get("MetricAggregationType", "Average")
        return {"Minimum": min, "Maximum": max}.get(how, lambda each: sum(each) / len(each))(newest)

    def _adjusted(self, capacity: int, adjustment: int) -> int:
        kind = self.configuration["AdjustmentType"]
        if kind == "ExactCapacity":
            return adjustment
        if kind == "ChangeInCapacity":
            return capacity + adjustment
        share = capacity * adjustment / 100
        # Above 1 it is rounded down, below 1 up; as far down from 0:
        # https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
        change = max(1, math.floor(abs(share))) if share else 0
        change = max(change, int(self.configuration.get("MinAdjustmentMagnitude", 0)))
        return capacity + (change if adjustment > 0 else -change)

    def cooldown(self, *, is_out: bool) -> int:  # noqa: ARG002 - it has one for both
        return int(self.configuration.get("Cooldown", _COOLDOWN))


def _given(rule: AlarmRule, values: Values) -> list[float]:
    return [value for value in values[-rule.periods_looked_at :] if value is not None][
        -rule.evaluation_periods :
    ]


def _rings(rule: AlarmRule, values: Values) -> bool:
    """An alarm with a scaling action acts every minute, as long as it rings.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
    """
    return judge(rule, _given(rule, values), INSUFFICIENT_DATA).state == ALARM


def _is_within(step: Members, beyond: float) -> bool:
    """Above a threshold a step has its lower bound, below it its upper one."""
    low = step.get("MetricIntervalLowerBound", -math.inf)
    high = step.get("MetricIntervalUpperBound", math.inf)
    return bool(low <= beyond < high if beyond >= 0 else low < beyond <= high)
