"""Checks of an environment's network against its region and against what runs in it."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError

from config.facts.aws import REGIONS
from config.facts.vpc_endpoints import needed_vpc_endpoints
from config.mistakes.documents import Document
from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel
from config.models.catalog import Catalog
from config.models.network import FEWEST_ZONES, ManagedNetwork
from config.models.studio import Studio

Option = TypeVar("Option", bound=ConfigurationModel)


def check_network(environment: Document) -> Iterator[Mistake]:
    """Yield zones of another region, and what an existing network lacks."""
    yield from _zones_outside_the_region(environment)
    yield from _subnets_without_a_zone(environment)
    yield from _missing_vpc_endpoints(environment)


def _zones_outside_the_region(environment: Document) -> Iterator[Mistake]:
    region, network = environment.text("region"), environment.mapping("network")
    if region not in REGIONS or not network:
        return
    zones = environment.texts("network", "availability_zones")
    if "availability_zones" not in network and "vpc_id" not in network:
        zones = dict(enumerate(ManagedNetwork.model_fields["availability_zones"].default))
    for index, zone in zones.items():
        if zone not in {f"{region}{letter}" for letter in "abcdef"}:
            path = ("network", "availability_zones", index)
            problem, allowed = f"is no availability zone of {region}", f"{region}a to {region}f"
            yield environment.mistake(path, zone, problem, allowed, "name zones of the region")


def _subnets_without_a_zone(environment: Document) -> Iterator[Mistake]:
    subnets = environment.at("network", "subnet_ids")
    zones = environment.at("network", "availability_zones")
    if not isinstance(subnets, list) or not isinstance(zones, list):
        return
    if min(len(subnets), len({str(zone) for zone in zones})) >= FEWEST_ZONES and len(subnets) != len(zones):
        path = ("network", "availability_zones")
        problem = f"names {len(zones)} zones for {len(subnets)} subnets"
        allowed = "one zone for each subnet, in the order of subnet_ids"
        yield environment.mistake(path, zones, problem, allowed, "name the zone of every subnet")


def _missing_vpc_endpoints(environment: Document) -> Iterator[Mistake]:
    present = environment.at("network", "vpc_endpoints")
    if not isinstance(present, list):
        return
    needed = needed_vpc_endpoints(
        _option(environment, "studio", Studio), _option(environment, "catalog", Catalog)
    )
    missing = [name for name in needed if name not in present]
    if missing:
        problem = f"lacks {', '.join(missing)}, without which jobs and people wait until they time out"
        change = "create these VPC endpoints with private DNS, then add them here"
        path, allowed = ("network", "vpc_endpoints"), f"at least {', '.join(needed)}"
        yield environment.mistake(path, present, problem, allowed, change)


def _option(environment: Document, key: str, model: type[Option]) -> Option | None:
    """Return a part that can be switched on; None as well if it has mistakes, which are told elsewhere."""
    try:
        return model.model_validate(environment.at(key))
    except ValidationError:
        return None
