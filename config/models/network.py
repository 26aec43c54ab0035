"""Where an environment's jobs and endpoints run: a network of our own or one that exists already."""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag

from config.facts.aws import ENDPOINTS
from config.mistakes.errors import Mistake, MistakesFoundError, checked, unknown
from config.models.base import ConfigurationModel
from config.values.fields import Texts, between, matching

_PRIVATE_RANGES = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
# SageMaker uses this range itself: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
_RANGE_OF_SAGEMAKER = IPv4Network("172.17.0.0/16")
# Room in each subnet for VPC endpoints, AWS's own five addresses, jobs, and old and new endpoint instances.
_SMALLEST_SUBNET_ADDRESSES = 64
_SHORTEST_VPC_PREFIX = 16
FEWEST_ZONES = 2


def _parse_cidr(value: object) -> IPv4Network:
    """Return the network of a VPC's CIDR; raise MistakesFoundError for one that cannot be used."""
    allowed = "a private IPv4 range of /16 or smaller, not 172.17.0.0/16, e.g. 10.0.0.0/16"
    text = str(value)
    try:
        network = IPv4Network(text)
    except ValueError as error:
        problem = f"is not a CIDR ({error})"
        raise MistakesFoundError(Mistake((), value, problem, allowed, "write address/length")) from None
    problem = ""
    if network.prefixlen < _SHORTEST_VPC_PREFIX or "/" not in text:
        problem = f"has the prefix length {network.prefixlen}, which is no VPC"
    elif not any(network.subnet_of(private) for private in _PRIVATE_RANGES):
        problem = "is not a private range"
    elif network.overlaps(_RANGE_OF_SAGEMAKER):
        problem = "overlaps 172.17.0.0/16, which SageMaker uses itself"
    if problem:
        raise MistakesFoundError(Mistake((), value, problem, allowed, "choose another range"))
    return network


def _identifier(prefix: str) -> Any:
    pattern = rf"{re.escape(prefix)}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"
    allowed = f"{prefix}- and 8 or 17 hexadecimal digits"
    return matching(pattern, f"is no {prefix} identifier", allowed, "copy it from the AWS console")


def _zones(values: Sequence[str]) -> Iterator[Mistake]:
    if len(set(values)) < FEWEST_ZONES:
        problem = f"names {len(set(values))} zone, so that its outage would stop everything"
        change = "add a subnet in another zone, and its zone here"
        yield Mistake((), values, problem, "two different zones or more", change)


def _vpc_endpoint(value: str) -> Iterator[Mistake]:
    problem = "is no VPC endpoint that can be needed here"
    return unknown(value, ENDPOINTS, problem, "remove it: nothing here uses it")


VpcId = Annotated[str, _identifier("vpc")]
SubnetIds = Annotated[
    tuple[Annotated[str, _identifier("subnet")], ...], Field(strict=False), between(2, 16, "subnets")
]
SecurityGroupIds = Annotated[
    tuple[Annotated[str, _identifier("sg")], ...], Field(strict=False), between(1, 5, "security groups")
]
ZonesOfSubnets = Annotated[Texts, checked(_zones)]
VpcEndpoints = Annotated[tuple[Annotated[str, checked(_vpc_endpoint)], ...], Field(strict=False)]


class ManagedNetwork(ConfigurationModel):
    """An isolated VPC that this project creates: no internet access, AWS services through VPC endpoints."""

    cidr: Annotated[IPv4Network, BeforeValidator(_parse_cidr)] = IPv4Network("10.0.0.0/16")
    """Private IPv4 range of the VPC, divided equally between the zones; it cannot change either."""
    availability_zones: Annotated[Texts, between(2, 6, "availability zones")] = ("us-east-1a", "us-east-1b")
    """Two to six zones of the environment's region; they cannot change once it is deployed."""
    dns_firewall: bool = False
    """Whether the VPC resolves the names of AWS's services that are used here, and no others."""

    def mistakes(self) -> Iterator[Mistake]:
        shares = 1 << (len(self.availability_zones) - 1).bit_length()
        addresses = self.cidr.num_addresses // shares
        if addresses < _SMALLEST_SUBNET_ADDRESSES:
            longest = 32 - (shares * _SMALLEST_SUBNET_ADDRESSES - 1).bit_length()
            problem = f"leaves {addresses} addresses to each of {len(self.availability_zones)} subnets"
            allowed = f"{_SMALLEST_SUBNET_ADDRESSES} addresses or more in each subnet"
            change = f"use a range of /{longest} or larger"
            yield Mistake(("cidr",), self.cidr, problem, allowed, change)


class ExistingNetwork(ConfigurationModel):
    """A VPC that somebody else owns, used by its identifiers."""

    vpc_id: VpcId
    """The VPC that holds the subnets and security groups."""
    subnet_ids: SubnetIds
    """Two to sixteen private subnets."""
    availability_zones: ZonesOfSubnets
    """The zone of each subnet, in the order of subnet_ids; two different ones or more."""
    vpc_endpoints: VpcEndpoints
    """Short names of the VPC endpoints that the VPC has, e.g. s3, sts, ecr.api."""
    security_group_ids: SecurityGroupIds
    """One to five security groups for jobs and endpoints."""


MANAGED, EXISTING = "managed network", "existing network"
NETWORKS: dict[str, type[BaseModel]] = {MANAGED: ManagedNetwork, EXISTING: ExistingNetwork}


def kind_of_network(network: Any) -> str:
    """Return which of the two networks is meant: a key that only an existing one has says so."""
    if isinstance(network, ExistingNetwork):
        return EXISTING
    keys = network if isinstance(network, dict) else {}
    own = ExistingNetwork.model_fields.keys() - ManagedNetwork.model_fields.keys()
    return EXISTING if keys.keys() & own else MANAGED


Network = Annotated[
    Annotated[ManagedNetwork, Tag(MANAGED)] | Annotated[ExistingNetwork, Tag(EXISTING)],
    Discriminator(kind_of_network),
]
