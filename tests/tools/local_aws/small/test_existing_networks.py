"""A network that exists before the first deployment is there with the ids that somebody knows it by."""

from tools.local_aws.process import LocalAws
from tools.rehearse.acts import prepare_account

NETWORK = {
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "availability_zones": ["us-east-1a", "us-east-1b"],
    "security_group_ids": ["sg-0123456789abcdef0"],
    "vpc_endpoints": ["s3"],
}


def test_its_subnets_and_groups_are_in_its_vpc(local_aws: LocalAws) -> None:
    prepare_account(local_aws, NETWORK, [])
    ec2 = local_aws.client("ec2")
    subnets = ec2.describe_subnets(SubnetIds=NETWORK["subnet_ids"])["Subnets"]
    groups = ec2.describe_security_groups(GroupIds=NETWORK["security_group_ids"])["SecurityGroups"]
    assert [subnet["AvailabilityZone"] for subnet in subnets] == NETWORK["availability_zones"]
    assert {thing["VpcId"] for thing in [*subnets, *groups]} == {NETWORK["vpc_id"]}
    assert ec2.describe_vpcs(VpcIds=[NETWORK["vpc_id"]])["Vpcs"]
