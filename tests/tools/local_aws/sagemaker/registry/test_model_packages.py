"""The model registry."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import IMAGE, Place

INFERENCE = {
    "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


@pytest.fixture
def group(place: Place) -> str:
    name = unique("group")
    place.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


def create(place: Place, group: str, **members: object) -> str:
    request = {"ModelPackageGroupName": group, "InferenceSpecification": INFERENCE} | members
    return str(place.sagemaker.create_model_package(**request)["ModelPackageArn"])


def test_versions_count_from_one_and_are_never_given_twice(place: Place, group: str) -> None:
    first, second = create(place, group), create(place, group)
    assert first.endswith(f"model-package/{group}/1")
    place.sagemaker.delete_model_package(ModelPackageName=second)
    assert create(place, group).endswith(f"{group}/3")


def test_everything_that_was_registered_is_described(place: Place, group: str) -> None:
    source = {"ContentType": "application/json", "S3Uri": "s3://bucket/statistics.json"}
    stored = {
        "ModelMetrics": {"ModelDataQuality": {"Statistics": source}},
        "DriftCheckBaselines": {"ModelDataQuality": {"Statistics": source}},
        "CustomerMetadataProperties": {"target": "price"},
    }
    package = place.sagemaker.describe_model_package(ModelPackageName=create(place, group, **stored))
    assert {key: package[key] for key in stored} == stored
    assert package["InferenceSpecification"] == INFERENCE
    assert package["ModelPackageStatus"] == "Completed"
    assert package["CreationTime"] == package["LastModifiedTime"]


def test_approval_is_kept_and_found(place: Place, group: str) -> None:
    create(place, group)
    arn = create(place, group)
    place.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    listed = place.sagemaker.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus="Approved")
    (package,) = listed["ModelPackageSummaryList"]
    assert package["ModelPackageArn"] == arn
    newest_first = place.sagemaker.list_model_packages(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
    )
    versions = [item["ModelPackageVersion"] for item in newest_first["ModelPackageSummaryList"]]
    assert versions == [2, 1]


def test_a_group_with_versions_is_not_deleted(place: Place, group: str) -> None:
    arn = create(place, group)
    with pytest.raises(ClientError, match="still contains model packages"):
        place.sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    place.sagemaker.delete_model_package(ModelPackageName=arn)
    place.sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    with pytest.raises(ClientError, match=f"Model Package Group {group} does not exist"):
        place.sagemaker.describe_model_package_group(ModelPackageGroupName=group)


def test_a_version_that_does_not_exist_is_named(place: Place) -> None:
    arn = "arn:aws:sagemaker:us-east-1:111111111111:model-package/none/9"
    with pytest.raises(ClientError, match=f"ModelPackage {arn} does not exist"):
        place.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")


def test_an_approval_is_an_event(place: Place, group: str) -> None:
    events, sqs = place.aws.client("events"), place.aws.client("sqs")
    queue = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow | {"Resource": queue_arn}]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    rule = unique("rule")
    events.put_rule(Name=rule, EventPattern='{"detail": {"ModelApprovalStatus": ["Approved"]}}')
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue_arn}])
    arn = create(place, group)
    place.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert arn in message["Body"]
    assert "SageMaker Model Package State Change" in message["Body"]
