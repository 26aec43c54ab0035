"""The execution policy is put into an account, and put there again after it has changed."""

from tests.tools.local_aws.aws import ACCOUNT
from tools.bootstrap.execution_policy import put_policy
from tools.local_aws.process import LocalAws


def test_the_execution_policy_is_created_and_then_kept_up_to_date(local_aws: LocalAws) -> None:
    iam = local_aws.client("iam")
    arns = {put_policy(iam, "somewhere", ACCOUNT) for _ in range(7)}
    assert arns == {f"arn:aws:iam::{ACCOUNT}:policy/somewhere-execution"}
    (arn,) = arns
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert len(versions) <= 5
    current = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    assert current == max(versions, key=lambda version: version["CreateDate"])["VersionId"]
