"""A VPC that was there before anything is deployed: somebody else's, known by its ids."""

from functools import partial
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.security_groups import SecurityGroup
from moto.ec2.models.subnets import Subnet
from moto.ec2.models.vpcs import VPC

from tools.local_aws.context import Context


def install(context: Context) -> None:
    """Adds the control. EC2's own operations choose ids themselves."""
    for account in context.accounts.values():
        account.controls["existing-network"] = partial(_add, account)


def _add(
    context: Context,
    *,
    vpc_id: str,
    subnet_ids: list[str],
    availability_zones: list[str],
    security_group_ids: list[str],
) -> dict[str, Any]:
    ec2 = ec2_backends[context.account][context.region]
    zones = {zone.name: zone for zone in RegionsAndZonesBackend.zones[context.region]}
    ec2.vpcs[vpc_id] = VPC(ec2, vpc_id, "10.0.0.0/16", is_default=False)
    ec2.create_network_acl(vpc_id, default=True)
    for number, (subnet_id, zone) in enumerate(zip(subnet_ids, availability_zones, strict=True)):
        subnet = Subnet(ec2, subnet_id, vpc_id, f"10.0.{number}.0/24", None, zones[zone], False, False)
        ec2.subnets[zone][subnet_id] = subnet
        ec2.associate_default_network_acl_with_subnet(subnet_id, vpc_id)
    for group_id in security_group_ids:
        ec2.groups[vpc_id][group_id] = SecurityGroup(ec2, group_id, group_id, "Existing", vpc_id=vpc_id)
    return {"added": vpc_id}
