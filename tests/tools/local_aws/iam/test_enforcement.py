"""IAM in the running embedded AWS: roles are assumed and what they do is decided."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, unique
from tests.tools.local_aws.iam.engine.situations import allow, deny, document, when
from tools.local_aws.clients import Credentials, service_credentials
from tools.local_aws.process import LocalAws

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def trust(principal: dict[str, Any], **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return json.dumps(document(statement))


class Roles:
    """Makes roles and assumes them."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.iam = aws.client("iam")

    def make(self, *statements: dict[str, Any], **more: Any) -> str:
        name = unique("role")
        more.setdefault("AssumeRolePolicyDocument", trust({"AWS": ROOT}))
        arn = str(self.iam.create_role(RoleName=name, **more)["Role"]["Arn"])
        if statements:
            policy = json.dumps(document(*statements))
            self.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
        return arn

    def assume(self, arn: str, **more: Any) -> Credentials:
        answer = self.aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="job", **more)
        return Credentials.from_sts(answer["Credentials"])

    def client(self, service: str, *statements: dict[str, Any], **more: Any) -> Any:
        return self.aws.client(service, self.assume(self.make(*statements, **more)))


@pytest.fixture
def roles(local_aws: LocalAws) -> Roles:
    return Roles(local_aws)


@pytest.fixture
def bucket(local_aws: LocalAws) -> str:
    name = unique("data")
    local_aws.client("s3").create_bucket(Bucket=name)
    local_aws.client("s3").put_object(Bucket=name, Key="raw/a.csv", Body=b"1")
    return name


def denial(caught: pytest.ExceptionInfo[ClientError]) -> str:
    error = caught.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    return str(error["Message"])


def test_a_refusal_names_role_action_and_resource_as_aws_does(roles: Roles, bucket: str) -> None:
    role = roles.make()
    s3 = roles.aws.client("s3", roles.assume(role))
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="raw/a.csv")
    session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/job"
    assert denial(caught) == (
        f"User: {session} is not authorized to perform: s3:GetObject on resource: "
        f"arn:aws:s3:::{bucket}/raw/a.csv because no identity-based policy allows the s3:GetObject action"
    )


def test_a_role_reads_what_it_is_allowed_to(roles: Roles, bucket: str) -> None:
    s3 = roles.client("s3", allow("s3:GetObject", f"arn:aws:s3:::{bucket}/raw/*"))
    assert s3.get_object(Bucket=bucket, Key="raw/a.csv")["Body"].read() == b"1"


def test_a_deny_is_named_by_policy_and_sid(roles: Roles, bucket: str) -> None:
    s3 = roles.client("s3", allow("s3:*"), deny("s3:GetObject", Sid="NotRaw"))
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="raw/a.csv")
    assert "with an explicit deny in an identity-based policy: own of role-" in denial(caught)
    assert denial(caught).endswith("statement NotRaw")


def test_listing_is_limited_by_prefix(roles: Roles, bucket: str) -> None:
    listing = allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", **when(StringLike={"s3:prefix": "raw/*"}))
    s3 = roles.client("s3", listing)
    assert s3.list_objects_v2(Bucket=bucket, Prefix="raw/")["KeyCount"] == 1
    with pytest.raises(ClientError) as caught:
        s3.list_objects_v2(Bucket=bucket)
    assert "s3:ListBucket" in denial(caught)


def test_a_missing_object_is_not_told_to_who_may_not_list(roles: Roles, bucket: str) -> None:
    s3 = roles.client("s3", allow("s3:GetObject"))
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="raw/missing.csv")
    assert "s3:ListBucket" in denial(caught)


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("get_bucket_encryption", "s3:GetEncryptionConfiguration"),
        ("get_public_access_block", "s3:GetBucketPublicAccessBlock"),
        ("get_bucket_policy", "s3:GetBucketPolicy"),
        ("delete_bucket", "s3:DeleteBucket"),
        ("head_bucket", None),
    ],
)
def test_bucket_operations_are_asked_by_their_iam_names(
    roles: Roles, bucket: str, operation: str, action: str | None
) -> None:
    s3 = roles.client("s3")
    with pytest.raises(ClientError) as caught:
        getattr(s3, operation)(Bucket=bucket)
    if action is None:
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    else:
        assert f"perform: {action} on resource: arn:aws:s3:::{bucket} " in denial(caught)


def test_deleting_many_objects_asks_for_each(roles: Roles, bucket: str) -> None:
    s3 = roles.client("s3", allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/raw/a.csv"))
    with pytest.raises(ClientError) as caught:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "raw/a.csv"}, {"Key": "b"}]})
    assert f"s3:DeleteObject on resource: arn:aws:s3:::{bucket}/b" in denial(caught)


def test_copying_asks_for_both_sides(roles: Roles, bucket: str) -> None:
    s3 = roles.client("s3", allow("s3:PutObject"))
    with pytest.raises(ClientError) as caught:
        s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "raw/a.csv"})
    assert f"s3:GetObject on resource: arn:aws:s3:::{bucket}/raw/a.csv" in denial(caught)


def test_a_bucket_policy_that_demands_tls_lets_the_loopback_through(roles: Roles, bucket: str) -> None:
    policy = deny(
        "s3:*", f"arn:aws:s3:::{bucket}/*", Principal="*", **when(Bool={"aws:SecureTransport": "false"})
    )
    roles.aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document(policy)))
    roles.aws.client("s3").put_object(Bucket=bucket, Key="b", Body=b"2")
    s3 = roles.client("s3", allow("s3:GetObject"))
    assert s3.get_object(Bucket=bucket, Key="b")["Body"].read() == b"2"


def test_a_bucket_policy_denies_other_roles(roles: Roles, bucket: str) -> None:
    engineer, scientist = roles.make(allow("s3:GetObject")), roles.make(allow("s3:GetObject"))
    only = when(ArnNotLike={"aws:PrincipalArn": engineer})
    policy = deny("s3:GetObject", f"arn:aws:s3:::{bucket}/raw/*", Principal="*", Sid="Raw", **only)
    roles.aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document(policy)))
    reading = {"Bucket": bucket, "Key": "raw/a.csv"}
    assert roles.aws.client("s3", roles.assume(engineer)).get_object(**reading)
    with pytest.raises(ClientError) as caught:
        roles.aws.client("s3", roles.assume(scientist)).get_object(**reading)
    assert "with an explicit deny in a resource-based policy" in denial(caught)
    assert denial(caught).endswith("statement Raw")


def test_an_encrypted_bucket_asks_for_its_key(roles: Roles, bucket: str) -> None:
    key = roles.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    roles.aws.client("s3").put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    both = allow(["s3:GetObject", "s3:PutObject"])
    writer = roles.client("s3", both, allow("kms:GenerateDataKey", key))
    writer.put_object(Bucket=bucket, Key="b", Body=b"2")
    with pytest.raises(ClientError) as caught:
        writer.get_object(Bucket=bucket, Key="b")
    assert f"kms:Decrypt on resource: {key}" in denial(caught)
    with pytest.raises(ClientError) as caught:
        roles.client("s3", both).put_object(Bucket=bucket, Key="c", Body=b"3")
    assert f"kms:GenerateDataKey on resource: {key}" in denial(caught)
    assert roles.client("s3", both, allow("kms:Decrypt", key)).get_object(Bucket=bucket, Key="b")


def test_a_key_policy_that_names_nobody_locks_the_key(roles: Roles) -> None:
    other = {"AWS": roles.make()}
    policy = json.dumps(document(allow("kms:*", Principal=other)))
    key = roles.aws.client("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError) as caught:
        roles.client("kms", allow("kms:*")).describe_key(KeyId=key)
    assert "because no resource-based policy allows the kms:DescribeKey action" in denial(caught)


def test_a_permissions_boundary_limits(roles: Roles, bucket: str) -> None:
    ceiling = json.dumps(document(allow("s3:PutObject")))
    boundary = roles.iam.create_policy(PolicyName=unique("boundary"), PolicyDocument=ceiling)["Policy"]["Arn"]
    s3 = roles.client("s3", allow("s3:*"), PermissionsBoundary=boundary)
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="raw/a.csv")
    assert denial(caught).endswith("because no permissions boundary allows the s3:GetObject action")


def test_a_policy_may_be_limited_to_roles_that_have_a_boundary(roles: Roles) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"""
    made = roles.iam.create_policy(
        PolicyName=unique("limit"), PolicyDocument=json.dumps(document(allow("s3:*")))
    )
    boundary = made["Policy"]["Arn"]
    bounded, free = roles.make(PermissionsBoundary=boundary), roles.make()
    limited = allow("iam:AttachRolePolicy", **when(StringEquals={"iam:PermissionsBoundary": boundary}))
    client = roles.client("iam", limited)
    client.attach_role_policy(RoleName=bounded.rpartition("/")[2], PolicyArn=boundary)
    with pytest.raises(ClientError) as caught:
        client.attach_role_policy(RoleName=free.rpartition("/")[2], PolicyArn=boundary)
    assert "iam:AttachRolePolicy on resource" in denial(caught)


def test_a_session_policy_limits(roles: Roles, bucket: str) -> None:
    narrow = json.dumps(document(allow("s3:PutObject")))
    s3 = roles.aws.client("s3", roles.assume(roles.make(allow("s3:*")), Policy=narrow))
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="raw/a.csv")
    assert denial(caught).endswith("because no session policy allows the s3:GetObject action")


def test_managed_policies_count(roles: Roles, bucket: str) -> None:
    role = roles.make()
    roles.iam.attach_role_policy(
        RoleName=role.split("/")[-1], PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    assert roles.aws.client("s3", roles.assume(role)).get_object(Bucket=bucket, Key="raw/a.csv")


def test_a_role_can_be_assumed_only_by_whom_it_trusts(roles: Roles) -> None:
    source = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/p"
    guarded = when(StringEquals={"aws:SourceAccount": ACCOUNT}, ArnLike={"aws:SourceArn": source})
    role = roles.make(AssumeRolePolicyDocument=trust({"Service": "sagemaker.amazonaws.com"}, **guarded))
    asked = {"RoleArn": role, "RoleSessionName": "session"}
    trusted = service_credentials("sagemaker.amazonaws.com", source)
    assert roles.aws.client("sts", trusted).assume_role(**asked)["Credentials"]
    for stranger in (
        service_credentials("states.amazonaws.com", source),
        service_credentials("sagemaker.amazonaws.com"),
        roles.assume(roles.make(allow("sts:AssumeRole"))),
    ):
        with pytest.raises(ClientError) as caught:
            roles.aws.client("sts", stranger).assume_role(**asked)
        assert denial(caught).endswith("because no role trust policy allows the sts:AssumeRole action")


def test_a_role_that_does_not_exist_cannot_be_assumed(roles: Roles) -> None:
    with pytest.raises(ClientError) as caught:
        roles.assume(f"arn:aws:iam::{ACCOUNT}:role/nobody")
    assert "role/nobody" in denial(caught)


def test_a_session_ends_with_its_role(roles: Roles) -> None:
    role = roles.make()
    credentials = roles.assume(role)
    roles.iam.delete_role(RoleName=role.split("/")[-1])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        roles.aws.client("sns", credentials).list_topics()


def test_a_session_knows_itself_without_permission(roles: Roles) -> None:
    assert roles.client("sts").get_caller_identity()["Arn"].endswith("/job")


def test_handing_a_role_to_a_service_needs_pass_role(roles: Roles) -> None:
    passed = roles.make(AssumeRolePolicyDocument=trust({"Service": "states.amazonaws.com"}))
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    creating = {"name": unique("machine"), "definition": definition, "roleArn": passed}
    create = allow("states:CreateStateMachine")
    for wrong in ([], [allow("iam:PassRole", passed, **when(StringEquals={"iam:PassedToService": "x"}))]):
        with pytest.raises(ClientError) as caught:
            roles.client("stepfunctions", create, *wrong).create_state_machine(**creating)
        assert f"iam:PassRole on resource: {passed}" in denial(caught)
    right = when(StringEquals={"iam:PassedToService": "states.amazonaws.com"})
    assert roles.client("stepfunctions", create, allow("iam:PassRole", passed, **right)).create_state_machine(
        **creating
    )


AWS = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:"
EVENT = {"Source": "s", "DetailType": "d", "Detail": "{}"}
LOG_EVENT = {"timestamp": 1, "message": "m"}
DENIED, JSON_DENIED = "AccessDenied", "AccessDeniedException"
TOPIC, MACHINE = AWS.format("sns") + "t", AWS.format("states") + "stateMachine:m"
REFUSALS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("sns", "publish", {"TopicArn": TOPIC, "Message": "m"}, "AuthorizationError", TOPIC),
    ("ssm", "get_parameter", {"Name": "/a/b"}, JSON_DENIED, AWS.format("ssm") + "parameter/a/b"),
    (
        "logs",
        "create_log_group",
        {"logGroupName": "/g"},
        JSON_DENIED,
        AWS.format("logs") + "log-group:/g:log-stream:",
    ),
    (
        "logs",
        "put_log_events",
        {"logGroupName": "/g", "logStreamName": "s", "logEvents": [LOG_EVENT]},
        JSON_DENIED,
        AWS.format("logs") + "log-group:/g:log-stream:s",
    ),
    ("events", "put_events", {"Entries": [EVENT]}, JSON_DENIED, AWS.format("events") + "event-bus/default"),
    ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}, DENIED, AWS.format("cloudwatch") + "alarm:a"),
    ("iam", "get_role", {"RoleName": "r"}, DENIED, f"arn:aws:iam::{ACCOUNT}:role/r"),
    (
        "cloudformation",
        "describe_stacks",
        {"StackName": "s"},
        DENIED,
        AWS.format("cloudformation") + "stack/s/*",
    ),
    ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE}, JSON_DENIED, MACHINE),
    ("sqs", "get_queue_url", {"QueueName": "q"}, DENIED, AWS.format("sqs") + "q"),
    ("ecr", "describe_images", {"repositoryName": "rr"}, JSON_DENIED, AWS.format("ecr") + "repository/rr"),
    ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", "*"),
]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "resource"),
    [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in REFUSALS],
)
def test_every_service_refuses_in_its_own_way(
    roles: Roles, service: str, operation: str, parameters: dict[str, Any], code: str, resource: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(roles.client(service), operation)(**parameters)
    assert caught.value.response["Error"]["Code"] == code
    assert f"on resource: {resource} because" in caught.value.response["Error"]["Message"]


def test_an_operation_that_is_missing_is_named(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="UnknownOperationException") as caught:
        local_aws.client("ec2").describe_trunk_interface_associations()
    assert "describe_trunk_interface_associations" in str(caught.value)


def test_a_path_that_is_missing_is_refused_as_an_operation(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError) as caught:
        local_aws.client("sagemaker-featurestore-runtime").get_record(
            FeatureGroupName="houses", RecordIdentifierValueAsString="1"
        )
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
