"""A trace against an endpoint that scales, and against the same instances in a fixed number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from benchmarks.scaling.endpoints import Endpoint
from benchmarks.scaling.fleets import Fleet, Minute

_MINUTE = timedelta(minutes=1)
Count = Callable[[datetime, dict[str, float | None]], tuple[int, int]]
"""From what has been measured in a minute to the instances in service and those that are paid."""


@dataclass(frozen=True)
class Run:
    """What happened, by the minute."""

    name: str
    instances: Sequence[int]
    paid: Sequence[int]
    saturation: Sequence[float]
    over: Sequence[float]
    hourly: float

    @property
    def usd(self) -> float:
        return sum(self.paid) / 60 * self.hourly

    @property
    def saturated_minutes(self) -> int:
        return sum(share > 1 for share in self.saturation)


def scaled(endpoint: Endpoint, trace: Sequence[int], begin: datetime) -> Run:
    """By its own policies: each minute's metrics decide about the next one."""
    target = endpoint.target()

    def follow(now: datetime, metrics: dict[str, float | None]) -> tuple[int, int]:
        target.minute(now, {name: metrics[metric] for name, metric in endpoint.metrics.items()})
        return target.in_service, target.capacity

    return _run("scaled by its policies", endpoint, trace, begin, (endpoint.limits.least, follow))


def fixed(endpoint: Endpoint, trace: Sequence[int], begin: datetime) -> tuple[Run, Run]:
    """The fewest that never saturate, and the smallest number that it may have."""
    least = max(1, endpoint.limits.least)
    enough = next(
        count
        for count in range(least, 1_000_000)
        if not _fixed("", count, endpoint, trace, begin).saturated_minutes
    )
    return (
        _fixed(f"{enough} at any time: never saturated", enough, endpoint, trace, begin),
        _fixed(f"{least} at any time: the minimum", least, endpoint, trace, begin),
    )


def _fixed(name: str, count: int, endpoint: Endpoint, trace: Sequence[int], begin: datetime) -> Run:
    return _run(name, endpoint, trace, begin, (count, lambda _, __: (count, count)))


def _run(
    name: str, endpoint: Endpoint, trace: Sequence[int], begin: datetime, counting: tuple[int, Count]
) -> Run:
    first, count = counting
    fleet: Fleet = endpoint.fleet()
    instances, paid = [first], [first]
    minutes: list[Minute] = []
    for number, requests in enumerate(trace, 1):
        minutes.append(fleet.minute(requests, instances[-1]))
        in_service, costing = count(begin + number * _MINUTE, minutes[-1].metrics)
        instances.append(in_service)
        paid.append(costing)
    return Run(
        name,
        instances[:-1],
        paid[:-1],
        [each.saturation for each in minutes],
        [each.over for each in minutes],
        endpoint.hourly,
    )
