"""What instances have room for. Pure.

https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html

Different from AWS: all of an instance is for copies, while AWS keeps a part of it and does not say how large
it is. Types with accelerators have room for everything.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

_GIB_OF_A_CPU = {"c": 2, "m": 4, "r": 8}
_CPUS = {"medium": 1, "large": 2, "xlarge": 4}
_SIZE = re.compile(r"ml\.(?P<kind>[cmr])\d\w*\.(?P<times>\d*)(?P<size>medium|large|xlarge)")


@dataclass(frozen=True)
class Space:
    """Processors and memory: of an instance, or kept for a copy."""

    cpus: float
    memory_mb: float

    def fits(self, other: "Space") -> bool:
        return self.cpus <= other.cpus and self.memory_mb <= other.memory_mb

    def without(self, other: "Space") -> "Space":
        return Space(self.cpus - other.cpus, self.memory_mb - other.memory_mb)


def space_of(instance_type: str) -> Space:
    """All that an instance has."""
    found = _SIZE.fullmatch(instance_type)
    if found is None:
        return Space(math.inf, math.inf)
    cpus = _CPUS[found["size"]] * int(found["times"] or 1)
    return Space(cpus, cpus * _GIB_OF_A_CPU[found["kind"]] * 1024)


def instances_for(copies: Iterable[Space], instance: Space) -> float:
    """How many instances these copies need, filled one after the other; infinitely many for one too large."""
    free: list[Space] = []
    for copy in sorted(copies, key=lambda each: (each.memory_mb, each.cpus), reverse=True):
        if not copy.fits(instance):
            return math.inf
        place = next((number for number, room in enumerate(free) if copy.fits(room)), None)
        if place is None:
            free.append(instance.without(copy))
        else:
            free[place] = free[place].without(copy)
    return len(free)
