"""EC2: nothing is deleted while something stands in it; SageMaker has the endpoint services that AWS names.

Words: https://github.com/aws/aws-cdk/issues/14456
"""

import json
from collections.abc import Callable
from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models.security_groups import SecurityGroupBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend

from tools.local_aws.context import Context

# https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-private-link.html
_YOUNGER_SERVICES = ("experiments", "mlflow")


def install(_: Context) -> None:
    VPCBackend._collect_default_endpoint_services = staticmethod(
        _with_younger_services(VPCBackend._collect_default_endpoint_services)
    )
    SubnetBackend.delete_subnet = _unless_used(
        SubnetBackend.delete_subnet,
        lambda ec2, subnet_id: any(eni.subnet.id == subnet_id for eni in ec2.enis.values()),
        "The subnet '{}' has dependencies and cannot be deleted.",
    )
    SecurityGroupBackend._delete_security_group = _unless_used(
        SecurityGroupBackend._delete_security_group, _is_named, "resource {} has a dependent object"
    )
    VPCBackend.delete_vpc = _unless_used(
        VPCBackend.delete_vpc,
        lambda ec2, vpc_id: any(group.name != "default" for group in ec2.groups[vpc_id].values()),
        "The vpc '{}' has dependencies and cannot be deleted.",
    )


def _with_younger_services(collect: Callable[[str, str], list[Any]]) -> Callable[[str, str], list[Any]]:
    """Those of Studio, under the names of services that moto does not know."""

    def collected(account: str, region: str) -> list[Any]:
        services = collect(account, region)
        studio = next(each for each in services if each["ServiceName"] == f"aws.sagemaker.{region}.studio")
        more = [json.loads(json.dumps(studio).replace("studio", name)) for name in _YOUNGER_SERVICES]
        return [*services, *more]

    return collected


def _is_named(ec2: Any, group_id: str) -> bool:
    """Whether a network interface has the group, or a rule of another group names it."""
    others = [group for groups in ec2.groups.values() for group in groups.values() if group.id != group_id]
    rules = [rule for group in others for rule in (*group.ingress_rules, *group.egress_rules)]
    named = [(rule.source_group or {}).get("GroupId") for rule in rules]
    held = [group.id for eni in ec2.enis.values() for group in eni.group_set]
    return group_id in (*named, *held)


def _unless_used(
    delete: Callable[..., Any], is_used: Callable[[Any, str], bool], words: str
) -> Callable[..., Any]:
    def checked(ec2: Any, *given: Any) -> Any:
        if is_used(ec2, given[-1]):
            raise DependencyViolationError(words.format(given[-1]))
        return delete(ec2, *given)

    return checked
