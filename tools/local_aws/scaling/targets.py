"""A scalable target as minutes go by: limits, scheduled actions, activities and the cooldowns after them.

Sources: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
and https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html

Different from AWS: a step policy scales in only if target tracking, where there is some, is ready to.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tools.local_aws.scaling.policies import Policy
from tools.local_aws.scaling.schedule import Schedule


@dataclass(frozen=True)
class Limits:
    """Between which capacities a target scales."""

    least: int
    most: int

    def nearest(self, capacity: int) -> int:
        return min(max(capacity, self.least), self.most)


@dataclass(frozen=True)
class ScheduledAction:
    """Other limits from a moment on."""

    schedule: Schedule
    limits: Limits


@dataclass(frozen=True)
class Activity:
    """A change of capacity, from its begin until instances are in service or gone."""

    began: datetime
    ended: datetime
    before: int
    after: int
    cooldown: timedelta
    added: int
    """Since the last cooldown, if it began in one."""

    def cools(self, now: datetime) -> bool:
        """Whether its cooldown, which begins when it has ended, goes on."""
        return self.ended <= now < self.ended + self.cooldown


class ScalableTarget:
    """A variant of an endpoint; one activity at a time, because an endpoint is updated once at a time."""

    def __init__(
        self,
        limits: Limits,
        policies: Mapping[str, Policy],
        schedule: Sequence[ScheduledAction] = (),
        start: timedelta = timedelta(),
    ) -> None:
        """`policies` by name; `start` is how long SageMaker takes until a new instance answers."""
        self.limits = limits
        self.capacity = limits.least
        """What is wanted, and paid."""
        self.in_service = limits.least
        self.activities: list[Activity] = []
        self._policies, self._schedule, self._start = policies, schedule, start
        self._values: dict[str, deque[float | None]] = {
            name: deque(maxlen=policy.minutes) for name, policy in policies.items()
        }

    def minute(self, now: datetime, measured: Mapping[str, float | None]) -> None:
        """A minute has ended in which the metric of each policy, by its name, was this."""
        for name, value in measured.items():
            self._values[name].append(value)
        for action in self._schedule:
            if action.schedule.strikes(now):
                self.limits = action.limits
        if self.in_service != self.capacity:
            # What was measured until now was measured with fewer instances.
            if now >= self.activities[-1].ended:
                self.in_service = self.capacity
        elif self.limits.nearest(self.capacity) != self.capacity:
            self._change(now, self.limits.nearest(self.capacity), timedelta())
        else:
            self._follow(now)

    def _follow(self, now: datetime) -> None:
        """The policy that wants the largest capacity decides, outward and inward."""
        wishes = {
            name: wish
            for name, policy in self._policies.items()
            if (wish := policy.wish(tuple(self._values[name]), self.capacity)) is not None
        }
        if not wishes:
            return
        name = max(wishes, key=lambda each: wishes[each])
        wanted = self.limits.nearest(self._allowed(now, wishes[name]))
        if wanted != self.capacity:
            cooldown = self._policies[name].cooldown(is_out=wanted > self.capacity)
            self._change(now, wanted, timedelta(seconds=cooldown))

    def _allowed(self, now: datetime, wanted: int) -> int:
        """Scaling in waits for its cooldown; scaling out adds what is more than was just added."""
        added = self._just_added(now)
        if wanted > self.capacity:
            return max(self.capacity, wanted - max(added, 0))
        return self.capacity if added < 0 else wanted

    def _just_added(self, now: datetime) -> int:
        """By the activity whose cooldown goes on; less than nothing after scaling in."""
        return self.activities[-1].added if self.activities and self.activities[-1].cools(now) else 0

    def _change(self, now: datetime, wanted: int, cooldown: timedelta) -> None:
        ended, added = now, wanted - self.capacity
        if added > 0:
            ended += self._start
            added += max(0, self._just_added(now))
        self.activities.append(Activity(now, ended, self.capacity, wanted, cooldown, added))
        self.capacity = wanted
        if ended == now:
            self.in_service = wanted
