"""Jobs, endpoints and people have no way to the internet, and reach every AWS service that they call."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from config.models.sources import BucketSource
from config.settings import Settings
from stacks.network.default_security_group import RUNBOOK
from stacks.network.stack import NetworkStack
from tests.stacks.cloud import Cloud, Resource
from tools.local_aws.iam.engine.evaluator import decide
from tools.local_aws.iam.engine.model import Policies, PolicyKind, Principal, Request
from tools.local_aws.iam.engine.parser import parse_policy

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
FOR_JOBS = {
    *("ecr.api", "ecr.dkr", "kms", "logs", "monitoring"),
    *("s3", "sagemaker.api", "sagemaker.runtime", "sts"),
}
FOR_STUDIO = {"studio"}
FOR_MLFLOW = {"experiments"}
FOR_THE_CATALOG = {"glue", "athena"}
# Each option of dev, and what people in a VPC-only domain call because of it.
REQUIRED = {
    "dev": FOR_JOBS
    | FOR_STUDIO
    | FOR_MLFLOW
    | FOR_THE_CATALOG
    | {"databrew", "sagemaker.featurestore-runtime"},
    "prod": FOR_JOBS,
}
OTHERS = "999999999999"


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


def service_of(endpoint: Resource) -> str:
    """The service's short name: what comes after the region, except that `sagemaker` may come before it."""
    name = endpoint.get("ServiceName")
    text = name if isinstance(name, str) else "".join(map(str, name["Fn::Join"][1]))
    return text.split(".", 3)[3]


def endpoints_of(cloud: Cloud, environment: str) -> dict[str, Resource]:
    return {
        service_of(endpoint): endpoint
        for endpoint in cloud.of_type("AWS::EC2::VPCEndpoint")
        if endpoint.template.environment == environment
    }


@pytest.mark.parametrize("environment", REQUIRED)
def test_everything_that_is_called_inside_the_network_has_a_vpc_endpoint(
    shipped: Cloud, environment: str
) -> None:
    """A missing one lets jobs hang until they time out, with an error about something else."""
    found = endpoints_of(shipped, environment)
    assert set(found) == REQUIRED[environment]
    for endpoint in found.values():
        if endpoint.get("VpcEndpointType") == "Interface":
            assert endpoint.get("PrivateDnsEnabled") is True, endpoint


def test_the_names_of_sagemakers_own_endpoints_begin_differently(shipped: Cloud) -> None:
    found = {name: endpoint.get("ServiceName") for name, endpoint in endpoints_of(shipped, "dev").items()}
    assert found["studio"] == "aws.sagemaker.us-east-1.studio"
    assert found["experiments"] == "aws.sagemaker.us-east-1.experiments"
    assert found["sagemaker.api"] == "com.amazonaws.us-east-1.sagemaker.api"


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


def test_a_network_that_exists_is_used_and_not_created_again(cloud: Cloud) -> None:
    (network,) = (template for template in cloud.templates if template.stack == "existing-network")
    # CloudFormation refuses a template without a resource, so what is used is written down.
    assert not [str(resource) for resource in network.resources if resource.type.startswith("AWS::EC2::")]
    (record,) = (item for item in network.resources if item.type == "AWS::SSM::Parameter")
    assert record.get("Name") == "/existing/network"
    recorded = json.loads(record.get("Value"))
    assert recorded["vpc_id"] == "vpc-0123456789abcdef0"
    assert recorded["subnet_ids"] == ["subnet-00000001", "subnet-00000002"]
    (model,) = (
        model for model in cloud.of_type("AWS::SageMaker::Model") if model.template.environment == "existing"
    )
    assert model.get("VpcConfig") == {
        "SecurityGroupIds": ["sg-00000001"],
        "Subnets": ["subnet-00000001", "subnet-00000002"],
    }


class Gate:
    """What one endpoint's policy lets through, whatever else would allow it."""

    def __init__(self, endpoint: Resource, account: str) -> None:
        self.policy = parse_policy(endpoint.get("PolicyDocument"), str(endpoint), PolicyKind.RESOURCE)
        self.account = account

    def opens(self, action: str, resource: str, *, caller: str = "", owner: str = "") -> bool:
        caller, owner = caller or self.account, owner or self.account
        context = {"aws:PrincipalAccount": caller, "aws:ResourceAccount": owner}
        principal = Principal.role_session(f"arn:aws:iam::{caller}:role/somebody", "session")
        request = Request(principal, action, resource, context, caller)
        return decide(request, Policies(resource=self.policy)).allowed


@pytest.fixture
def gates(shipped: Cloud) -> dict[str, Gate]:
    found = endpoints_of(shipped, "dev")
    return {name: Gate(endpoint, endpoint.template.account) for name, endpoint in found.items()}


def test_every_vpc_endpoint_has_a_policy(cloud: Cloud) -> None:
    for endpoint in cloud.of_type("AWS::EC2::VPCEndpoint"):
        statements = endpoint.get("PolicyDocument", "Statement")
        assert statements, endpoint
        assert all(statement["Sid"] for statement in statements), endpoint


def test_jobs_reach_the_buckets_of_their_account(gates: dict[str, Gate]) -> None:
    for bucket in ("dev-foundation-data", "cdk-hnb659fds-assets-111111111111-us-east-1"):
        assert gates["s3"].opens("s3:GetObject", f"arn:aws:s3:::{bucket}/some/object"), bucket
    assert gates["s3"].opens("s3:PutObject", "arn:aws:s3:::dev-foundation-artifacts/model.tar.gz")


def test_image_layers_come_from_the_bucket_of_ecr_and_nothing_can_be_put_there(
    gates: dict[str, Gate],
) -> None:
    layer = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/layer"
    assert gates["s3"].opens("s3:GetObject", layer, caller=OTHERS, owner=OTHERS)
    assert not gates["s3"].opens("s3:PutObject", layer, owner=OTHERS)
    elsewhere = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/layer"
    assert not gates["s3"].opens("s3:GetObject", elsewhere, caller=OTHERS, owner=OTHERS)


def test_data_cannot_be_carried_to_buckets_of_others(gates: dict[str, Gate]) -> None:
    theirs, ours = "arn:aws:s3:::theirs/stolen.csv", "arn:aws:s3:::dev-foundation-data/stolen.csv"
    assert not gates["s3"].opens("s3:PutObject", theirs, owner=OTHERS)
    assert not gates["s3"].opens("s3:PutObject", theirs, caller=OTHERS, owner=OTHERS)
    assert not gates["s3"].opens("s3:GetObject", ours, caller=OTHERS)


def test_interface_endpoints_serve_the_own_account_only(gates: dict[str, Gate]) -> None:
    for name in set(gates) - {"s3", "studio"}:
        assert gates[name].opens("any:Thing", "*"), name
        assert not gates[name].opens("any:Thing", "*", caller=OTHERS), name
        assert not gates[name].opens("any:Thing", "*", owner=OTHERS), name


def test_images_of_aws_can_be_pulled_although_they_belong_to_others(gates: dict[str, Gate]) -> None:
    image = "arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-xgboost"
    other = "arn:aws:ecr:us-east-1:683313688378:repository/other"
    for name in ("ecr.api", "ecr.dkr"):
        assert gates[name].opens("ecr:BatchGetImage", image, owner="683313688378"), name
        assert not gates[name].opens("ecr:BatchGetImage", other, owner="683313688378"), name
        assert not gates[name].opens("ecr:PutImage", image, owner="683313688378"), name


def test_the_endpoint_of_studio_leads_to_the_domain_of_the_account(gates: dict[str, Gate]) -> None:
    action = "sagemaker:CreatePresignedDomainUrl"
    own = "arn:aws:sagemaker:us-east-1:111111111111:user-profile/d-1/sam"
    assert gates["studio"].opens(action, own, caller=OTHERS)
    assert not gates["studio"].opens(action, own.replace("111111111111", OTHERS), owner=OTHERS)


def test_a_source_in_another_account_can_be_read_and_not_written(settings: Settings, tmp_path: Path) -> None:
    key = f"arn:aws:kms:us-east-1:{OTHERS}:key/00000000-0000-0000-0000-000000000000"
    source = BucketSource(name="their-sales", prefix="daily", account=OTHERS, key_arn=key)
    template = network_template(settings, tmp_path, source)
    statements = {
        statement["Sid"]: statement
        for body in template["Resources"].values()
        if body["Type"] == "AWS::EC2::VPCEndpoint"
        for statement in body["Properties"]["PolicyDocument"]["Statement"]
    }
    assert statements["ReadSources"]["Action"] == ["s3:GetObject", "s3:ListBucket"]
    assert statements["ReadSources"]["Resource"] == ["arn:aws:s3:::their-sales", "arn:aws:s3:::their-sales/*"]
    assert statements["DecryptSources"]["Resource"] == key


def network_template(settings: Settings, folder: Path, source: BucketSource) -> dict[str, Any]:
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    environment = settings.environments[0]
    account = cdk.Environment(account=environment.account, region=environment.region)
    stage = cdk.Stage(app, "stage", env=account)
    stack = NetworkStack(stage, environment, [source])
    app.synth()
    path = folder / "assembly-stage" / stack.template_file
    template: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return template
