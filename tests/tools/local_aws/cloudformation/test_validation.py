from typing import Any

import pytest

from tools.local_aws.cloudformation.schemas import resource_schema
from tools.local_aws.cloudformation.validation import mistakes
from tools.local_aws.cloudformation.values import UNKNOWN


def check(type_name: str, properties: dict[str, Any]) -> str:
    schema = resource_schema(type_name)
    assert schema is not None
    return "; ".join(mistakes(schema, properties))


@pytest.mark.parametrize(
    ("type_name", "properties", "problem"),
    [
        ("AWS::S3::Bucket", {"BucketNam": "a"}, "#: extraneous key [BucketNam] is not permitted"),
        ("AWS::IAM::Role", {}, "#: required key [AssumeRolePolicyDocument] not found"),
        ("AWS::S3::Bucket", {"Tags": {"Key": "a"}}, "#/Tags: expected type: array, found: object"),
        ("AWS::S3::Bucket", {"Arn": "arn"}, "#/Arn: is set by the service"),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 2}, "#/RetentionInDays: 2 is not a valid enum value"),
        (
            "AWS::S3::Bucket",
            {"VersioningConfiguration": {"Status": "On"}},
            "#/VersioningConfiguration/Status: On is not a valid enum value; allowed: Enabled, Suspended",
        ),
        (
            "AWS::SageMaker::Endpoint",
            {"EndpointConfigName": "under_score"},
            "#/EndpointConfigName: 'under_score' does not match pattern",
        ),
        ("AWS::EC2::Subnet", {"VpcId": "v", "MapPublicIpOnLaunch": "maybe"}, "expected type: boolean"),
    ],
)
def test_a_mistake_is_named_with_its_place(type_name: str, properties: dict[str, Any], problem: str) -> None:
    assert problem in check(type_name, properties)


@pytest.mark.parametrize(
    ("type_name", "properties"),
    [
        ("AWS::Logs::LogGroup", {"RetentionInDays": "30"}),
        ("AWS::EC2::Subnet", {"VpcId": "v", "MapPublicIpOnLaunch": "false"}),
        ("AWS::S3::Bucket", {"BucketName": UNKNOWN, "Tags": UNKNOWN}),
        ("AWS::SSM::Parameter", {"Type": "String", "Value": "5", "Tags": {"a": "b"}}),
    ],
)
def test_what_cloudformation_accepts_is_accepted(type_name: str, properties: dict[str, Any]) -> None:
    assert check(type_name, properties) == ""
