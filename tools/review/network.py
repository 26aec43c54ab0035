"""What security groups let through after a change and not before."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tools.review.findings import Finding, Kind
from tools.review.leaves import shown
from tools.review.stacks import Json, Stack

_GROUP = "AWS::EC2::SecurityGroup"
_RULE_TYPES = {"AWS::EC2::SecurityGroupIngress": "in", "AWS::EC2::SecurityGroupEgress": "out"}
_INLINE = {"SecurityGroupIngress": "in", "SecurityGroupEgress": "out"}
_PEERS = (
    *("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "DestinationSecurityGroupId"),
    *("SourcePrefixListId", "DestinationPrefixListId", "SourceSecurityGroupName"),
)
# What EC2 adds when a template says nothing about what is let out:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
_ALL_OUT: Json = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
_EVERYTHING = (0, 65535)


class _Opening(NamedTuple):
    group: str
    direction: str
    protocol: str
    ports: tuple[int, int]
    peer: str

    def __str__(self) -> str:
        first, last = self.ports
        ports = "all ports" if self.ports == _EVERYTHING else f"ports {first} to {last}"
        towards = "from" if self.direction == "in" else "to"
        return f"{self.direction}: protocol {self.protocol}, {ports}, {towards} {self.peer}"

    def covers(self, other: "_Opening") -> bool:
        return (
            (self.group, self.direction) == (other.group, other.direction)
            and self.protocol in ("-1", other.protocol)
            and self.ports[0] <= other.ports[0]
            and other.ports[1] <= self.ports[1]
            and _contains(self.peer, other.peer)
        )


def _contains(peer: str, other: str) -> bool:
    if peer == other:
        return True
    try:
        outer, inner = ipaddress.ip_network(peer), ipaddress.ip_network(other)
        return inner.subnet_of(outer)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return False


def opened_groups(before: Stack, after: Stack) -> Iterator[Finding]:
    """A finding per rule that no rule before covers, of groups that were there before."""
    old = list(_openings(before))
    for opening in _openings(after):
        is_new_group = opening.group in after.resources and opening.group not in before.resources
        if not is_new_group and not any(each.covers(opening) for each in old):
            yield Finding(Kind.NETWORK, after.place, f"security group {opening.group}", str(opening))


def _openings(stack: Stack) -> Iterator[_Opening]:
    for logical_id, body in stack.resources.items():
        properties = body.get("Properties", {})
        if body["Type"] == _GROUP:
            for name, direction in _INLINE.items():
                default = [_ALL_OUT] if direction == "out" else []
                rules = properties.get(name, default)
                for rule in rules if isinstance(rules, list) else [rules]:
                    yield _opening(logical_id, direction, rule)
        elif body["Type"] in _RULE_TYPES:
            group = shown(properties.get("GroupId")).removeprefix("${").partition(".")[0]
            yield _opening(group, _RULE_TYPES[body["Type"]], properties)


def _opening(group: str, direction: str, rule: Any) -> _Opening:
    if not isinstance(rule, Mapping) or any(key.startswith("Fn::") for key in rule):
        # A function chooses it: nobody can say what it lets through.
        return _Opening(group, direction, "-1", _EVERYTHING, shown(rule))
    peer = next((shown(rule[name]) for name in _PEERS if name in rule), "anywhere")
    protocol = str(rule.get("IpProtocol", "-1"))
    ports = _EVERYTHING if protocol == "-1" else (_port(rule, "FromPort", 0), _port(rule, "ToPort", 65535))
    return _Opening(group, direction, protocol, ports, peer)


def _port(rule: Mapping[str, Any], name: str, otherwise: int) -> int:
    value: Any = rule.get(name, otherwise)
    return value if isinstance(value, int) and value >= 0 else otherwise
