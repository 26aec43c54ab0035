"""DNS Firewall refuses what Route 53 Resolver refuses, and is taken apart in its order only."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tools.local_aws.process import LocalAws

BLOCK = {"Action": "BLOCK", "BlockResponse": "NXDOMAIN"}


class Firewall:
    """A rule group with a rule, and a VPC that it can be associated with."""

    def __init__(self, aws: LocalAws) -> None:
        self.client = aws.client("route53resolver")
        self.vpc = aws.client("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        self.group = self.make_group()
        self.domains = self.make_domains()
        self.add(self.domains, 1, **BLOCK)

    def make_group(self) -> str:
        made = self.client.create_firewall_rule_group(Name="rules", CreatorRequestId=unique("a"))
        return str(made["FirewallRuleGroup"]["Id"])

    def make_domains(self) -> str:
        made = self.client.create_firewall_domain_list(Name="domains", CreatorRequestId=unique("a"))
        return str(made["FirewallDomainList"]["Id"])

    def add(self, domains: str, priority: int, **rule: str) -> Any:
        """Adds a rule to the group."""
        return self.client.create_firewall_rule(
            CreatorRequestId=unique("a"),
            Name="rule",
            FirewallRuleGroupId=self.group,
            FirewallDomainListId=domains,
            Priority=priority,
            **rule,
        )

    def associate(self, priority: int = 101, **more: str) -> str:
        """The id of an association with the VPC."""
        given = {"VpcId": self.vpc, "FirewallRuleGroupId": self.group, **more}
        made = self.client.associate_firewall_rule_group(
            Name="firewall", CreatorRequestId=unique("a"), Priority=priority, **given
        )
        return str(made["FirewallRuleGroupAssociation"]["Id"])


@pytest.fixture
def firewall(local_aws: LocalAws) -> Firewall:
    return Firewall(local_aws)


def refused(words: str, code: str = "ValidationException") -> Any:
    return pytest.raises(ClientError, match=f"{code}.*{words}")


def test_a_rule_names_a_list_and_a_priority_of_its_own_and_how_it_blocks(firewall: Firewall) -> None:
    with refused("RSLVR-02016"):
        firewall.add(firewall.make_domains(), 2, Action="BLOCK")
    with refused("FirewallDomainListId"):
        firewall.add(firewall.domains, 2, **BLOCK)
    with refused("Priority"):
        firewall.add(firewall.make_domains(), 1, **BLOCK)
    with refused("RSLVR-02025", "ResourceNotFoundException"):
        firewall.add("rslvr-fdl-none", 2, **BLOCK)


@pytest.mark.parametrize(
    ("domain", "is_one"),
    [
        ("*", True),
        ("*.a-1.com", True),
        ("*a.com", True),
        ("a.com.", True),
        ("a.*.com", False),
        ("a b", False),
    ],
)
def test_a_domain_has_its_asterisk_at_the_beginning(firewall: Firewall, domain: str, is_one: bool) -> None:
    change = {"FirewallDomainListId": firewall.domains, "Operation": "REPLACE", "Domains": [domain]}
    if is_one:
        firewall.client.update_firewall_domains(**change)
    else:
        with refused("letters, digits"):
            firewall.client.update_firewall_domains(**change)


@pytest.mark.parametrize("priority", [99, 9900])
def test_reserved_priorities_are_refused(firewall: Firewall, priority: int) -> None:
    with refused("RSLVR-02017"):
        firewall.associate(priority)


def test_a_vpc_has_a_rule_group_once_and_a_priority_once(firewall: Firewall) -> None:
    firewall.associate()
    with refused("RSLVR-02302"):
        firewall.associate(102)
    with refused("has the priority 101"):
        firewall.associate(FirewallRuleGroupId=firewall.make_group())
    with refused("RSLVR-02025", "ResourceNotFoundException"):
        firewall.associate(VpcId="vpc-00000000")


def test_what_is_in_use_is_not_deleted(firewall: Firewall) -> None:
    client, group = firewall.client, {"FirewallRuleGroupId": firewall.group}
    association = {"FirewallRuleGroupAssociationId": firewall.associate(MutationProtection="ENABLED")}
    domains = {"FirewallDomainListId": firewall.domains}
    with refused("RSLVR-02307"):
        client.disassociate_firewall_rule_group(**association)
    with refused("RSLVR-02103"):
        client.delete_firewall_rule_group(**group)
    with refused("is used by a rule", "ConflictException"):
        client.delete_firewall_domain_list(**domains)
    client.delete_firewall_rule(**group, **domains)
    client.delete_firewall_domain_list(**domains)
    with refused("is associated"):
        client.delete_firewall_rule_group(**group)
    client.update_firewall_rule_group_association(**association, MutationProtection="DISABLED")
    client.disassociate_firewall_rule_group(**association)
    client.delete_firewall_rule_group(**group)
    with refused("RSLVR-02025", "ResourceNotFoundException"):
        client.get_firewall_rule_group(**group)


def test_query_logs_end_with_the_last_vpc(firewall: Firewall) -> None:
    made = firewall.client.create_resolver_query_log_config(
        Name="queries", DestinationArn="arn:aws:logs:us-east-1:111111111111:*", CreatorRequestId=unique("a")
    )
    config = {"ResolverQueryLogConfigId": made["ResolverQueryLogConfig"]["Id"]}
    firewall.client.associate_resolver_query_log_config(**config, ResourceId=firewall.vpc)
    with refused("disassociate it first", "InvalidRequestException"):
        firewall.client.delete_resolver_query_log_config(**config)
    firewall.client.disassociate_resolver_query_log_config(**config, ResourceId=firewall.vpc)
    with refused("is not associated", "ResourceNotFoundException"):
        firewall.client.disassociate_resolver_query_log_config(**config, ResourceId=firewall.vpc)
    firewall.client.delete_resolver_query_log_config(**config)
