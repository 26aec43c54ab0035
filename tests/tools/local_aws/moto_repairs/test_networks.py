"""What a network has in it keeps the network."""

import pytest
from botocore.exceptions import ClientError

from tools.local_aws.process import LocalAws


def test_nothing_is_deleted_while_something_stands_in_it(local_aws: LocalAws) -> None:
    ec2, efs = local_aws.client("ec2"), local_aws.client("efs")
    vpc_id = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    group_id, other_id = (
        ec2.create_security_group(GroupName=name, Description="For a test", VpcId=vpc_id)["GroupId"]
        for name in ("one", "other")
    )
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group_id}]}
    ec2.authorize_security_group_ingress(GroupId=other_id, IpPermissions=[rule])
    system = efs.create_file_system(CreationToken=vpc_id)["FileSystemId"]
    target = efs.create_mount_target(FileSystemId=system, SubnetId=subnet_id, SecurityGroups=[other_id])

    def refused(operation: str, **which: str) -> str:
        with pytest.raises(ClientError) as error:
            getattr(ec2, operation)(**which)
        assert error.value.response["Error"]["Code"] == "DependencyViolation"
        return str(error.value.response["Error"]["Message"])

    in_use = "has dependencies and cannot be deleted."
    assert refused("delete_subnet", SubnetId=subnet_id) == f"The subnet '{subnet_id}' {in_use}"
    for group in (group_id, other_id):
        assert refused("delete_security_group", GroupId=group) == f"resource {group} has a dependent object"
    efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    ec2.delete_subnet(SubnetId=subnet_id)
    assert refused("delete_vpc", VpcId=vpc_id) == f"The vpc '{vpc_id}' {in_use}"
    for group in (other_id, group_id):
        ec2.delete_security_group(GroupId=group)
    ec2.delete_vpc(VpcId=vpc_id)


def test_sagemaker_has_endpoint_services_for_studio_and_mlflow(local_aws: LocalAws) -> None:
    names = [f"aws.sagemaker.us-east-1.{name}" for name in ("experiments", "mlflow", "studio")]
    found = local_aws.client("ec2").describe_vpc_endpoint_services(ServiceNames=names)
    assert found["ServiceNames"] == names
