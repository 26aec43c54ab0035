from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.cloudformation.helpers import Aws

PARAMETER = "AWS::SSM::Parameter"


def parameter(value: Any, **more: Any) -> dict[str, Any]:
    return {"Type": PARAMETER, "Properties": {"Type": "String", "Value": value, **more}}


def value_of(aws: Aws, name: str) -> str:
    return str(aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def exists(aws: Aws, name: str) -> bool:
    try:
        aws.client("ssm").get_parameter(Name=name)
    except aws.client("ssm").exceptions.ParameterNotFound:
        return False
    return True


def test_letters_that_are_not_ascii_arrive_and_are_told_as_question_marks(aws: Aws, name: str) -> None:
    first = f"First: {{Type: {PARAMETER}, Properties: {{Type: String, Value: %s}}}}"
    template = f"Resources: {{{first}}}"
    aws.client("cloudformation").create_stack(StackName=name, TemplateBody=template % "Maßband")
    aws.stack(name)
    assert value_of(aws, aws.resource(name, "First")["PhysicalResourceId"]) == "Maßband"
    told = aws.client("cloudformation").get_template(StackName=name)["TemplateBody"]
    assert told == template % "Ma?band"


# Refused by the service, not by the schema: a reserved prefix.
REFUSED = parameter("x", Name="/aws/reserved")


def test_a_new_stack_creates_its_resources_and_shows_outputs(aws: Aws, name: str) -> None:
    stack = aws.deploy(
        name,
        {"Second": parameter({"Ref": "First"}), "First": parameter("one")},
        Outputs={"Name": {"Value": {"Ref": "First"}, "Description": "the first"}},
    )
    first = aws.resource(name, "First")["PhysicalResourceId"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert aws.outputs(name) == {"Name": first}
    assert value_of(aws, aws.resource(name, "Second")["PhysicalResourceId"]) == first


def test_events_tell_the_story_in_order(aws: Aws, name: str) -> None:
    aws.deploy(name, {"Second": parameter({"Ref": "First"}), "First": parameter("one")})
    assert [(who, status) for who, status, _ in aws.events(name)] == [
        (name, "REVIEW_IN_PROGRESS"),
        (name, "CREATE_IN_PROGRESS"),
        ("First", "CREATE_IN_PROGRESS"),
        ("First", "CREATE_COMPLETE"),
        ("Second", "CREATE_IN_PROGRESS"),
        ("Second", "CREATE_COMPLETE"),
        (name, "CREATE_COMPLETE"),
    ]


def test_an_update_keeps_the_resource_and_changes_what_depends_on_it(aws: Aws, name: str) -> None:
    aws.deploy(name, {"First": parameter("one"), "Second": parameter({"Fn::GetAtt": "First.Value"})})
    before = aws.resource(name, "First")["PhysicalResourceId"]
    stack = aws.deploy(name, {"First": parameter("two"), "Second": parameter({"Fn::GetAtt": "First.Value"})})
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert aws.resource(name, "First")["PhysicalResourceId"] == before
    assert value_of(aws, before) == "two"
    assert value_of(aws, aws.resource(name, "Second")["PhysicalResourceId"]) == "two"


def test_a_create_only_property_replaces_the_resource_and_deletes_the_old_one(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x", Name=f"/{name}/old"), "B": parameter({"Ref": "A"})})
    aws.deploy(name, {"A": parameter("x", Name=f"/{name}/new"), "B": parameter({"Ref": "A"})})
    assert not exists(aws, f"/{name}/old")
    assert value_of(aws, aws.resource(name, "B")["PhysicalResourceId"]) == f"/{name}/new"


def test_a_named_resource_cannot_be_replaced_under_the_same_name(aws: Aws, name: str) -> None:
    def repository(encryption: str) -> dict[str, Any]:
        configuration = {"EncryptionType": encryption}
        properties = {"RepositoryName": name, "EncryptionConfiguration": configuration}
        return {"A": {"Type": "AWS::ECR::Repository", "Properties": properties}}

    aws.deploy(name, repository("AES256"))
    stack = aws.deploy(name, repository("KMS"))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Rename {name} and update the stack again" in stack_reason(aws, name)


def stack_reason(aws: Aws, name: str) -> str:
    reasons = [why for _, status, why in aws.events(name) if status.endswith("_FAILED")]
    return reasons[-1] if reasons else ""


def test_a_failed_creation_is_rolled_back_with_the_reason_of_the_service(aws: Aws, name: str) -> None:
    good = parameter("x", Name=f"/{name}/good")
    stack = aws.deploy(name, {"Good": good, "Bad": {**REFUSED, "DependsOn": "Good"}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "HandlerErrorCode" in stack_reason(aws, name)
    assert not exists(aws, f"/{name}/good")


def test_without_rollback_what_was_created_stays_until_it_is_asked_for(aws: Aws, name: str) -> None:
    good = parameter("x", Name=f"/{name}/good")
    stack = aws.deploy(name, {"Good": good, "Bad": {**REFUSED, "DependsOn": "Good"}}, DisableRollback=True)
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert exists(aws, f"/{name}/good")
    aws.client("cloudformation").rollback_stack(StackName=name)
    assert aws.stack(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not exists(aws, f"/{name}/good")


def test_a_failed_update_restores_created_changed_and_replaced_resources(aws: Aws, name: str) -> None:
    aws.deploy(name, {"Changed": parameter("old"), "Replaced": parameter("x", Name=f"/{name}/old")})
    changed = aws.resource(name, "Changed")["PhysicalResourceId"]
    stack = aws.deploy(
        name,
        {
            "Changed": parameter("new"),
            "Replaced": parameter("x", Name=f"/{name}/new"),
            "Created": parameter("x", Name=f"/{name}/created"),
            "Bad": {**REFUSED, "DependsOn": ["Changed", "Replaced", "Created"]},
        },
    )
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert value_of(aws, changed) == "old"
    assert exists(aws, f"/{name}/old")
    assert not exists(aws, f"/{name}/new")
    assert not exists(aws, f"/{name}/created")
    assert aws.resource(name, "Replaced")["PhysicalResourceId"] == f"/{name}/old"


def test_what_a_failed_update_made_and_nobody_can_delete_stays(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x")})
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}
    broken = {**parameter("y", Name="/aws/forbidden"), "DependsOn": ["B"]}
    cloudformation = aws.client("cloudformation")
    cloudformation.update_stack(
        StackName=name,
        TemplateBody=aws.template({"A": parameter("x"), "B": bucket, "P": broken}),
        DisableRollback=True,
    )
    aws.client("s3").put_object(Bucket=name, Key="in the way", Body=b"")
    cloudformation.rollback_stack(StackName=name)
    assert aws.stack(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    story = [(who, what) for who, what, _ in aws.events(name)][-4:]
    assert story == [
        (name, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("B", "DELETE_IN_PROGRESS"),
        ("B", "DELETE_FAILED"),
        (name, "UPDATE_ROLLBACK_COMPLETE"),
    ]


def test_a_rollback_that_fails_goes_on_without_what_is_skipped(aws: Aws, name: str) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "DelaySeconds": 1}}
    aws.deploy(name, {"Q": queue, "A": parameter("x")})
    cloudformation, sqs = aws.client("cloudformation"), aws.client("sqs")
    changed = {"Q": {**queue, "Properties": {"QueueName": name, "DelaySeconds": 2}}}
    broken = {**parameter("y", Name="/aws/forbidden"), "DependsOn": ["Q"]}
    with pytest.raises(ClientError, match="can not be rolled back"):
        cloudformation.continue_update_rollback(StackName=name)
    template = aws.template({**changed, "A": parameter("z"), "B": broken})
    cloudformation.update_stack(StackName=name, TemplateBody=template, DisableRollback=True)
    assert aws.stack(name)["StackStatus"] == "UPDATE_FAILED"
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
    cloudformation.rollback_stack(StackName=name)
    stack = aws.stack(name)
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert stack["StackStatusReason"] == "The following resource(s) failed to update: [Q]. "
    with pytest.raises(ClientError, match="can not be rolled back"):
        cloudformation.rollback_stack(StackName=name)
    with pytest.raises(ClientError, match=r"can be skipped, not \[Nothing\]"):
        cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Nothing"])
    cloudformation.continue_update_rollback(StackName=name, ResourcesToSkip=["Q"])
    assert aws.stack(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert value_of(aws, aws.resource(name, "A")["PhysicalResourceId"]) == "x"


def test_a_stack_can_be_updated_after_a_rolled_back_update(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("one")})
    aws.deploy(name, {"A": parameter("two"), "Bad": REFUSED})
    assert aws.deploy(name, {"A": parameter("three")})["StackStatus"] == "UPDATE_COMPLETE"
    assert value_of(aws, aws.resource(name, "A")["PhysicalResourceId"]) == "three"


def test_retained_resources_survive_deletion_and_replacement(aws: Aws, name: str) -> None:
    kept = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    aws.deploy(name, {"A": {**parameter("x", Name=f"/{name}/a"), **kept}, "B": parameter("x")})
    aws.deploy(name, {"A": {**parameter("x", Name=f"/{name}/b"), **kept}, "B": parameter("x")})
    assert exists(aws, f"/{name}/a")
    aws.client("cloudformation").delete_stack(StackName=name)
    assert not aws.exists(name)
    assert exists(aws, f"/{name}/b")


def test_a_deleted_stack_is_described_by_its_id_only(aws: Aws, name: str) -> None:
    stack_id = aws.deploy(name, {"A": parameter("x")})["StackId"]
    aws.client("cloudformation").delete_stack(StackName=name)
    assert aws.stack(stack_id)["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match=f"Stack with id {name} does not exist"):
        aws.stack(name)


def test_removing_a_resource_from_the_template_deletes_it(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x", Name=f"/{name}/a"), "B": parameter("x")})
    aws.deploy(name, {"B": parameter("x")})
    assert not exists(aws, f"/{name}/a")


def test_resources_that_refer_to_each_other_are_removed_together(aws: Aws, name: str) -> None:
    refers = parameter({"Fn::GetAtt": ["A", "Value"]}, Name=f"/{name}/c")
    aws.deploy(name, {"A": parameter("x"), "B": parameter("x"), "C": refers})
    aws.deploy(name, {"B": parameter("x")})
    assert not exists(aws, f"/{name}/c")


def given(value: str) -> list[dict[str, str]]:
    return [{"ParameterKey": "P", "ParameterValue": value}]


TAKES_PARAMETER = {"A": parameter({"Ref": "P"})}
DECLARED = {"P": {"Type": "String"}}


def test_an_update_without_a_change_is_refused(aws: Aws, name: str) -> None:
    template = aws.template(TAKES_PARAMETER, Parameters=DECLARED)
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template, Parameters=given("1"))
    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        cloudformation.update_stack(StackName=name, TemplateBody=template, Parameters=given("1"))


def test_the_previous_template_takes_new_and_previous_values(aws: Aws, name: str) -> None:
    template = aws.template(TAKES_PARAMETER, Parameters=DECLARED)
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template, Parameters=given("1"))
    cloudformation.update_stack(StackName=name, UsePreviousTemplate=True, Parameters=given("2"))
    assert value_of(aws, aws.resource(name, "A")["PhysicalResourceId"]) == "2"
    previous = [{"ParameterKey": "P", "UsePreviousValue": True}]
    with pytest.raises(ClientError, match="No updates"):
        cloudformation.update_stack(StackName=name, UsePreviousTemplate=True, Parameters=previous)


def test_a_changed_stored_parameter_is_an_update(aws: Aws, name: str) -> None:
    ssm = aws.client("ssm")
    ssm.put_parameter(Name=f"/{name}/source", Value="1", Type="String")
    declared = {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/{name}/source"}}
    aws.deploy(name, TAKES_PARAMETER, Parameters=declared)
    ssm.put_parameter(Name=f"/{name}/source", Value="2", Type="String", Overwrite=True)
    aws.deploy(name, TAKES_PARAMETER, Parameters=declared)
    assert value_of(aws, aws.resource(name, "A")["PhysicalResourceId"]) == "2"


def test_an_export_is_free_when_what_imported_it_is_gone_from_its_stack(aws: Aws, name: str) -> None:
    exported = {"Outputs": {"O": {"Value": "one", "Export": {"Name": f"{name}:export"}}}}
    aws.deploy(name, {"A": parameter("x")}, **exported)
    importing = parameter({"Fn::ImportValue": f"{name}:export"})
    aws.deploy(f"{name}-user", {"B": importing, "C": parameter("y")})
    aws.deploy(f"{name}-user", {"C": parameter("y")})
    with pytest.raises(ClientError, match="is not imported by any stack"):
        aws.client("cloudformation").list_imports(ExportName=f"{name}:export")
    aws.deploy(name, {"A": parameter("x")})


def test_an_export_in_use_is_neither_deleted_nor_changed(aws: Aws, name: str) -> None:
    def producer(value: str) -> dict[str, Any]:
        return {"Outputs": {"O": {"Value": value, "Export": {"Name": f"{name}:export"}}}}

    aws.deploy(name, {"A": parameter("x")}, **producer("one"))
    aws.deploy(f"{name}-user", {"B": parameter({"Fn::ImportValue": f"{name}:export"})})
    cloudformation = aws.client("cloudformation")
    assert cloudformation.list_imports(ExportName=f"{name}:export")["Imports"] == [f"{name}-user"]
    with pytest.raises(
        ClientError, match=f"Cannot delete export {name}:export as it is in use by {name}-user"
    ):
        cloudformation.delete_stack(StackName=name)
    assert (
        aws.deploy(name, {"A": parameter("x")}, **producer("two"))["StackStatus"]
        == "UPDATE_ROLLBACK_COMPLETE"
    )
    assert f"Cannot update export {name}:export" in str(aws.events(name))
    cloudformation.delete_stack(StackName=f"{name}-user")
    cloudformation.delete_stack(StackName=name)
    assert not aws.exists(name)


def test_importing_what_nobody_exports_fails(aws: Aws, name: str) -> None:
    stack = aws.deploy(name, {"A": parameter({"Fn::ImportValue": "nothing"})})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "No export named nothing found." in str(aws.events(name))


def test_termination_protection_refuses_deletion(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x")}, EnableTerminationProtection=True)
    cloudformation = aws.client("cloudformation")
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName=name)
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=name)
    assert not aws.exists(name)


def test_an_unknown_resource_type_fails_and_is_named(aws: Aws, name: str) -> None:
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::Nothing::Here\]"):
        aws.deploy(name, {"A": {"Type": "AWS::Nothing::Here"}})
    with pytest.raises(ClientError, match=r"does not carry out: \[AWS::Redshift::Cluster\]"):
        aws.deploy(name, {"A": {"Type": "AWS::Redshift::Cluster"}})


def test_a_mistake_in_one_resource_stops_all_before_anything_is_created(aws: Aws, name: str) -> None:
    good = parameter("x", Name=f"/{name}/good")
    aws.deploy(name, {"Good": good, "Bad": {**parameter("x", Vaule="y"), "DependsOn": "Good"}})
    assert ("Good", "CREATE_IN_PROGRESS", "") not in aws.events(name)
    assert "extraneous key [Vaule] is not permitted" in stack_reason(aws, name)


def test_a_property_that_no_call_carries_fails_and_is_named(aws: Aws, name: str) -> None:
    bucket = {
        "Type": "AWS::S3::Bucket",
        "Properties": {"AccelerateConfiguration": {"AccelerationStatus": "Enabled"}},
    }
    aws.deploy(name, {"Bucket": bucket})
    assert "does not carry out AccelerateConfiguration" in stack_reason(aws, name)


def test_an_attribute_that_the_type_does_not_have_is_refused(aws: Aws, name: str) -> None:
    with pytest.raises(ClientError, match="resource A does not support attribute type Colour"):
        aws.deploy(name, {"A": parameter("x"), "B": parameter({"Fn::GetAtt": ["A", "Colour"]})})
    assert not aws.exists(name)


def test_iam_resources_need_the_capability(aws: Aws, name: str) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
    with pytest.raises(ClientError, match="InsufficientCapabilities"):
        aws.deploy(name, {"Role": role}, Capabilities=[])


def test_tags_of_the_stack_reach_its_resources(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x")}, Tags=[{"Key": "team", "Value": "one"}])
    aws.deploy(name, {"A": parameter("x")}, Tags=[{"Key": "team", "Value": "two"}])
    physical = aws.resource(name, "A")["PhysicalResourceId"]
    tags = aws.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=physical)["TagList"]
    assert tags == [{"Key": "team", "Value": "two"}]


def test_an_option_that_would_do_nothing_is_refused(aws: Aws, name: str) -> None:
    with pytest.raises(ClientError, match=r"does not carry out CreateStack\.TimeoutInMinutes"):
        aws.deploy(name, {"A": parameter("x")}, TimeoutInMinutes=5)
