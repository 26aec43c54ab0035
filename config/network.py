"""Where an environment's jobs and endpoints run: a network of our own or one that exists already."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from config.base import ConfigurationModel
from config.errors import Mistake, MistakesFoundError
from config.fields import Texts, matching

_PRIVATE_RANGES = tuple(
    ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
# SageMaker uses this range itself: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
_RANGE_OF_SAGEMAKER = ipaddress.IPv4Network("172.17.0.0/16")
# Room in each subnet for VPC endpoints, AWS's own five addresses, jobs, and old and new endpoint instances.
_SMALLEST_SUBNET_ADDRESSES = 64
_SHORTEST_VPC_PREFIX = 16


def parse_cidr(value: str) -> ipaddress.IPv4Network:
    """Return the network of a VPC's CIDR; raise MistakesFoundError for one that cannot be used."""
    allowed = "a private IPv4 range of /16 or smaller, not 172.17.0.0/16, e.g. 10.0.0.0/16"
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError as error:
        problem = f"is not a CIDR ({error})"
        raise MistakesFoundError(Mistake((), value, problem, allowed, "write address/length")) from None
    problem = ""
    if network.prefixlen < _SHORTEST_VPC_PREFIX or "/" not in value:
        problem = f"has the prefix length {network.prefixlen}, which is no VPC"
    elif not any(network.subnet_of(private) for private in _PRIVATE_RANGES):
        problem = "is not a private range"
    elif network.overlaps(_RANGE_OF_SAGEMAKER):
        problem = "overlaps 172.17.0.0/16, which SageMaker uses itself"
    if problem:
        raise MistakesFoundError(Mistake((), value, problem, allowed, "choose another range"))
    return network


def _check_cidr(value: str) -> str:
    parse_cidr(value)
    return value


def _between(fewest: int, most: int, what: str) -> AfterValidator:
    def check(values: Sequence[str]) -> Sequence[str]:
        problem = ""
        if not fewest <= len(values) <= most:
            problem = f"has {len(values)} {what}"
        elif len(set(values)) < len(values):
            repeated = sorted({value for value in values if values.count(value) > 1})
            problem = f"repeats {', '.join(repeated)}"
        if problem:
            allowed = f"{fewest} to {most} different {what}"
            change = "add one" if len(values) < fewest else "remove the surplus"
            raise MistakesFoundError(Mistake((), values, problem, allowed, change))
        return values

    return AfterValidator(check)


def _identifier(prefix: str) -> AfterValidator:
    pattern = rf"{re.escape(prefix)}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"
    allowed = f"{prefix}- and 8 or 17 hexadecimal digits"
    return matching(pattern, f"is no {prefix} identifier", allowed, "copy it from the AWS console")


VpcId = Annotated[str, _identifier("vpc")]
SubnetIds = Annotated[
    tuple[Annotated[str, _identifier("subnet")], ...], Field(strict=False), _between(2, 16, "subnets")
]
SecurityGroupIds = Annotated[
    tuple[Annotated[str, _identifier("sg")], ...], Field(strict=False), _between(1, 5, "security groups")
]


class ManagedNetwork(ConfigurationModel):
    """An isolated VPC that this project creates: no internet access, AWS services through VPC endpoints."""

    cidr: Annotated[str, AfterValidator(_check_cidr)] = "10.0.0.0/16"
    """Private IPv4 range of the VPC, divided equally between the availability zones."""
    availability_zones: Annotated[Texts, _between(2, 6, "availability zones")] = ("us-east-1a", "us-east-1b")
    """Two to six zones of the environment's region; changing them later replaces subnets."""

    @model_validator(mode="after")
    def _subnets_are_large_enough(self) -> Self:
        shares = 1 << (len(self.availability_zones) - 1).bit_length()
        addresses = ipaddress.IPv4Network(self.cidr).num_addresses // shares
        if addresses < _SMALLEST_SUBNET_ADDRESSES:
            longest = 32 - (shares * _SMALLEST_SUBNET_ADDRESSES - 1).bit_length()
            problem = f"leaves {addresses} addresses to each of {len(self.availability_zones)} subnets"
            allowed = f"{_SMALLEST_SUBNET_ADDRESSES} addresses or more in each subnet"
            change = f"use a range of /{longest} or larger"
            raise MistakesFoundError(Mistake(("cidr",), self.cidr, problem, allowed, change))
        return self


class ExistingNetwork(ConfigurationModel):
    """A VPC that somebody else owns, used by its identifiers."""

    vpc_id: VpcId
    """The VPC that holds the subnets and security groups."""
    subnet_ids: SubnetIds
    """Two to sixteen private subnets, in different availability zones."""
    security_group_ids: SecurityGroupIds
    """One to five security groups for jobs and endpoints."""
