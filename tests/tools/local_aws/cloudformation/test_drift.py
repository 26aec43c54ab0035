"""What has changed behind a stack's back is seen, and only that."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.cloudformation.helpers import Aws, allow, drifted, settled
from tests.tools.local_aws.cloudformation.test_stacks import parameter


def resources() -> dict[str, Any]:
    access = {"BlockPublicAcls": True, "BlockPublicPolicy": True}
    bucket = {"VersioningConfiguration": {"Status": "Enabled"}, "PublicAccessBlockConfiguration": access}
    return {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket},
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Parameter": parameter("as declared"),
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "AWS::StackName"}}},
    }


@pytest.fixture
def ids(aws: Aws, name: str) -> dict[str, str]:
    return settled(aws, name, resources())


def test_a_changed_setting_is_told_with_both_values(aws: Aws, name: str, ids: dict[str, str]) -> None:
    s3, bucket = aws.client("s3"), {"Bucket": ids["Bucket"]}
    s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Suspended"})
    aws.client("ssm").put_parameter(Name=ids["Parameter"], Value="changed", Overwrite=True)
    changed = {"DifferenceType": "NOT_EQUAL"}
    versioning = {"ExpectedValue": "Enabled", "ActualValue": "Suspended", **changed}
    value = {"ExpectedValue": "as declared", "ActualValue": "changed", **changed}
    assert drifted(aws, name) == [
        ("Bucket", "MODIFIED", [{"PropertyPath": "/VersioningConfiguration/Status", **versioning}]),
        ("Parameter", "MODIFIED", [{"PropertyPath": "/Value", **value}]),
    ]
    assert aws.stack(name)["DriftInformation"]["StackDriftStatus"] == "DRIFTED"
    assert aws.resource(name, "Queue")["DriftInformation"]["StackResourceDriftStatus"] == "IN_SYNC"
    s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    aws.client("ssm").put_parameter(Name=ids["Parameter"], Value="as declared", Overwrite=True)
    assert drifted(aws, name) == []


def test_a_setting_that_was_taken_away_is_seen(aws: Aws, name: str, ids: dict[str, str]) -> None:
    aws.client("s3").delete_public_access_block(Bucket=ids["Bucket"])
    aws.client("logs").put_retention_policy(logGroupName=ids["Group"], retentionInDays=1)
    assert [(who, [item["DifferenceType"] for item in what]) for who, _, what in drifted(aws, name)] == [
        ("Bucket", ["REMOVE"]),
        ("Group", ["NOT_EQUAL"]),
    ]


def test_an_id_in_the_place_of_an_arn_is_no_drift(aws: Aws, name: str) -> None:
    policy = allow("kms:*", Principal={"AWS": "arn:aws:iam::111111111111:root"}, Resource="*")
    alias = {"AliasName": f"alias/{name}", "TargetKeyId": {"Fn::GetAtt": "Key.Arn"}}
    settled(
        aws,
        name,
        {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}},
            "Alias": {"Type": "AWS::KMS::Alias", "Properties": alias},
        },
    )


def test_what_was_deleted_is_seen(aws: Aws, name: str, ids: dict[str, str]) -> None:
    aws.client("sqs").delete_queue(QueueUrl=ids["Queue"])
    aws.client("logs").delete_log_group(logGroupName=ids["Group"])
    assert drifted(aws, name) == [("Group", "DELETED", []), ("Queue", "DELETED", [])]


def test_one_resource_can_be_looked_at(aws: Aws, name: str, ids: dict[str, str]) -> None:
    aws.client("ssm").put_parameter(Name=ids["Parameter"], Value="changed", Overwrite=True)
    one = {"StackName": name, "LogicalResourceId": "Parameter"}
    drift = aws.client("cloudformation").detect_stack_resource_drift(**one)["StackResourceDrift"]
    assert drift["StackResourceDriftStatus"] == "MODIFIED"
    assert aws.stack(name)["DriftInformation"]["StackDriftStatus"] == "IN_SYNC"
    with pytest.raises(ClientError, match="Resource None of it does not exist"):
        aws.client("cloudformation").detect_stack_resource_drift(**{**one, "LogicalResourceId": "None of it"})
