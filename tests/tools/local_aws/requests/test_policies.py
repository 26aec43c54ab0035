"""A policy that AWS would not keep is refused when it is written."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import ACCOUNT, make_role, policy, unique
from tools.local_aws.process import LocalAws

EC2 = {"Service": "ec2.amazonaws.com"}
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
ALLOW: dict[str, Any] = {"Effect": "Allow", "Resource": "*"}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def refusal(aws: LocalAws, service: str, call: str, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        getattr(aws.client(service), call)(**request)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "This policy contains invalid Json"),
        (policy(), "Statement must not be empty."),
        (policy(ASSUME | {"Principal": EC2, "Action": "s3:*"}), "AssumeRole policy may only specify STS"),
        (policy(ASSUME | {"Principal": {"Service": "ec2"}}), 'Invalid principal in policy: "SERVICE":"ec2"'),
        (
            policy(ASSUME | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"}}),
            f'Invalid principal in policy: "AWS":"arn:aws:iam::{ACCOUNT}:role/none"',
        ),
        ('{"Version": "2012-10-17", "Statement": ["a"]}', "Statement is an object"),
    ],
)
def test_a_role_is_not_made_with_a_trust_that_iam_refuses(
    local_aws: LocalAws, document: str, words: str
) -> None:
    told = refusal(
        local_aws, "iam", "create_role", RoleName=unique("role"), AssumeRolePolicyDocument=document
    )
    assert told.startswith("MalformedPolicyDocument: ")
    assert words in told


def test_a_principal_of_another_account_or_one_that_exists_is_kept(local_aws: LocalAws) -> None:
    known = make_role(local_aws, EC2)
    for principal in (known, "arn:aws:iam::222222222222:role/anybody"):
        assert make_role(local_aws, {"AWS": principal})


def test_a_bucket_that_blocks_public_policies_keeps_none(local_aws: LocalAws) -> None:
    s3, name = local_aws.client("s3"), unique("bucket")
    s3.create_bucket(Bucket=name)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/*"}
    told = refusal(local_aws, "s3", "put_bucket_policy", Bucket=name, Policy=policy(public))
    assert told.startswith("AccessDenied: ")
    limited = public | {"Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}
    s3.put_bucket_policy(Bucket=name, Policy=policy(limited))


@pytest.mark.parametrize(
    "statement",
    [
        ALLOW | {"Principal": ROOT, "Action": "kms:Put*"},
        ALLOW | {"Principal": ROOT, "NotAction": "kms:Decrypt"},
        ALLOW | {"Principal": "*", "Action": "*"},
    ],
)
def test_a_key_is_made_with_a_policy_that_can_change(local_aws: LocalAws, statement: dict[str, Any]) -> None:
    assert local_aws.client("kms").create_key(Policy=policy(statement))


def test_a_key_that_nobody_can_manage_is_made_by_those_who_say_so(local_aws: LocalAws) -> None:
    locked = policy(ALLOW | {"Principal": EC2, "Action": "kms:*"})
    assert "update the key policy in the future" in refusal(local_aws, "kms", "create_key", Policy=locked)
    assert local_aws.client("kms").create_key(Policy=locked, BypassPolicyLockoutSafetyCheck=True)


@pytest.mark.parametrize(
    ("service", "call", "member"),
    [
        ("iam", "create_policy", {"PolicyName": "p", "PolicyDocument": "{"}),
        ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"Policy": "{"}}),
        ("sns", "create_topic", {"Name": "t", "Attributes": {"Policy": "{"}}),
        ("logs", "put_resource_policy", {"policyName": "p", "policyDocument": "{"}),
        ("sts", "assume_role", {"RoleArn": "arn:aws:iam::1:role/r", "RoleSessionName": "me", "Policy": "{"}),
        ("secretsmanager", "put_resource_policy", {"SecretId": "s", "ResourcePolicy": "{"}),
        (
            "sagemaker",
            "put_model_package_group_policy",
            {"ModelPackageGroupName": "g", "ResourcePolicy": "{"},
        ),
    ],
)
def test_no_service_keeps_what_is_no_json(
    local_aws: LocalAws, service: str, call: str, member: dict[str, Any]
) -> None:
    assert "invalid Json" in refusal(local_aws, service, call, **member)


def test_other_attributes_of_a_topic_are_no_policies(local_aws: LocalAws) -> None:
    sns = local_aws.client("sns")
    topic = sns.create_topic(Name=unique("topic"))["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue=json.dumps("{"))
