"""What IAM would refuse when a stack is deployed is refused when it is synthesized."""

import aws_cdk as cdk
import pytest

from stacks.permissions.policies import PolicyTooLongError, managed_policy
from stacks.permissions.statements import allow


def test_a_policy_with_more_text_than_iam_takes_is_refused() -> None:
    stack = cdk.Stack(cdk.Stage(cdk.App(analytics_reporting=False), "dev"), "Stack")
    objects = [f"arn:aws:s3:::dev-data/{number}" for number in range(300)]
    with pytest.raises(PolicyTooLongError, match=r"Stack/Long has \d+ characters, and IAM takes 6144"):
        managed_policy(stack, "Long", description="Long", statements=[allow("A", "s3:GetObject", objects)])
