"""An association with a runbook of AWS does, with its role's permissions, what the runbook says."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import allow, make_role
from tools.local_aws.process import LocalAws
from tools.local_aws.small.associations import REMOVE_DEFAULT_GROUP_RULES

STATE_MANAGER = {"Service": "ssm.amazonaws.com"}
RULE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}


READ = allow("ec2:DescribeSecurityGroups")
REVOKE = allow("ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress")


@pytest.fixture
def group(local_aws: LocalAws) -> str:
    ec2 = local_aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    return str(ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"])


def rules_of(aws: LocalAws, group: str) -> list[Any]:
    found = aws.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    return [*found["IpPermissions"], *found["IpPermissionsEgress"]]


def associate(aws: LocalAws, role: str, group: str, **more: Any) -> dict[str, Any]:
    request = {
        "Name": REMOVE_DEFAULT_GROUP_RULES,
        "Parameters": {"AutomationAssumeRole": [role], "GroupId": [group]},
        **more,
    }
    answer: dict[str, Any] = aws.client("ssm").create_association(**request)["AssociationDescription"]
    return answer


def test_the_default_security_group_is_closed_and_closed_again(local_aws: LocalAws, group: str) -> None:
    role = make_role(local_aws, STATE_MANAGER, READ, REVOKE)
    assert rules_of(local_aws, group)
    association = associate(local_aws, role, group)
    assert association["Overview"]["Status"] == "Success"
    assert rules_of(local_aws, group) == []
    local_aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[RULE])
    local_aws.client("ssm").start_associations_once(AssociationIds=[association["AssociationId"]])
    assert rules_of(local_aws, group) == []


def test_a_role_that_may_not_revoke_leaves_the_rules_and_fails_the_association(
    local_aws: LocalAws, group: str
) -> None:
    elsewhere = "arn:aws:ec2:us-east-1:111111111111:security-group/sg-00000000"
    revoke = {**REVOKE, "Resource": elsewhere}
    association = associate(local_aws, make_role(local_aws, STATE_MANAGER, READ, revoke), group)
    assert association["Overview"]["Status"] == "Failed"
    assert rules_of(local_aws, group)


def test_a_role_that_does_not_trust_systems_manager_cannot_be_used(local_aws: LocalAws, group: str) -> None:
    role = make_role(local_aws, {"Service": "sagemaker.amazonaws.com"}, READ, REVOKE)
    assert associate(local_aws, role, group)["Overview"]["Status"] == "Failed"


def test_an_association_can_be_changed_described_tagged_and_deleted(local_aws: LocalAws, group: str) -> None:
    ssm = local_aws.client("ssm")
    role = make_role(local_aws, STATE_MANAGER, READ, REVOKE)
    identifier = associate(local_aws, role, group, ScheduleExpression="rate(1 day)")["AssociationId"]
    parameters = {"AutomationAssumeRole": [role], "GroupId": [group]}
    ssm.update_association(AssociationId=identifier, Parameters=parameters, AssociationName="close")
    described = ssm.describe_association(AssociationId=identifier)["AssociationDescription"]
    assert described["AssociationName"] == "close"
    assert described["AssociationVersion"] == "2"
    assert "ScheduleExpression" not in described
    tags = [{"Key": "a", "Value": "1"}]
    ssm.add_tags_to_resource(ResourceType="Association", ResourceId=identifier, Tags=tags)
    found = ssm.list_tags_for_resource(ResourceType="Association", ResourceId=identifier)
    assert found["TagList"] == tags
    ssm.delete_association(AssociationId=identifier)
    with pytest.raises(ClientError, match="AssociationDoesNotExist"):
        ssm.describe_association(AssociationId=identifier)


def test_an_unknown_runbook_or_parameter_is_refused_and_named(local_aws: LocalAws, group: str) -> None:
    ssm = local_aws.client("ssm")
    with pytest.raises(ClientError, match="no document AWS-RunShellScript"):
        ssm.create_association(Name="AWS-RunShellScript")
    with pytest.raises(ClientError, match="AutomationAssumeRole"):
        ssm.create_association(Name=REMOVE_DEFAULT_GROUP_RULES, Parameters={"GroupId": [group]})
