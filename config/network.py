"""Where an environment's jobs and endpoints run: a network of our own or one that exists already."""

from typing import Annotated

from pydantic import Field

from config.base import ConfigurationModel

Texts = Annotated[tuple[str, ...], Field(strict=False)]


class ManagedNetwork(ConfigurationModel):
    """An isolated VPC that this project creates: no internet access, AWS services through VPC endpoints."""

    cidr: str = "10.0.0.0/16"
    """Private IPv4 range of the VPC, divided equally between the availability zones."""
    availability_zones: Texts = ("us-east-1a", "us-east-1b")
    """Two to six zones of the environment's region; changing them later replaces subnets."""


class ExistingNetwork(ConfigurationModel):
    """A VPC that somebody else owns, used by its identifiers."""

    vpc_id: str
    """The VPC that holds the subnets and security groups."""
    subnet_ids: Texts
    """Two to sixteen private subnets, in different availability zones."""
    security_group_ids: Texts
    """One to five security groups for jobs and endpoints."""
