"""DataBrew is deployed and described; what would need AWS is refused."""

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import make_role, unique
from tools.local_aws.process import LocalAws


def test_a_databrew_job_cannot_be_run_here(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="start_job_run"):
        local_aws.client("databrew").start_job_run(Name="any")


def test_a_databrew_job_whose_role_does_not_trust_databrew_is_refused(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="unable to assume provided role"):
        local_aws.client("databrew").create_profile_job(
            Name=unique("job"),
            DatasetName="any",
            OutputLocation={"Bucket": "bucket"},
            RoleArn=make_role(local_aws, {"Service": "glue.amazonaws.com"}),
        )
