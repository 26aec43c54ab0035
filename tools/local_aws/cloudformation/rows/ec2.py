"""EC2: the network."""

from collections.abc import Callable
from typing import Any

from tools.local_aws.cloudformation.errors import ResourceError
from tools.local_aws.cloudformation.parts import reads_back, with_tag_specification
from tools.local_aws.cloudformation.row import Name, Row, Setting, Tagging, Work
from tools.local_aws.cloudformation.rows.ec2_rules import permission, set_egress, set_ingress


def _switch(name: str, operation: str) -> Setting:
    """A truth value that EC2 changes by an attribute call of its own."""

    def apply(work: Work) -> None:
        work.call(operation, {name: {"Value": work.properties[name]}})

    return Setting((name,), apply)


def _add_and_remove(name: str) -> Setting:
    """A list of an endpoint that is changed by what is added and what is removed."""
    singular = name.removesuffix("s")

    def apply(work: Work) -> None:
        old, new = work.previous.get(name, []), work.properties.get(name, [])
        changes = {
            f"Add{singular}s": [item for item in new if item not in old],
            f"Remove{singular}s": [item for item in old if item not in new],
        }
        work.call("ModifyVpcEndpoint", {member: items for member, items in changes.items() if items})

    return Setting((name,), apply, apply, created_with=True)


def _change_endpoint(name: str) -> Setting:
    def apply(work: Work) -> None:
        work.call("ModifyVpcEndpoint", {name: work.properties[name]})

    return Setting((name,), apply, created_with=True)


def _rule_arguments(work: Work) -> dict[str, Any]:
    return {"GroupId": work.properties["GroupId"], "IpPermissions": [permission(work.properties)]}


def _rule(direction: str) -> Row:
    return Row(
        type_name=f"AWS::EC2::SecurityGroup{direction}",
        service="ec2",
        create=f"AuthorizeSecurityGroup{direction}",
        delete=f"RevokeSecurityGroup{direction}",
        reference="{Id}",
        identity={"GroupId": "{GroupId}", "SecurityGroupRuleIds": ("{Id}",)},
        learns={"Id": "SecurityGroupRules[0].SecurityGroupRuleId"},
        arguments=_rule_arguments,
    )


def _flow_log_arguments(work: Work) -> dict[str, Any]:
    given = with_tag_specification("vpc-flow-log")(work)
    given["ResourceIds"] = [given.pop("ResourceId")]
    return given


def _endpoint_arguments(work: Work) -> dict[str, Any]:
    # EC2's default, which moto does not fill in and later misses.
    return {"VpcEndpointType": "Gateway", **with_tag_specification("vpc-endpoint")(work)}


def _learn_default_group(work: Work) -> None:
    """EC2 makes a security group along with the VPC; CloudFormation hands out its id."""
    wanted = [
        {"Name": "vpc-id", "Values": [work.facts["VpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    groups = work.clients("ec2").describe_security_groups(Filters=wanted)["SecurityGroups"]
    work.facts["DefaultSecurityGroup"] = groups[0]["GroupId"]


def _refuse_unsuccessful(work: Work) -> None:
    """CreateFlowLogs answers 200 even when it did nothing."""
    if "problem" in work.facts:
        raise ResourceError(str(work.facts["problem"]))


def _ec2(
    type_name: str,
    create: str,
    delete: str,
    identifier: str,
    learned: str,
    arguments: Callable[[Work], dict[str, Any]],
    **more: Any,
) -> Row:
    """A resource with one identifier, tagged as EC2 tags."""
    return Row(
        type_name=f"AWS::EC2::{type_name}",
        service="ec2",
        create=create,
        delete=delete,
        reference=f"{{{identifier}}}",
        learns={identifier: learned, **more.pop("learns", {})},
        identity={"Resources": (f"{{{identifier}}}",), **more.pop("identity")},
        arguments=arguments,
        tagging=Tagging("CreateTags", "DeleteTags", keys_member="Tags"),
        **more,
    )


ROWS = (
    _ec2(
        "VPC",
        "CreateVpc",
        "DeleteVpc",
        "VpcId",
        "Vpc.VpcId",
        with_tag_specification("vpc"),
        identity={"VpcId": "{VpcId}"},
        learns={"CidrBlock": "Vpc.CidrBlock"},
        settings=(
            _switch("EnableDnsSupport", "ModifyVpcAttribute"),
            _switch("EnableDnsHostnames", "ModifyVpcAttribute"),
        ),
        settle=_learn_default_group,
    ),
    _ec2(
        "Subnet",
        "CreateSubnet",
        "DeleteSubnet",
        "SubnetId",
        "Subnet.SubnetId",
        with_tag_specification("subnet"),
        identity={"SubnetId": "{SubnetId}"},
        learns={"AvailabilityZone": "Subnet.AvailabilityZone"},
        settings=(_switch("MapPublicIpOnLaunch", "ModifySubnetAttribute"),),
    ),
    _ec2(
        "RouteTable",
        "CreateRouteTable",
        "DeleteRouteTable",
        "RouteTableId",
        "RouteTable.RouteTableId",
        with_tag_specification("route-table"),
        identity={"RouteTableId": "{RouteTableId}"},
    ),
    Row(
        type_name="AWS::EC2::SubnetRouteTableAssociation",
        service="ec2",
        create="AssociateRouteTable",
        delete="DisassociateRouteTable",
        reference="{Id}",
        identity={"AssociationId": "{Id}"},
        learns={"Id": "AssociationId"},
    ),
    _ec2(
        "SecurityGroup",
        "CreateSecurityGroup",
        "DeleteSecurityGroup",
        "GroupId",
        "GroupId",
        with_tag_specification("security-group"),
        identity={"GroupId": "{GroupId}"},
        name=Name("GroupName", 255),
        renamed={"GroupDescription": "Description"},
        attributes={"Id": "{GroupId}"},
        settings=(
            Setting(("SecurityGroupIngress",), set_ingress, set_ingress),
            Setting(("SecurityGroupEgress",), set_egress, set_egress),
        ),
    ),
    _rule("Ingress"),
    _rule("Egress"),
    _ec2(
        "VPCEndpoint",
        "CreateVpcEndpoint",
        "DeleteVpcEndpoints",
        "Id",
        "VpcEndpoint.VpcEndpointId",
        _endpoint_arguments,
        identity={"VpcEndpointId": "{Id}", "VpcEndpointIds": ("{Id}",)},
        learns={"NetworkInterfaceIds": "VpcEndpoint.NetworkInterfaceIds"},
        settings=(
            _add_and_remove("RouteTableIds"),
            _add_and_remove("SubnetIds"),
            _add_and_remove("SecurityGroupIds"),
            _change_endpoint("PolicyDocument"),
            _change_endpoint("PrivateDnsEnabled"),
        ),
        checks=(reads_back("DescribeVpcEndpoints", {"PolicyDocument": "VpcEndpoints[0].PolicyDocument"}),),
    ),
    _ec2(
        "FlowLog",
        "CreateFlowLogs",
        "DeleteFlowLogs",
        "Id",
        "FlowLogIds[0]",
        _flow_log_arguments,
        identity={"FlowLogIds": ("{Id}",)},
        learns={"problem": "Unsuccessful[0].Error.Message"},
        settle=_refuse_unsuccessful,
    ),
)
