"""What exists before a stack creates it is in the way, or taken over where AWS can."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.tools.local_aws.aws import ACCOUNT
from tests.tools.local_aws.cloudformation.helpers import Aws, allow, gone, trust

RETAINED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def log_group(name: Any, **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}, **more}


def propose(
    aws: Aws,
    name: str,
    resources: dict[str, Any],
    *,
    importing: bool,
    tags: Sequence[dict[str, str]] = (),
    **sections: Any,
) -> Any:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="change",
        ChangeSetType="UPDATE" if aws.exists(name) else "CREATE",
        TemplateBody=aws.template(resources, **sections),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        ImportExistingResources=importing,
        Tags=tags,
    )
    return cloudformation.describe_change_set(StackName=name, ChangeSetName="change")


def carry_out(aws: Aws, name: str) -> str:
    aws.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="change")
    return str(aws.stack(name)["StackStatus"])


def conflicts(aws: Aws, name: str) -> list[tuple[str, str, str]]:
    events = aws.client("cloudformation").describe_events(StackName=name, ChangeSetName="change")
    return [
        (event["LogicalResourceId"], event["ValidationName"], event["ValidationStatusReason"])
        for event in events["OperationEvents"]
    ]


def names_of_groups(aws: Aws, prefix: str) -> list[str]:
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    return [group["logGroupName"] for group in groups]


@pytest.fixture
def group(aws: Aws, name: str) -> str:
    """A log group with something in it."""
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="kept")
    return name


@pytest.mark.parametrize("policy", ["Retain", "RetainExceptOnCreate"])
def test_a_retained_resource_with_a_literal_name_is_taken_over(
    aws: Aws, name: str, group: str, policy: str
) -> None:
    template = {"Group": log_group(group, DeletionPolicy=policy), "New": log_group(f"{name}-new")}
    change_set = propose(aws, name, template, importing=True, Outputs={"O": {"Value": {"Ref": "Group"}}})
    changes = [change["ResourceChange"] for change in change_set["Changes"]]
    assert [(change["LogicalResourceId"], change["Action"]) for change in changes] == [
        ("Group", "Import"),
        ("New", "Add"),
    ]
    assert changes[0]["PhysicalResourceId"] == group
    assert carry_out(aws, name) == "CREATE_COMPLETE"
    assert [status for item, status, _ in aws.events(name) if item == "Group"] == [
        *("IMPORT_IN_PROGRESS", "IMPORT_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
    ]
    assert aws.outputs(name) == {"O": group}
    streams = aws.client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["kept"]
    assert gone(aws, name)
    assert names_of_groups(aws, name) == [group]


def test_what_a_taken_over_resource_is_said_to_be_can_be_used(aws: Aws, name: str) -> None:
    iam = aws.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com")))
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"RoleName": name, "AssumeRolePolicyDocument": trust("ec2.amazonaws.com")},
        **RETAINED,
    }
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}
    propose(aws, name, {"Role": role}, importing=True, Outputs=outputs)
    assert carry_out(aws, name) == "CREATE_COMPLETE"
    assert aws.outputs(name) == {"Arn": arn["Role"]["Arn"]}


def test_a_taken_over_repository_has_its_arn_its_uri_and_the_tags_of_the_stack(aws: Aws, name: str) -> None:
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName=f"{name}-other")
    made = ecr.create_repository(repositoryName=name)["repository"]
    properties = {"RepositoryName": name, "RepositoryPolicyText": allow("ecr:BatchGetImage", Principal="*")}
    repository = {"Type": "AWS::ECR::Repository", "Properties": properties, **RETAINED}
    outputs = {part: {"Value": {"Fn::GetAtt": ["It", part]}} for part in ("Arn", "RepositoryUri")}
    tags = [{"Key": "owner", "Value": "us"}]
    propose(aws, name, {"It": repository}, importing=True, tags=tags, Outputs=outputs)
    assert carry_out(aws, name) == "CREATE_COMPLETE", aws.events(name)
    assert aws.outputs(name) == {"Arn": made["repositoryArn"], "RepositoryUri": made["repositoryUri"]}
    assert ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"] == tags
    assert gone(aws, name)
    assert ecr.describe_repositories(repositoryNames=[name])["repositories"]


def test_a_resource_that_goes_with_its_stack_is_not_taken_over(aws: Aws, name: str, group: str) -> None:
    change_set = propose(aws, name, {"Group": log_group(group)}, importing=True)
    assert (change_set["Status"], change_set["StatusReason"]) == (
        "FAILED",
        "CloudFormation is attempting to import some resources because they already exist in your account. "
        "The resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in "
        f"the template for successful import. The affected resources are Group ({{LogGroupName={group}}})",
    )


def test_without_the_option_a_taken_name_fails_early(aws: Aws, name: str, group: str) -> None:
    change_set = propose(aws, name, {"Group": log_group(group, **RETAINED)}, importing=False)
    assert change_set["Status"] == "FAILED"
    assert "[AWS::EarlyValidation::ResourceExistenceCheck]" in change_set["StatusReason"]
    text = f"Resource of type 'AWS::Logs::LogGroup' with identifier '{group}' already exists."
    assert conflicts(aws, name) == [("Group", "NAME_CONFLICT_VALIDATION", text)]


def test_a_resource_of_another_stack_is_not_taken_over(aws: Aws, name: str) -> None:
    template = {"Group": log_group(f"{name}-group", **RETAINED)}
    aws.deploy(f"{name}-owner", template)
    assert propose(aws, name, template, importing=True)["Status"] == "FAILED"
    assert "already exists" in conflicts(aws, name)[0][2]


def test_a_name_that_is_put_together_is_not_taken_over(aws: Aws, name: str, group: str) -> None:
    dynamic = log_group({"Fn::Join": ["", [group, {"Ref": "AWS::NoValue"}]]}, **RETAINED)
    assert propose(aws, name, {"Group": dynamic}, importing=True)["Status"] == "CREATE_COMPLETE"
    assert carry_out(aws, name) == "ROLLBACK_COMPLETE"
    reason = next(text for _, status, text in aws.events(name) if status == "CREATE_FAILED")
    assert reason.startswith(
        "Resource handler returned message: \"Resource of type 'AWS::Logs::LogGroup' with identifier "
        f'\'{{"/properties/LogGroupName":"{group}"}}\' already exists." (RequestToken: '
    )
    assert reason.endswith("HandlerErrorCode: AlreadyExists)")
    assert names_of_groups(aws, group) == [group]


def test_a_resource_whose_identifier_the_service_chooses_is_not_taken_over(aws: Aws, name: str) -> None:
    url = f"https://{name}.example.com"
    aws.client("iam").create_open_id_connect_provider(Url=url, ClientIDList=["sts.amazonaws.com"])
    aws.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
    provider = {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": url}, **RETAINED}
    packages = {
        "Type": "AWS::SageMaker::ModelPackageGroup",
        "Properties": {"ModelPackageGroupName": name},
        **RETAINED,
    }
    for suffix, resource in (("oidc", provider), ("group", packages)):
        change_set = propose(aws, f"{name}-{suffix}", {"It": resource}, importing=True)
        assert change_set["Changes"][0]["ResourceChange"]["Action"] == "Add"
        assert carry_out(aws, f"{name}-{suffix}") == "ROLLBACK_COMPLETE"
        failed = [text for _, status, text in aws.events(f"{name}-{suffix}") if status == "CREATE_FAILED"]
        assert "already exists" in failed[0].lower() or "EntityAlreadyExists" in failed[0]


@pytest.mark.parametrize(
    ("type_name", "properties"),
    [
        ("AWS::Events::Rule", {"Name": "<name>", "EventPattern": {"source": ["new"]}}),
        ("AWS::SNS::Topic", {"TopicName": "<name>", "DisplayName": "new"}),
        ("AWS::SQS::Queue", {"QueueName": "<name>"}),
        ("AWS::CloudWatch::Dashboard", {"DashboardName": "<name>", "DashboardBody": '{"widgets": []}'}),
        (
            "AWS::CloudWatch::Alarm",
            {
                "AlarmName": "<name>",
                "ComparisonOperator": "GreaterThanThreshold",
                "EvaluationPeriods": 1,
                "MetricName": "m",
                "Namespace": "n",
                "Statistic": "Sum",
                "Period": 60,
                "Threshold": 1,
            },
        ),
    ],
)
def test_what_a_service_would_overwrite_is_refused(
    aws: Aws, name: str, type_name: str, properties: dict[str, Any]
) -> None:
    named = {key: name if value == "<name>" else value for key, value in properties.items()}
    template = {"It": {"Type": type_name, "Properties": named}}
    assert aws.deploy(f"{name}-one", template)["StackStatus"] == "CREATE_COMPLETE"
    assert aws.deploy(f"{name}-two", template)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("already exists" in text for _, _, text in aws.events(f"{name}-two"))
    assert gone(aws, f"{name}-one")


def test_the_policy_of_a_bucket_that_stayed_is_in_the_way(aws: Aws, name: str) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name)
    document = allow("s3:GetObject", Principal={"AWS": ACCOUNT}, Resource=f"arn:aws:s3:::{name}/*")
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}, **RETAINED}
    properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": document}
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": properties, **RETAINED}
    propose(aws, name, {"Bucket": bucket, "Policy": policy}, importing=True)
    assert carry_out(aws, name) == "ROLLBACK_COMPLETE"
    why = f"The bucket policy already exists on bucket {name}."
    assert ("Policy", "CREATE_FAILED", why) in aws.events(name)
    assert s3.get_bucket_policy(Bucket=name)["Policy"]


def test_a_failed_creation_keeps_what_was_there_and_removes_what_is_new(
    aws: Aws, name: str, group: str
) -> None:
    template = {
        "Old": log_group(group, **RETAINED),
        "New": log_group(f"{name}-new", **RETAINED),
        "Kept": log_group(f"{name}-kept", DeletionPolicy="Retain"),
        "Taken": {**log_group({"Ref": "Old"}), "DependsOn": ["New", "Kept"]},
    }
    propose(aws, name, template, importing=True)
    assert carry_out(aws, name) == "ROLLBACK_COMPLETE"
    assert names_of_groups(aws, name) == [group, f"{name}-kept"]


def propose_import(aws: Aws, name: str, resources: dict[str, Any], **identifiers: dict[str, str]) -> Any:
    cloudformation = aws.client("cloudformation")
    cloudformation.create_change_set(
        StackName=name,
        ChangeSetName="change",
        ChangeSetType="IMPORT",
        TemplateBody=aws.template(resources),
        ResourcesToImport=[
            {
                "ResourceType": resources.get(logical_id, {}).get("Type", "AWS::Logs::LogGroup"),
                "LogicalResourceId": logical_id,
                "ResourceIdentifier": identifier,
            }
            for logical_id, identifier in identifiers.items()
        ],
    )
    return cloudformation.describe_change_set(StackName=name, ChangeSetName="change")


def key(policy: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}, **more}


@pytest.fixture
def key_id(aws: Aws) -> str:
    return str(aws.client("kms").create_key()["KeyMetadata"]["KeyId"])


def key_policy(aws: Aws, key_id: str) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(
        aws.client("kms").get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    )
    return policy


def test_what_is_named_by_its_identifier_alone_is_imported_and_then_managed(
    aws: Aws, name: str, key_id: str
) -> None:
    """A key has no name that a template could spell out."""
    resources = {"Key": key(key_policy(aws, key_id), **RETAINED)}
    change = propose_import(aws, name, resources, Key={"KeyId": key_id})
    assert (change["Status"], change["Changes"][0]["ResourceChange"]["Action"]) == (
        "CREATE_COMPLETE",
        "Import",
    )
    assert carry_out(aws, name) == "IMPORT_COMPLETE"
    found = aws.client("cloudformation").describe_stack_resource(StackName=name, LogicalResourceId="Key")
    assert found["StackResourceDetail"]["PhysicalResourceId"] == key_id
    resources["Key"]["Properties"]["Description"] = "ours now"
    aws.deploy(name, resources)
    assert aws.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "ours now"


def test_an_import_does_nothing_besides(aws: Aws, name: str, key_id: str, group: str) -> None:
    retained, bare = key(key_policy(aws, key_id), **RETAINED), key(key_policy(aws, key_id))
    reasons = {
        "must have DeletionPolicy attribute specified": propose_import(
            aws, f"{name}-1", {"Key": bare}, Key={"KeyId": key_id}
        ),
        "Resources [More] is missing from ResourceToImport list": propose_import(
            aws, f"{name}-2", {"Key": retained, "More": log_group(group)}, Key={"KeyId": key_id}
        ),
    }
    for reason, change in reasons.items():
        assert change["Status"] == "FAILED"
        assert reason in change["StatusReason"]


def test_what_belongs_to_a_stack_cannot_be_imported_by_another(aws: Aws, name: str, key_id: str) -> None:
    resources = {"Key": key(key_policy(aws, key_id), **RETAINED)}
    propose_import(aws, name, resources, Key={"KeyId": key_id})
    carry_out(aws, name)
    change = propose_import(aws, f"{name}-2", resources, Key={"KeyId": key_id})
    assert change["Status"] == "FAILED"
    assert "already exists in stack" in change["StatusReason"]


def test_an_import_of_what_is_not_there_is_rolled_back(aws: Aws, name: str) -> None:
    resources = {"Key": key({"Version": "2012-10-17", "Statement": []}, **RETAINED)}
    propose_import(aws, name, resources, Key={"KeyId": "11111111-2222-3333-4444-555555555555"})
    assert carry_out(aws, name) == "IMPORT_ROLLBACK_COMPLETE"
    events = aws.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    assert any("was not found" in event.get("ResourceStatusReason", "") for event in events)
