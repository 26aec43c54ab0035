"""Whether a VPC that somebody else owns is as the configuration says it is."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tools.doctor.checks import Finding, not_known, ok, problem
from tools.refused import missing_right
from tools.synthesized import Json, Synthesized

_NAMES = ("com.amazonaws.{region}.{name}", "aws.sagemaker.{region}.{name}")
"""How services are called of which the configuration has short names."""
_CHANGE = "network: in the environment's file, or the network; docs/forking.md says what it needs"


def existing_network(environment: Synthesized) -> Iterator[Finding]:
    network = _recorded(environment)
    if network is None:
        return
    ec2 = boto3.client("ec2", region_name=environment.region)
    try:
        (vpc,) = ec2.describe_vpcs(VpcIds=[network["vpc_id"]])["Vpcs"]
        subnets = ec2.describe_subnets(SubnetIds=network["subnet_ids"])["Subnets"]
        groups = ec2.describe_security_groups(GroupIds=network["security_group_ids"])["SecurityGroups"]
    except ClientError as error:
        if missing_right(error):
            raise
        yield problem(error.response["Error"]["Message"], _CHANGE)
        return
    strange = [_id(each) for each in (*subnets, *groups) if each["VpcId"] != vpc["VpcId"]]
    if strange:
        yield problem(f"{', '.join(strange)} of another VPC than {vpc['VpcId']}", _CHANGE)
    zones = [each["AvailabilityZone"] for each in sorted(subnets, key=_place_in(network["subnet_ids"]))]
    if zones != network["availability_zones"]:
        yield problem(f"the subnets are in {', '.join(zones)}", _CHANGE)
    if vpc["OwnerId"] != environment.account:
        yield not_known(f"the VPC's endpoints: only its owner, {vpc['OwnerId']}, sees them")
    else:
        yield from _endpoints(ec2, environment.region, network)


def _endpoints(ec2: Any, region: str, network: Json) -> Iterator[Finding]:
    ours = [{"Name": "vpc-id", "Values": [network["vpc_id"]]}]
    pages = ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=ours)
    there = {each["ServiceName"]: each for page in pages for each in page["VpcEndpoints"]}
    names = {
        short: next((name for name in _called(short, region) if name in there), None)
        for short in network["vpc_endpoints"]
    }
    if missing := sorted(short for short, name in names.items() if name is None):
        yield problem(f"no endpoints for {', '.join(missing)}: jobs would hang until they time out", _CHANGE)
    found = [there[name] for name in names.values() if name is not None]
    # Without private DNS the name of a service leads to the internet, to which there is no way.
    public = [
        each["ServiceName"]
        for each in found
        if each["VpcEndpointType"] == "Interface" and not each.get("PrivateDnsEnabled")
    ]
    if public:
        yield problem(f"no private DNS at {', '.join(sorted(public))}", _CHANGE)
    if not missing and not public:
        yield ok(f"{network['vpc_id']} has its {len(found)} endpoints")


def _called(short: str, region: str) -> list[str]:
    return [name.format(region=region, name=short) for name in _NAMES]


def _recorded(environment: Synthesized) -> Json | None:
    """What the network stack records of it; None where it makes one."""
    for stack in environment.stacks:
        if stack.path.endswith("/network"):
            for resource in stack.template["Resources"].values():
                if resource["Type"] == "AWS::SSM::Parameter":
                    return dict(json.loads(resource["Properties"]["Value"]))
    return None


def _id(described: Json) -> str:
    return str(described.get("SubnetId") or described["GroupId"])


def _place_in(ids: list[str]) -> Any:
    return lambda subnet: ids.index(subnet["SubnetId"])
