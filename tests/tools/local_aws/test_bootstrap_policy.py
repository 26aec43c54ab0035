"""The policies of the bootstrap are put into an account, and put there again after they have changed."""

from tests.tools.local_aws.aws import ACCOUNT
from tools.bootstrap.managed_policies import BOUNDARY, Place, put_policies
from tools.local_aws.process import LocalAws

PLACE = Place("somewhere", ACCOUNT, ["us-east-1"], "m1")


def test_the_policies_are_created_and_then_kept_up_to_date(local_aws: LocalAws) -> None:
    iam = local_aws.client("iam")
    execution = [put_policies(iam, PLACE) for _ in range(7)][-1]
    assert PLACE.arn(BOUNDARY) not in execution
    for arn in (PLACE.arn(BOUNDARY), *execution):
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        assert len(versions) <= 5
        current = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        assert current == max(versions, key=lambda version: version["CreateDate"])["VersionId"]
