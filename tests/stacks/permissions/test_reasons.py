"""A policy is made only when every statement gives the reasons of what it leaves open or names elsewhere."""

import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from stacks.permissions.policies import managed_policy
from stacks.permissions.statements import Statement, allow, deny

ACCOUNT, REGION = "111111111111", "us-east-1"
HERE = f"{REGION}:{ACCOUNT}"
READ = "sagemaker:DescribeEndpoint"


@pytest.fixture
def stack() -> cdk.Stack:
    stage = cdk.Stage(
        cdk.App(analytics_reporting=False, context={"@aws-cdk/core:enablePartitionLiterals": True}),
        "my-env",
        env=cdk.Environment(account=ACCOUNT, region=REGION),
    )
    return cdk.Stack(stage, "Stack")


def _make(stack: cdk.Stack, *statements: Statement) -> dict[str, str]:
    """Makes a policy; gives what is acknowledged on it."""
    policy = managed_policy(stack, "Policy", description="A policy", statements=statements)
    entries = [entry for entry in policy.node.metadata if "acknowledged" in entry.type]
    found: dict[str, str] = {}
    for entry in entries:
        found |= entry.data
    return found


@pytest.mark.parametrize(
    "resource",
    [
        f"arn:aws:sagemaker:{HERE}:endpoint/my-env-house-prices",
        f"arn:aws:glue:{HERE}:table/my_env/raw_house_prices",
        f"arn:aws:athena:{HERE}:workgroup/my-env",
        f"arn:aws:states:{HERE}:stateMachine:my-env-release",
        f"arn:aws:iam::{ACCOUNT}:policy/my-env-boundary",
        f"arn:aws:s3:::my-env-{ACCOUNT}-data-copy",
    ],
)
def test_one_thing_of_the_environment_needs_no_reason(stack: cdk.Stack, resource: str) -> None:
    assert _make(stack, allow("Read", READ, [resource])) == {}


def test_a_resource_of_the_app_needs_a_reason_only_for_what_is_open_in_it(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    assert _make(stack, allow("List", "s3:ListBucket", [bucket.bucket_arn])) == {}
    objects = allow("Read", "s3:GetObject", [bucket.arn_for_objects("*")])
    with pytest.raises(ValueError, match=r"my-env/Stack/Open: Read is about <\w+\.Arn>/\*.*say because"):
        managed_policy(stack, "Open", description="Open", statements=[objects])


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        f"arn:aws:sagemaker:{HERE}:endpoint/my-env-*",
        f"arn:aws:sagemaker:{HERE}:endpoint/*",
        f"arn:aws:sagemaker:{HERE}:endpoint/your-env-house-prices",
        f"arn:aws:sagemaker:{HERE}:endpoint/my-environment",
        f"arn:aws:glue:{HERE}:catalog",
    ],
)
def test_what_is_open_or_not_of_the_environment_alone_needs_a_reason(stack: cdk.Stack, resource: str) -> None:
    with pytest.raises(ValueError, match=r"my-env/Stack/Policy: Read is about .*say because"):
        _make(stack, allow("Read", READ, [resource]))


def test_an_open_action_needs_a_reason(stack: cdk.Stack) -> None:
    endpoint = f"arn:aws:sagemaker:{HERE}:endpoint/my-env-house-prices"
    with pytest.raises(ValueError, match=r"my-env/Stack/Policy: Read allows sagemaker:\*"):
        _make(stack, allow("Read", "sagemaker:*", [endpoint]))


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:s3:::somebody-elses-bucket/*",
        "arn:aws:s3:::my-environments-neighbour",
        f"arn:aws:sagemaker:{REGION}:222222222222:endpoint/my-env-house-prices",
        f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/my-env-house-prices",
        f"arn:aws:sagemaker:*:{ACCOUNT}:endpoint/my-env-house-prices",
        f"arn:aws:sagemaker:{REGION}:*:endpoint/my-env-house-prices",
        "arn:aws:iam::222222222222:role/my-env-role",
        "arn:*",
        "anything*",
        f"arn:aws:ssm:{REGION}::automation-definition/AWS-Runbook:$DEFAULT",
    ],
)
def test_what_is_elsewhere_is_refused_unless_the_statement_says_whose_it_is(
    stack: cdk.Stack, resource: str
) -> None:
    explained = allow("Read", READ, [resource], because="Names are known later.")
    message = f"my-env/Stack/Policy: Read is about {resource}, which is not in account {ACCOUNT}"
    with pytest.raises(ValueError, match=re.escape(message)):
        _make(stack, explained)
    theirs = allow("Read", READ, [resource], because="Names are known later.", foreign="a neighbour's")
    managed_policy(stack, "Theirs", description="Theirs", statements=[theirs])


def test_saying_whose_something_is_explains_no_wildcard(stack: cdk.Stack) -> None:
    with pytest.raises(ValueError, match="leaves something open"):
        _make(stack, allow("Read", READ, ["arn:aws:s3:::theirs/*"], foreign="a neighbour's"))


def test_the_reason_is_what_the_checks_get_as_acknowledgement(stack: cdk.Stack) -> None:
    group = f"arn:aws:logs:{HERE}:log-group:/aws/sagemaker/*"
    first = allow("Write", "logs:*", [group], because="Jobs write.", checkov=["CKV_AWS_111"])
    second = allow("Read", "logs:GetLogEvents", [group], because="People read.")
    assert _make(stack, first, second) == {
        "Annotation::AwsSolutions-IAM5[Action::logs:*]": "Jobs write.",
        f"Annotation::AwsSolutions-IAM5[Resource::{group}]": "Jobs write. People read.",
        "Checkov::CKV_AWS_111": "Jobs write.",
    }


def test_denials_need_no_reasons(stack: cdk.Stack) -> None:
    assert _make(stack, deny("Never", "sagemaker:*")) == {}
