"""Checks of one environment that compare several of its values."""

from collections.abc import Iterator

from config.aws_facts import REGIONS
from config.documents import Document
from config.errors import Mistake
from config.network import ManagedNetwork

_SAFE_INSTANCES = 2


def check_environment(environment: Document) -> Iterator[Mistake]:
    """Yield the mistakes of an environment that no single value shows."""
    yield from _zones_outside_the_region(environment)
    yield from _lone_instances(environment)


def _zones_outside_the_region(environment: Document) -> Iterator[Mistake]:
    region = environment.text("region")
    network = environment.at("network")
    if region not in REGIONS or not isinstance(network, dict) or "vpc_id" in network:
        return
    zones = environment.texts("network", "availability_zones")
    if "availability_zones" not in network:
        zones = dict(enumerate(ManagedNetwork.model_fields["availability_zones"].default))
    for index, zone in zones.items():
        if zone not in {f"{region}{letter}" for letter in "abcdef"}:
            path = ("network", "availability_zones", index)
            problem = f"is no availability zone of {region}"
            yield environment.mistake(
                path, zone, problem, f"{region}a to {region}f", "name zones of the region"
            )


def _lone_instances(environment: Document) -> Iterator[Mistake]:
    if environment.content.get("termination_protection", True) is not True:
        return
    for use_case in environment.mapping("use_cases"):
        instances = environment.mapping("use_cases", use_case, "endpoint", "instances")
        if instances.get("min") == 1 and instances.get("because") is None:
            path = ("use_cases", use_case, "endpoint", "instances", "min")
            problem = "one instance is an outage waiting to happen where termination_protection is true"
            allowed = f"{_SAFE_INSTANCES} or more, or 1 with a reason"
            yield environment.mistake(path, 1, problem, allowed, "raise it, or add `because: ...` next to it")
