"""What the account as it stands forbids."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import make_role, policy, unique
from tools.local_aws.process import LocalAws

DOCUMENT = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
TRUST = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}})


def code(aws: LocalAws, service: str, call: str, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        getattr(aws.client(service), call)(**request)
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture
def role(local_aws: LocalAws) -> str:
    name = unique("Role")
    local_aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    return name


def test_a_role_has_up_to_ten_policies_and_an_attached_one_stays(local_aws: LocalAws, role: str) -> None:
    iam = local_aws.client("iam")
    made = (iam.create_policy(PolicyName=unique("policy"), PolicyDocument=DOCUMENT) for _ in range(11))
    *ten, one_more = (str(answer["Policy"]["Arn"]) for answer in made)
    for arn in ten:
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    iam.attach_role_policy(RoleName=role, PolicyArn=ten[0])
    assert code(local_aws, "iam", "attach_role_policy", RoleName=role, PolicyArn=one_more) == "LimitExceeded"
    assert code(local_aws, "iam", "delete_policy", PolicyArn=ten[0]) == "DeleteConflict"
    iam.delete_policy(PolicyArn=one_more)


def test_names_of_roles_differ_by_more_than_case(local_aws: LocalAws, role: str) -> None:
    request = {"RoleName": role.upper(), "AssumeRolePolicyDocument": TRUST}
    assert code(local_aws, "iam", "create_role", **request) == "EntityAlreadyExists"


def test_a_boundary_exists(local_aws: LocalAws) -> None:
    none = "arn:aws:iam::111111111111:policy/none"
    request = {"RoleName": unique("role"), "AssumeRolePolicyDocument": TRUST, "PermissionsBoundary": none}
    assert code(local_aws, "iam", "create_role", **request) == "NoSuchEntity"


def test_a_user_with_keys_stays(local_aws: LocalAws) -> None:
    iam, name = local_aws.client("iam"), unique("user")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    assert code(local_aws, "iam", "delete_user", UserName=name) == "DeleteConflict"
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    iam.delete_user(UserName=name)


def test_a_bucket_without_acls_takes_none(local_aws: LocalAws) -> None:
    s3, name = local_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced")
    public = {"Bucket": name, "Key": "a", "Body": b"a", "ACL": "public-read"}
    assert code(local_aws, "s3", "put_object", **public) == "AccessControlListNotSupported"
    assert (
        code(local_aws, "s3", "put_bucket_acl", Bucket=name, ACL="public-read")
        == "AccessControlListNotSupported"
    )
    s3.put_object(**public | {"ACL": "bucket-owner-full-control"})


def test_uploads_and_listings_go_on_where_they_began(local_aws: LocalAws) -> None:
    s3, name = local_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=name)
    part = {"Bucket": name, "Key": "a", "UploadId": "none", "PartNumber": 1, "Body": b"a"}
    assert code(local_aws, "s3", "upload_part", **part) == "NoSuchUpload"
    assert (
        code(local_aws, "s3", "list_objects_v2", Bucket=name, ContinuationToken="none") == "InvalidArgument"
    )
    for key in ("a", "b"):
        s3.put_object(Bucket=name, Key=key, Body=b"a")
    first = s3.list_objects_v2(Bucket=name, MaxKeys=1)
    assert s3.list_objects_v2(Bucket=name, ContinuationToken=first["NextContinuationToken"])["KeyCount"] == 1


def test_a_query_that_never_ran_is_unknown(local_aws: LocalAws) -> None:
    told = code(local_aws, "athena", "get_query_execution", QueryExecutionId="none")
    assert told == "InvalidRequestException"


def test_a_name_that_is_taken_is_answered_only_to_the_same_request(local_aws: LocalAws) -> None:
    sns, machines, name = local_aws.client("sns"), local_aws.client("stepfunctions"), unique("taken")
    sns.create_topic(Name=name)
    assert sns.create_topic(Name=name)
    assert code(local_aws, "sns", "create_topic", Name=name, Attributes={"DisplayName": "a"}) == (
        "InvalidParameter"
    )
    machine = {"name": name, "roleArn": make_role(local_aws, {"Service": "states.amazonaws.com"})}
    pause, end = '{"Type": "Wait", "Seconds": 1, "End": true}', '{"Type": "Succeed"}'
    asked = [f'{{"StartAt": "A", "States": {{"A": {state}}}}}' for state in (end, pause)]
    machines.create_state_machine(**machine, definition=asked[0])
    assert machines.create_state_machine(**machine, definition=asked[0])
    other = machine | {"definition": asked[1]}
    assert code(local_aws, "stepfunctions", "create_state_machine", **other) == "StateMachineAlreadyExists"


def test_a_statement_of_a_function_has_an_id_of_its_own(local_aws: LocalAws) -> None:
    function = local_aws.client("lambda").create_function(
        FunctionName=unique("function"),
        Runtime="python3.13",
        Handler="a.b",
        Role=make_role(local_aws, {"Service": "lambda.amazonaws.com"}),
        Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
    )["FunctionArn"]
    one = {"StatementId": "a", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    local_aws.client("lambda").add_permission(FunctionName=function, **one)
    local_aws.client("lambda").add_permission(FunctionName=function, **one | {"StatementId": "b"})
    again = code(local_aws, "lambda", "add_permission", FunctionName=function, **one)
    assert again == "ResourceConflictException"


def test_a_partition_has_a_value_for_each_key(local_aws: LocalAws) -> None:
    glue, name = local_aws.client("glue"), unique("table")
    glue.create_database(DatabaseInput={"Name": name})
    table = {"Name": name, "PartitionKeys": [{"Name": "day", "Type": "string"}]}
    glue.create_table(DatabaseName=name, TableInput=table)
    of = {"DatabaseName": name, "TableName": name}
    assert (
        code(local_aws, "glue", "create_partition", **of, PartitionInput={"Values": ["a", "b"]})
        == "InvalidInputException"
    )
    glue.create_partition(**of, PartitionInput={"Values": ["a"]})


def test_a_subnet_has_one_route_table_and_private_names_need_those_of_the_network(
    local_aws: LocalAws,
) -> None:
    ec2 = local_aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24")["Subnet"]["SubnetId"]
    one, other = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in "ab")
    ec2.associate_route_table(RouteTableId=one, SubnetId=subnet)
    assert (
        code(local_aws, "ec2", "associate_route_table", RouteTableId=other, SubnetId=subnet)
        == "Resource.AlreadyAssociated"
    )
    endpoint = {"VpcId": vpc, "VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.us-east-1.sts"}
    private = endpoint | {"PrivateDnsEnabled": True}
    assert code(local_aws, "ec2", "create_vpc_endpoint", **private) == "InvalidParameter"
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.create_vpc_endpoint(**private)


@pytest.mark.parametrize("kind", [{"KeyUsage": "SIGN_VERIFY", "KeySpec": "RSA_2048"}, {"Origin": "EXTERNAL"}])
def test_only_symmetric_keys_of_material_of_aws_are_rotated(
    local_aws: LocalAws, kind: dict[str, str]
) -> None:
    key = local_aws.client("kms").create_key(**kind)["KeyMetadata"]["KeyId"]
    assert code(local_aws, "kms", "enable_key_rotation", KeyId=key) == "UnsupportedOperationException"


def test_a_policy_goes_with_its_last_version(local_aws: LocalAws) -> None:
    iam = local_aws.client("iam")
    arn = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    assert code(local_aws, "iam", "delete_policy", PolicyArn=arn) == "DeleteConflict"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)


def test_an_endpoint_has_one_subnet_in_each_zone(local_aws: LocalAws) -> None:
    ec2 = local_aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    one, twin, other = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.78.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate("aab")
    )
    endpoint = {"VpcId": vpc, "VpcEndpointType": "Interface", "ServiceName": "com.amazonaws.us-east-1.sts"}
    twice = endpoint | {"SubnetIds": [one, twin]}
    assert code(local_aws, "ec2", "create_vpc_endpoint", **twice) == "DuplicateSubnetsInSameZone"
    ec2.create_vpc_endpoint(**endpoint, SubnetIds=[one, other])
