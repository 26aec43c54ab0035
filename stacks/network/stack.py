"""Where jobs and endpoints run: a VPC without a way to the internet, or one that exists."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from config.models.options import needed_vpc_endpoints
from config.settings import Environment, ExistingNetwork, ManagedNetwork, Source
from stacks.network.default_security_group import close_default_security_group
from stacks.network.dns_firewall import create_dns_firewall
from stacks.network.vpc_endpoints import HTTPS, create_vpc_endpoints
from stacks.parts.encryption import create_key, create_log_group
from stacks.parts.environment_stack import EnvironmentStack
from stacks.permissions.acknowledgements import acknowledge
from stacks.permissions.roles import service_role
from stacks.permissions.statements import allow


@dataclass(frozen=True)
class JobNetwork:
    """The VPC, its subnets and the security groups that jobs, endpoints and people's apps attach to."""

    vpc_id: str
    subnet_ids: list[str]
    security_group_ids: list[str]


class NetworkStack(EnvironmentStack):
    """VPC, endpoints and logs. Replacing the VPC replaces all in it: choose its CIDR once."""

    kind = "network"
    purpose = "Where jobs and endpoints run: a VPC without a way to the internet, or one that exists."
    protected = True

    def __init__(self, scope: Construct, environment: Environment, sources: Sequence[Source]) -> None:
        super().__init__(scope, environment)
        network = environment.network
        if isinstance(network, ManagedNetwork):
            vpc = self._create_vpc(network)
            jobs = self._create_jobs_security_group(vpc)
            create_vpc_endpoints(vpc, environment=environment, clients=jobs, sources=sources)
            close_default_security_group(vpc)
            key = self._create_key()
            self._create_flow_logs(vpc, key)
            if network.dns_firewall:
                names = needed_vpc_endpoints(environment.studio, environment.catalog, sources)
                queries = f"/aws/vendedlogs/route53resolver/{self.place.name('queries')}"
                create_dns_firewall(vpc, names, self._create_log_group("DnsQueryGroup", key, queries))
            subnets = [subnet.subnet_id for subnet in vpc.isolated_subnets]
            self.jobs = JobNetwork(vpc.vpc_id, subnets, [jobs.security_group_id])
            self.hand_on(vpc.vpc_id, *subnets, jobs.security_group_id)
        else:
            self._record(network)
            self.jobs = JobNetwork(network.vpc_id, list(network.subnet_ids), list(network.security_group_ids))
        cdk.CfnOutput(self, "JobSubnetIds", value=",".join(self.jobs.subnet_ids))
        cdk.CfnOutput(self, "JobSecurityGroupIds", value=",".join(self.jobs.security_group_ids))

    @property
    def availability_zones(self) -> list[str]:
        """The configured zones. CDK would look an account's zones up; synthesis asks nobody."""
        network = self.settings.network
        return list(network.availability_zones) if isinstance(network, ManagedNetwork) else []

    def _record(self, network: ExistingNetwork) -> None:
        """What is used of a network that somebody else owns; a template without a resource is no template."""
        ssm.CfnParameter(
            self,
            "Network",
            name=f"/{self.settings.prefix}/network",
            description="The existing network that this environment uses; changed in its configuration",
            type="String",
            value=json.dumps(network.model_dump(mode="json")),
        )

    def _create_vpc(self, network: ManagedNetwork) -> ec2.Vpc:
        vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(str(network.cidr)),
            availability_zones=list(network.availability_zones),
            create_internet_gateway=False,
            nat_gateways=0,
            # CDK would do it with a custom resource; default_security_group.py does it without one.
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )
        for subnet in vpc.isolated_subnets:
            template_subnet = subnet.node.default_child
            assert template_subnet
            acknowledge(
                template_subnet,
                "Zones are configured, because looking them up would make synthesis depend on an account.",
                "CloudFormation-Validate::W3010",
            )
        return vpc

    def _create_jobs_security_group(self, vpc: ec2.Vpc) -> ec2.SecurityGroup:
        jobs = ec2.SecurityGroup(
            self, "Jobs", vpc=vpc, description="SageMaker jobs and endpoints", allow_all_outbound=False
        )
        jobs.add_ingress_rule(jobs, ec2.Port.all_tcp(), "Hosts of one distributed job talk to each other")
        jobs.add_egress_rule(jobs, ec2.Port.all_tcp(), "Hosts of one distributed job talk to each other")
        jobs.add_egress_rule(
            ec2.Peer.any_ipv4(),
            ec2.Port.tcp(HTTPS),
            "AWS services through the VPC endpoints; no internet route",
        )
        return jobs

    def _create_key(self) -> kms.Key:
        # A key of its own: the environment's key comes later, with roles that already name these subnets.
        about = f"Encrypts the logs of the network of {self.settings.name}"
        return create_key(self, "FlowLogKey", description=about, alias=self.place.name("flow-logs"))

    def _create_log_group(self, construct_id: str, key: kms.Key, name: str) -> logs.CfnLogGroup:
        days = self.settings.log_retention_days
        return create_log_group(self, construct_id, key=key, retention_days=days, name=name)

    def _create_flow_logs(self, vpc: ec2.Vpc, key: kms.Key) -> None:
        name = f"/aws/vpc/{self.place.name('flow-logs')}"
        log_group = self._create_log_group("FlowLogGroup", key, name)
        actions = "logs:CreateLogStream logs:DescribeLogStreams logs:PutLogEvents"
        deliver = allow("DeliverFlowLogs", actions, [log_group.attr_arn])
        role, policy = service_role(self, "FlowLog", "vpc-flow-logs", "Delivery of VPC flow logs", [deliver])
        flow_log = ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=vpc.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_group_name=log_group.ref,
            deliver_logs_permission_arn=role.role_arn,
        )
        flow_log.node.add_dependency(policy)
