"""The schemas of resource types are those that cfn-lint reads, without an import of cfn-lint."""

import subprocess
import sys

import pytest

from tools.local_aws.cloudformation.schemas import SCHEMA_REGION, resource_schema

TYPES = ("AWS::S3::Bucket", "AWS::SageMaker::Endpoint", "AWS::Lambda::Function", "AWS::IAM::Role")


@pytest.mark.parametrize("type_name", TYPES)
def test_a_type_is_as_cfn_lint_reads_it(type_name: str) -> None:
    # Imported only now: it takes half a second, which tests of all else need not wait.
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

    schema = resource_schema(type_name)
    assert schema is not None
    assert schema.document == PROVIDER_SCHEMA_MANAGER.get_resource_schema(SCHEMA_REGION, type_name).schema


def test_what_only_a_transform_knows_is_no_type() -> None:
    assert resource_schema("AWS::Serverless::Function") is None


def test_to_read_them_nothing_of_cfn_lint_is_imported() -> None:
    program = "import sys, tools.local_aws.cloudformation.schemas; sys.exit('cfnlint' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
