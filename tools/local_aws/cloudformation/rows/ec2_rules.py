"""Security group rules: CloudFormation's flat form and EC2's nested one."""

from collections.abc import Mapping
from typing import Any

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.row import Work

_PEERS = (
    (("CidrIp",), "IpRanges", "CidrIp"),
    (("CidrIpv6",), "Ipv6Ranges", "CidrIpv6"),
    (("SourceSecurityGroupId", "DestinationSecurityGroupId"), "UserIdGroupPairs", "GroupId"),
    (("SourcePrefixListId", "DestinationPrefixListId"), "PrefixListIds", "PrefixListId"),
)
_PLAIN = frozenset({"IpProtocol", "FromPort", "ToPort", "Description", "GroupId"})
# The owner of the peer group is this account: there is no other one.
_REDUNDANT = frozenset({"SourceSecurityGroupOwnerId"})
# Every group starts with this rule, which a template with rules of its own takes away:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
_ALLOW_ALL = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}


def permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The IpPermission that says what a rule of a template says; raises `ResourceError` if it cannot."""
    known = _PLAIN | _REDUNDANT | {name for names, _, _ in _PEERS for name in names}
    unknown = sorted(set(rule) - known)
    if unknown:
        raise ResourceError(f"Security group rule: {unknown} are not known to the embedded AWS.")
    result: dict[str, Any] = {
        name: rule[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in rule
    }
    description = {"Description": rule["Description"]} if rule.get("Description") else {}
    for names, member, key in _PEERS:
        peers = [{key: rule[name], **description} for name in names if name in rule]
        if peers:
            result[member] = peers
    return result


def set_ingress(work: Work) -> None:
    """Replaces the inbound rules that the template gave the group."""
    _set(work, "SecurityGroupIngress", "Ingress", work.previous.get("SecurityGroupIngress", []))


def set_egress(work: Work) -> None:
    """Replaces the outbound rules that the template gave the group, or the one it starts with."""
    _set(work, "SecurityGroupEgress", "Egress", work.previous.get("SecurityGroupEgress", [_ALLOW_ALL]))


def _set(work: Work, name: str, direction: str, old: list[Mapping[str, Any]]) -> None:
    new = work.properties.get(name, [_ALLOW_ALL] if direction == "Egress" else [])
    gone = [permission(rule) for rule in old if rule not in new]
    added = [permission(rule) for rule in new if rule not in old]
    if gone:
        work.call(f"RevokeSecurityGroup{direction}", {"IpPermissions": gone})
    if added:
        work.call(f"AuthorizeSecurityGroup{direction}", {"IpPermissions": added})
