"""The model registry."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import careless, unique
from tests.tools.local_aws.sagemaker.helpers import IMAGE, Place
from tools.local_aws.process import LocalAws

SOURCE = {"ContentType": "application/json", "S3Uri": "s3://bucket/analysis.json"}
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


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "is not valid JSON"),
        ({"purpose": "x"}, "'purpose' was unexpected"),
        ({"model_overview": {"model_description": "x"}}, "'model_description' was unexpected"),
        ({"intended_uses": {"risk_rating": "low"}}, "'low' is not one of"),
        ({"business_details": {"business_problem": 2049 * "x"}}, "is too long"),
        ({"evaluation_details": [{"datasets": []}]}, "'name' is a required property"),
        ({"additional_information": {"custom_details": {"x": 1}}}, "1 is not of type 'string'"),
        (
            {
                "evaluation_details": [
                    {"name": "x", "metric_groups": [{"name": "x", "metric_data": [{"name": "x"}]}]}
                ]
            },
            "is not valid under any of the given schemas",
        ),
    ],
)
def test_a_model_card_that_does_not_follow_its_schema_is_refused(
    place: Place, group: str, content: object, why: str
) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(ClientError, match=why) as caught:
        create(place, group, ModelCard={"ModelCardContent": text, "ModelCardStatus": "Draft"})
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_model_card_is_described_with_its_version(place: Place, group: str) -> None:
    card = {
        "ModelCardContent": json.dumps({"model_overview": {"model_creator": "us"}}),
        "ModelCardStatus": "Draft",
    }
    arn = create(place, group, ModelCard=card)
    assert place.sagemaker.describe_model_package(ModelPackageName=arn)["ModelCard"] == card


def test_everything_that_was_registered_is_described(place: Place, group: str) -> None:
    quality = {"Statistics": SOURCE, "Constraints": SOURCE}
    stored = {
        "ModelMetrics": {
            "ModelQuality": quality,
            "ModelDataQuality": quality,
            "Bias": {"Report": SOURCE, "PreTrainingReport": SOURCE, "PostTrainingReport": SOURCE},
            "Explainability": {"Report": SOURCE},
        },
        "DriftCheckBaselines": {
            "ModelQuality": quality,
            "ModelDataQuality": quality,
            "Bias": {
                "ConfigFile": {"S3Uri": "s3://bucket/analysis_config.json"},
                "PreTrainingConstraints": SOURCE,
                "PostTrainingConstraints": SOURCE,
            },
            "Explainability": {"Constraints": SOURCE, "ConfigFile": SOURCE},
        },
        "CustomerMetadataProperties": {"target": "price"},
    }
    package = place.sagemaker.describe_model_package(ModelPackageName=create(place, group, **stored))
    assert {key: package[key] for key in stored} == stored
    assert package["InferenceSpecification"] == INFERENCE
    assert package["ModelPackageStatus"] == "Completed"
    assert package["CreationTime"] == package["LastModifiedTime"]


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        (
            {"S3Uri": "s3://bucket/analysis.json"},
            "ContentType' failed to satisfy constraint: Member must not",
        ),
        (
            SOURCE | {"S3Uri": "/analysis.json"},
            "S3Uri' failed to satisfy constraint: Member must satisfy reg",
        ),
        (
            SOURCE | {"ContentDigest": "sha256:0"},
            "ContentDigest' failed to satisfy constraint: Member must sat",
        ),
    ],
)
@pytest.mark.parametrize("place_of_it", [("Bias", "PreTrainingReport"), ("Explainability", "Report")])
def test_a_report_that_aws_does_not_take_is_refused(
    local_aws: LocalAws, group: str, place_of_it: tuple[str, str], report: dict[str, str], problem: str
) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetricsSource.html"""
    kind, name = place_of_it
    request = {"ModelPackageGroupName": group, "InferenceSpecification": INFERENCE}
    with careless(local_aws, "sagemaker") as client, pytest.raises(ClientError) as refused:
        client.create_model_package(**request, ModelMetrics={kind: {name: report}})
    told = refused.value.response["Error"]
    assert told["Code"] == "ValidationException"
    assert problem.lower() in told["Message"].lower()


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
