"""DNS Firewall: the VPC resolves what is used of AWS, and no other name.

A network without a way to the internet still asks the internet's name servers, and whoever owns a domain
reads what is asked below it. Where DNS Firewall itself fails, nothing is resolved; that is the VPC's default:
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-vpc-configuration.html
"""

from collections.abc import Iterable, Iterator

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from aws_cdk import aws_route53resolver as resolver

from config.facts.aws import DOMAINS

EVERYTHING = "*"
# Below are the rule groups that Firewall Manager puts first:
# https://docs.aws.amazon.com/waf/latest/developerguide/how-fms-works-dns-firewall.html
_PRIORITY = 101
# Hosts ask for their own names: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
_HOSTS = ("*.ec2.internal", "*.{region}.compute.internal")
_Rule = resolver.CfnFirewallRuleGroup.FirewallRuleProperty


def create_dns_firewall(vpc: ec2.Vpc, vpc_endpoints: Iterable[str], queries: logs.CfnLogGroup) -> None:
    """`vpc_endpoints` are the short names of those that are called, `queries` is told every question."""
    stack = cdk.Stack.of(vpc)
    domains = sorted(_domains(vpc_endpoints, stack.region))
    allowed = resolver.CfnFirewallDomainList(stack, "DnsAllowed", domains=domains)
    others = resolver.CfnFirewallDomainList(stack, "DnsOthers", domains=[EVERYTHING])
    rules = resolver.CfnFirewallRuleGroup(
        stack,
        "DnsRules",
        firewall_rules=[
            _Rule(
                priority=100,
                action="ALLOW",
                firewall_domain_list_id=allowed.attr_id,
                # AWS's names lead to further ones of AWS, which change: s3-1-w.amazonaws.com.
                firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN",
            ),
            # "There is no such name" ends a call at once; no answer would let it wait.
            _Rule(
                priority=200,
                action="BLOCK",
                block_response="NXDOMAIN",
                firewall_domain_list_id=others.attr_id,
            ),
        ],
    )
    resolver.CfnFirewallRuleGroupAssociation(
        stack, "DnsFirewall", firewall_rule_group_id=rules.attr_id, vpc_id=vpc.vpc_id, priority=_PRIORITY
    )
    _log(vpc, queries)


def _domains(vpc_endpoints: Iterable[str], region: str) -> Iterator[str]:
    for domain in (*_HOSTS, *(domain for name in vpc_endpoints for domain in DOMAINS[name])):
        yield domain.format(region=region)


def _log(vpc: ec2.Vpc, queries: logs.CfnLogGroup) -> None:
    stack = cdk.Stack.of(vpc)
    config = resolver.CfnResolverQueryLoggingConfig(stack, "DnsQueries", destination_arn=queries.attr_arn)
    resolver.CfnResolverQueryLoggingConfigAssociation(
        stack, "DnsQueriesOfVpc", resolver_query_log_config_id=config.attr_id, resource_id=vpc.vpc_id
    )
