"""Jobs and endpoints have no way to the internet, and reach every AWS service that they call."""

from tests.stacks.cloud import Cloud

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
REQUIRED_ENDPOINTS = {
    *("ecr.api", "ecr.dkr", "kms", "logs", "monitoring"),
    *("s3", "sagemaker.api", "sagemaker.runtime", "sts"),
}


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


def test_every_service_that_jobs_call_has_a_vpc_endpoint(cloud: Cloud) -> None:
    """A missing one lets jobs hang until they time out, with an error about something else."""
    services: dict[str, set[str]] = {}
    for endpoint in cloud.of_type("AWS::EC2::VPCEndpoint"):
        name = endpoint.get("ServiceName")
        text = name if isinstance(name, str) else "".join(map(str, name["Fn::Join"][1]))
        services.setdefault(endpoint.template.stack, set()).add(text.split(".", 3)[3])
        if endpoint.get("VpcEndpointType") == "Interface":
            assert endpoint.get("PrivateDnsEnabled") is True, endpoint
    for stack, names in services.items():
        assert names == REQUIRED_ENDPOINTS, stack


def test_names_of_services_resolve_to_their_endpoints(cloud: Cloud) -> None:
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
    for group in cloud.of_type("AWS::EC2::SecurityGroup"):
        for rule in group.get("SecurityGroupEgress") or []:
            is_https = (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort")) == ("tcp", 443, 443)
            is_nothing = rule.get("CidrIp") == "255.255.255.255/32"
            assert is_https or is_nothing, group


def test_the_network_of_every_vpc_is_logged(cloud: Cloud) -> None:
    logged = {str(cloud.the_one(log, "ResourceId")) for log in cloud.of_type("AWS::EC2::FlowLog")}
    assert logged == {str(vpc) for vpc in cloud.of_type("AWS::EC2::VPC")}
    for flow_log in cloud.of_type("AWS::EC2::FlowLog"):
        assert flow_log.get("TrafficType") == "ALL", flow_log


def test_a_network_that_exists_is_used_and_not_created_again(cloud: Cloud) -> None:
    (network,) = (template for template in cloud.templates if template.stack == "existing-network")
    assert network.resources == []
    (model,) = (
        model for model in cloud.of_type("AWS::SageMaker::Model") if model.template.environment == "existing"
    )
    assert model.get("VpcConfig") == {
        "SecurityGroupIds": ["sg-00000001"],
        "Subnets": ["subnet-00000001", "subnet-00000002"],
    }
