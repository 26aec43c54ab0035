"""How endpoints bear traffic, minute by minute, with so many instances in service."""

import math
from dataclasses import dataclass
from typing import Protocol

# What AWS advises for a start: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-loadtest.html
SAFETY_FACTOR = 0.5
"""Scaling aims at this part of what an instance bears."""
ASYNCHRONOUS_SHARE = 0.01
"""Of the trace's requests: whole files are rarer than rows."""
SECONDS_OF_A_FILE = 10


@dataclass(frozen=True)
class Minute:
    """What one minute of an endpoint looked like."""

    metrics: dict[str, float | None]
    """By name, as CloudWatch would have them; None without data."""
    saturation: float
    """What there was to answer, in parts of what could be answered; infinite without an instance."""
    over: float
    """Requests beyond what could be answered: late or refused in real time, waiting in a queue."""


class Fleet(Protocol):
    """The instances of a variant."""

    bears: float
    """Requests per minute that one instance answers."""

    def minute(self, requests: int, instances: int) -> Minute:
        """What happens in the next minute of the trace."""


class RealTime:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html."""

    def __init__(self, target: float) -> None:
        self.bears = target / SAFETY_FACTOR

    def minute(self, requests: int, instances: int) -> Minute:
        bears = self.bears * instances
        per_instance = requests / instances if requests and instances else None
        return Minute(
            {"InvocationsPerInstance": per_instance}, _share(requests, bears), max(0, requests - bears)
        )


class Asynchronous:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-monitor.html."""

    def __init__(self, concurrent: int) -> None:
        self.bears = concurrent * 60 / SECONDS_OF_A_FILE
        self._waiting = 0.0
        self._arriving = 0.0

    def minute(self, requests: int, instances: int) -> Minute:
        """Of fractions of a request whole ones become in time."""
        self._arriving += requests * ASYNCHRONOUS_SHARE
        arrived = math.floor(self._arriving)
        self._arriving -= arrived
        asked, bears = self._waiting + arrived, self.bears * instances
        self._waiting = max(0, asked - bears)
        in_work = (asked - self._waiting) * SECONDS_OF_A_FILE / 60
        metrics: dict[str, float | None] = {
            # What waits or is in work. Before there is an instance, a target waits until more requests do:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
            "ApproximateBacklogSizePerInstance": (self._waiting + in_work) / max(instances, 1),
            "HasBacklogWithoutCapacity": float(self._waiting > 0 and instances == 0),
        }
        return Minute(metrics, _share(asked, bears), self._waiting)


def _share(asked: float, bears: float) -> float:
    if asked == 0:
        return 0.0
    return asked / bears if bears else math.inf
