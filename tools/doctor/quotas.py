"""Whether Service Quotas lets run what the templates ask for.

A quota is known by its name: there is one for each instance type and use, and a type that a region does not
offer has none. What others do in the account takes its share besides.
https://docs.aws.amazon.com/general/latest/gr/sagemaker.html#limits_sagemaker
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import boto3

from tools.doctor.checks import Finding, not_known, ok, problem, warning
from tools.doctor.usage import Need, needs, needs_elsewhere
from tools.synthesized import Json, Synthesized

_OF_VPCS, _VPCS = "vpc", "VPCs per Region"
_MADE_HERE = "AWS::EC2::VPC"


def sagemaker(environment: Synthesized) -> Iterator[Finding]:
    quotas = _quotas(environment.region, "sagemaker")
    yield from _all(_compared(quotas, name, need) for name, need in sorted(needs(environment).items()))


def others(environment: Synthesized) -> Iterator[Finding]:
    """What other services count for each use case."""
    wanted = sorted(needs_elsewhere(environment).items())
    found = {service: _quotas(environment.region, service) for (service, _), _ in wanted}
    by_code = {(service, quota["QuotaCode"]): quota for service in found for quota in found[service].values()}
    yield from _all(
        _too_small(by_code[service, code], need)
        if (service, code) in by_code
        else [not_known(f"Service Quotas lists no {code} of {service}")]
        for (service, code), need in wanted
    )


def _all(compared: Iterable[list[Finding]]) -> Iterator[Finding]:
    """What is wrong, and how many are right."""
    enough = 0
    for findings in compared:
        yield from findings
        enough += not findings
    if enough:
        yield ok(f"{enough} quotas are enough for what the templates ask for")


def vpcs(environment: Synthesized) -> Iterator[Finding]:
    """Until the network is deployed, there must be room for one."""
    stacks = [
        stack
        for stack in environment.stacks
        if any(each["Type"] == _MADE_HERE for each in stack.template["Resources"].values())
    ]
    ec2 = boto3.client("ec2", region_name=environment.region)
    there = [vpc for page in ec2.get_paginator("describe_vpcs").paginate() for vpc in page["Vpcs"]]
    ours = {"Key": "environment", "Value": environment.prefix}
    if not stacks or any(ours in vpc.get("Tags", ()) for vpc in there):
        return
    yield from _compared(
        _quotas(environment.region, _OF_VPCS), _VPCS, Need(len(there) + 1, len(there) + 1)
    ) or [ok(f"there is room for a VPC beside {len(there)}")]


def _compared(quotas: Mapping[str, Json], name: str, need: Need) -> list[Finding]:
    """What is wrong with one quota; nothing where it is enough."""
    if name not in quotas:
        # Names of totals may change; that of an instance type is how the service itself refuses it.
        if not name.startswith("ml."):
            return []
        kind, _, usage = name.partition(" for ")
        return [problem(f"this region has no {kind} for {usage}", "another instance type, or another region")]
    return _too_small(quotas[name], need)


def _too_small(quota: Json, need: Need) -> list[Finding]:
    told = f"{quota['QuotaName']}: {quota['Value']:g}"
    if quota["Value"] < need.least:
        return [problem(f"{told}, and {need.least:g} is needed", _increase(quota, need))]
    if quota["Value"] < need.most:
        return [warning(f"{told}, and {need.most:g} when all have scaled out", _increase(quota, need))]
    return []


def _increase(quota: Json, need: Need) -> str:
    """The words of the AWS CLI."""
    return (
        f"aws service-quotas request-service-quota-increase --service-code {quota['ServiceCode']} "
        f"--quota-code {quota['QuotaCode']} --desired-value {need.most:g}"
    )


def _quotas(region: str, service: str) -> dict[str, Json]:
    """By name. What is not listed as applied has its default.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
    """
    client: Any = boto3.client("service-quotas", region_name=region)
    lists = ("list_aws_default_service_quotas", "list_service_quotas")
    return {
        quota["QuotaName"]: quota
        for operation in lists
        for page in client.get_paginator(operation).paginate(ServiceCode=service)
        for quota in page["Quotas"]
    }
