"""Jobs, endpoints and people have no way to the internet, and reach every AWS service that they call."""

from typing import Any

from config.settings import Environment, ManagedNetwork
from stacks.network.default_security_group import RUNBOOK
from tests.stacks.cloud import Cloud, Resource
from tests.stacks.network.test_vpc_endpoints import service_of

WAYS_OUT = (
    "AWS::EC2::CarrierGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::Route",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::VPNGateway",
)

# What is asked for behind a VPC endpoint, where it is not called like its service:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
# https://docs.aws.amazon.com/sagemaker/latest/dg/mlflow-app-setup.html
NAMES_BEHIND = {
    "s3": (
        "a-bucket.s3.{}.amazonaws.com",
        "s3.{}.amazonaws.com",
        "prod-{0}-starport-layer-bucket.s3.{0}.amazonaws.com",
    ),
    "sagemaker.api": ("api.sagemaker.{}.amazonaws.com",),
    "sagemaker.runtime": ("runtime.sagemaker.{}.amazonaws.com",),
    "sagemaker.featurestore-runtime": ("featurestore-runtime.sagemaker.{}.amazonaws.com",),
    "ecr.api": ("api.ecr.{}.amazonaws.com",),
    "ecr.dkr": ("683313688378.dkr.ecr.{}.amazonaws.com",),
    "studio": ("d-abc.studio.{}.sagemaker.aws", "fs-1.efs.{}.amazonaws.com"),
    "mlflow": ("mlflow.sagemaker.{}.app.aws",),
    "experiments": ("t-abc.{}.experiments.sagemaker.aws",),
}
NAMES_OF_NOBODY_HERE = (
    *("example.com", "s3.{}.amazonaws.com.example.com", "data.example.com", "amazonaws.com.example.com"),
    *(
        "d-abc.studio.{}.sagemaker.aws.example.com",
        "exampleskms.{}.amazonaws.com",
        "a-bucket.s3.xx-west-9.amazonaws.com",
    ),
    *("sqs.{}.amazonaws.com", "ec2-1-2-3-4.compute-1.amazonaws.com", "4.3.2.1.in-addr.arpa"),
)


def test_there_is_no_route_to_the_internet(cloud: Cloud) -> None:
    assert [str(resource) for resource in cloud.resources if resource.type in WAYS_OUT] == []


def test_no_subnet_gives_public_addresses(cloud: Cloud) -> None:
    for subnet in cloud.of_type("AWS::EC2::Subnet"):
        assert subnet.get("MapPublicIpOnLaunch") is False, subnet


def test_subnets_lie_in_at_least_two_zones(cloud: Cloud) -> None:
    zones: dict[str, set[str]] = {}
    for subnet in cloud.of_type("AWS::EC2::Subnet"):
        zones.setdefault(subnet.template.stack, set()).add(subnet.get("AvailabilityZone"))
    assert all(len(names) >= 2 for names in zones.values()), zones


def test_names_of_services_resolve_to_their_endpoints(cloud: Cloud) -> None:
    for endpoint in cloud.of_type("AWS::EC2::VPCEndpoint"):
        is_gateway = endpoint.get("VpcEndpointType") == "Gateway"
        assert is_gateway or endpoint.get("PrivateDnsEnabled") is True, endpoint
    for vpc in cloud.of_type("AWS::EC2::VPC"):
        assert vpc.get("EnableDnsSupport") is True, vpc
        assert vpc.get("EnableDnsHostnames") is True, vpc


def test_jobs_in_every_subnet_may_connect_to_every_interface_endpoint(cloud: Cloud) -> None:
    for endpoint in cloud.of_type("AWS::EC2::VPCEndpoint"):
        if endpoint.get("VpcEndpointType") == "Gateway":
            continue
        here = endpoint.template.resources
        subnets = cloud.referenced(endpoint.template, endpoint.get("SubnetIds"))
        assert set(map(str, subnets)) == {str(item) for item in here if item.type == "AWS::EC2::Subnet"}
        group = cloud.the_one(endpoint, "SecurityGroupIds")
        allowed = [
            (rule.get("IpProtocol"), rule.get("FromPort"), cloud.the_one(rule, "SourceSecurityGroupId"))
            for rule in here
            if rule.type == "AWS::EC2::SecurityGroupIngress" and cloud.the_one(rule, "GroupId") == group
        ]
        assert [(protocol, port) for protocol, port, _ in allowed] == [("tcp", 443)], endpoint
        assert allowed[0][2].logical_id.startswith("Jobs"), endpoint


def test_every_subnet_reaches_s3_through_the_gateway_endpoint(cloud: Cloud) -> None:
    associations = cloud.of_type("AWS::EC2::SubnetRouteTableAssociation")
    gateways = [
        endpoint
        for endpoint in cloud.of_type("AWS::EC2::VPCEndpoint")
        if endpoint.get("VpcEndpointType") == "Gateway"
    ]
    routed = {
        str(table)
        for gateway in gateways
        for table in cloud.referenced(gateway.template, gateway.get("RouteTableIds"))
    }
    assert {str(cloud.the_one(association, "RouteTableId")) for association in associations} == routed
    with_route = {str(cloud.the_one(association, "SubnetId")) for association in associations}
    assert with_route == {str(subnet) for subnet in cloud.of_type("AWS::EC2::Subnet")}


def test_nobody_outside_may_connect(cloud: Cloud) -> None:
    for group in cloud.of_type("AWS::EC2::SecurityGroup"):
        for rule in group.get("SecurityGroupIngress") or []:
            assert "CidrIp" not in rule, group
            assert "CidrIpv6" not in rule, group
    for ingress in cloud.of_type("AWS::EC2::SecurityGroupIngress"):
        assert ingress.get("SourceSecurityGroupId"), ingress


def test_jobs_send_nothing_but_https_out_of_their_group(cloud: Cloud) -> None:
    """And to the port of the database that their source is in."""
    for group in cloud.of_type("AWS::EC2::SecurityGroup"):
        for rule in group.get("SecurityGroupEgress") or []:
            is_https = (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort")) == ("tcp", 443, 443)
            is_nothing = rule.get("CidrIp") == "255.255.255.255/32"
            is_database = _is_the_port_of_the_source(group, rule)
            assert is_https or is_nothing or is_database, group


def _is_the_port_of_the_source(group: Resource, rule: dict[str, Any]) -> bool:
    """Of one port alone, in the group of a job whose arguments name it."""
    addresses = [
        job.get("DefaultArguments", "--url") or "" for job in group.template.of_type("AWS::Glue::Job")
    ]
    port = rule.get("FromPort")
    return port == rule.get("ToPort") and any(f":{port}/" in address for address in addresses)


def test_every_security_group_says_where_it_lets_out_to(cloud: Cloud) -> None:
    """One without a rule lets everything out, to everywhere.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
    """
    for group in cloud.of_type("AWS::EC2::SecurityGroup"):
        assert group.get("SecurityGroupEgress"), group
        assert all("CidrIp" in rule for rule in group.get("SecurityGroupEgress")), group


def test_what_is_open_inside_is_open_between_hosts_of_jobs_and_to_the_endpoints_of_services(
    cloud: Cloud,
) -> None:
    """Jobs on several hosts choose their ports; an interface endpoint answers on one."""
    for rule in cloud.of_type("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        other = "SourceSecurityGroupId" if rule.type.endswith("Ingress") else "DestinationSecurityGroupId"
        is_among_jobs = cloud.the_one(rule, "GroupId") == cloud.the_one(rule, other)
        ports = (0, 65_535) if is_among_jobs else (443, 443)
        opened = (rule.get("IpProtocol"), rule.get("FromPort"), rule.get("ToPort"))
        assert opened == ("tcp", *ports), rule


def test_the_network_of_every_vpc_is_logged(cloud: Cloud) -> None:
    logged = {str(cloud.the_one(log, "ResourceId")) for log in cloud.of_type("AWS::EC2::FlowLog")}
    assert logged == {str(vpc) for vpc in cloud.of_type("AWS::EC2::VPC")}
    for flow_log in cloud.of_type("AWS::EC2::FlowLog"):
        assert flow_log.get("TrafficType") == "ALL", flow_log
        assert cloud.the_one(flow_log, "LogGroupName").type == "AWS::Logs::LogGroup", flow_log
        assert cloud.the_one(flow_log, "DeliverLogsPermissionArn").type == "AWS::IAM::Role", flow_log


def test_the_default_security_group_of_every_vpc_is_emptied_every_day(cloud: Cloud) -> None:
    """CloudFormation cannot do it, and a custom resource of CDK would do it only once."""
    closed = set()
    for association in cloud.of_type("AWS::SSM::Association"):
        assert association.get("Name") == RUNBOOK, association
        assert association.get("ScheduleExpression") == "rate(1 day)", association
        (group,) = association.get("Parameters", "GroupId")
        assert group["Fn::GetAtt"][1] == "DefaultSecurityGroup", association
        closed |= {str(vpc) for vpc in cloud.referenced(association.template, group)}
        role = cloud.the_one(association, "Parameters", "AutomationAssumeRole")
        policies = {
            str(item) for item in role.template.resources if item.logical_id.startswith("CloseDefault")
        }
        assert policies - {str(association)} <= cloud.waits_for(association), association
    assert closed == {str(vpc) for vpc in cloud.of_type("AWS::EC2::VPC")}


def test_nothing_uses_a_custom_resource(cloud: Cloud) -> None:
    assert [str(item) for item in cloud.resources if item.type.startswith("Custom::")] == []


def test_every_vpc_endpoint_has_a_policy(cloud: Cloud) -> None:
    for endpoint in cloud.of_type("AWS::EC2::VPCEndpoint"):
        statements = endpoint.get("PolicyDocument", "Statement")
        assert statements, endpoint
        assert all(statement["Sid"] for statement in statements), endpoint


def asks_for_dns_firewall(environment: Environment) -> bool:
    return isinstance(environment.network, ManagedNetwork) and environment.network.dns_firewall


def answer(cloud: Cloud, rules: Resource, name: str) -> str | None:
    """What the first rule with the name says; an asterisk stands for any text, dots too.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-actions.html
    """
    for rule in sorted(rules.get("FirewallRules"), key=lambda rule: int(rule["Priority"])):
        (listed,) = cloud.referenced(rules.template, rule["FirewallDomainListId"])
        for domain in listed.get("Domains"):
            if name == domain or (domain.startswith("*") and name.endswith(domain[1:])):
                return str(rule["BlockResponse"] if rule["Action"] == "BLOCK" else rule["Action"])
    return None


def names_behind(endpoint: Resource, region: str) -> list[str]:
    service = service_of(endpoint)
    names = NAMES_BEHIND.get(service, (f"{service}.{{}}.amazonaws.com",))
    return [name.format(region) for name in names]


def test_where_dns_firewall_is_asked_for_every_vpc_has_one_and_its_questions_are_logged(
    cloud: Cloud, environments: dict[str, Environment]
) -> None:
    asked = {name for name, environment in environments.items() if asks_for_dns_firewall(environment)}
    vpcs = {str(vpc) for vpc in cloud.of_type("AWS::EC2::VPC") if vpc.template.environment in asked}
    associations = cloud.of_type("AWS::Route53Resolver::FirewallRuleGroupAssociation")
    assert {str(cloud.the_one(each, "VpcId")) for each in associations} == vpcs
    logged = set()
    for association in cloud.of_type("AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation"):
        config = cloud.the_one(association, "ResolverQueryLogConfigId")
        assert cloud.the_one(config, "DestinationArn").type == "AWS::Logs::LogGroup", config
        logged.add(str(cloud.the_one(association, "ResourceId")))
    assert logged == vpcs


def test_a_dns_firewall_answers_for_the_names_behind_the_vpc_endpoints_and_for_no_others(
    cloud: Cloud,
) -> None:
    """What it allows may lead to names that are not listed: buckets of S3 do, and AWS changes where to."""
    for association in cloud.of_type("AWS::Route53Resolver::FirewallRuleGroupAssociation"):
        rules, region = cloud.the_one(association, "FirewallRuleGroupId"), association.template.region
        endpoints = [each for each in rules.template.resources if each.type == "AWS::EC2::VPCEndpoint"]
        for name in [name for endpoint in endpoints for name in names_behind(endpoint, region)]:
            assert answer(cloud, rules, name) == "ALLOW", name
        for name in NAMES_OF_NOBODY_HERE:
            assert answer(cloud, rules, name.format(region)) == "NXDOMAIN", name
        for rule in rules.get("FirewallRules"):
            trusts = rule.get("FirewallDomainRedirectionAction") == "TRUST_REDIRECTION_DOMAIN"
            assert trusts == (rule["Action"] == "ALLOW"), rules
            assert "Qtype" not in rule, rules
