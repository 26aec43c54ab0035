"""A bucket and a role for every file of tests."""

import pytest

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place
from tools.local_aws.process import LocalAws


@pytest.fixture(scope="module")
def place(local_aws: LocalAws) -> Place:
    bucket = unique("bucket")
    local_aws.client("s3").create_bucket(Bucket=bucket)
    empty = Place(local_aws, bucket, "")
    return Place(local_aws, bucket, empty.role(unique("role"), ALLOW_ALL))
