"""Answers of CloudFormation that were recorded from AWS.

The recordings: github.com/localstack/localstack, Apache-2.0, tests/aws/services/cloudformation/api, 2025.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.cloudformation.helpers import Aws, trust
from tests.tools.local_aws.cloudformation.test_change_sets import propose
from tests.tools.local_aws.cloudformation.test_stacks import parameter

ALWAYS = {"NotificationARNs", "RollbackConfiguration", "Capabilities", "IncludeNestedStacks"}


def test_a_change_set_tells_nothing_that_it_does_not_have(aws: Aws, name: str) -> None:
    change_set = propose(aws, name, {"A": parameter("x")}, "CREATE")
    assert set(change_set) >= ALWAYS
    assert not {"OnStackFailure", "Tags", "Parameters"} & set(change_set)
    assert change_set["IncludeNestedStacks"] is False


def test_a_stack_names_the_change_set_that_made_it(aws: Aws, name: str) -> None:
    change_set = propose(aws, name, {"A": parameter("x")}, "CREATE")
    assert not {"Outputs", "Parameters", "LastUpdatedTime"} & set(aws.stack(name))
    aws.client("cloudformation").execute_change_set(StackName=name, ChangeSetName="change")
    stack = aws.stack(name)
    assert stack["ChangeSetId"] == change_set["ChangeSetId"]
    assert stack["LastUpdatedTime"] >= stack["CreationTime"]
    assert stack["Tags"] == []


@pytest.mark.parametrize(
    ("operation", "request_", "words"),
    [
        ("describe_stacks", {"StackName": "nothing"}, "Stack with id nothing does not exist"),
        ("describe_stack_events", {"StackName": "nothing"}, "Stack [nothing] does not exist"),
        (
            "describe_stack_resource",
            {"StackName": "nothing", "LogicalResourceId": "A"},
            "Stack 'nothing' does not exist",
        ),
        (
            "describe_change_set",
            {"StackName": "nothing", "ChangeSetName": "change"},
            "Stack [nothing] does not exist",
        ),
        ("get_template", {}, "StackName is required if ChangeSetName is not specified."),
    ],
)
def test_what_does_not_exist_is_missed_in_the_words_of_its_operation(
    aws: Aws, operation: str, request_: dict[str, str], words: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(aws.client("cloudformation"), operation)(**request_)
    error = refused.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationError", words)


def test_a_resource_is_missed_by_what_its_stack_was_called(aws: Aws, name: str) -> None:
    stack = aws.deploy(name, {"A": parameter("x")})
    for called in (name, stack["StackId"]):
        with pytest.raises(ClientError) as refused:
            aws.resource(called, "B")
        message = refused.value.response["Error"]["Message"]
        assert message == f"Resource B does not exist for stack {called}"


def test_an_executed_change_set_is_described_by_its_id_and_its_name_is_free(aws: Aws, name: str) -> None:
    cloudformation = aws.client("cloudformation")
    change_set = propose(aws, name, {"A": parameter("x")}, "CREATE")
    with pytest.raises(ClientError, match="ChangeSet change already exists"):
        propose(aws, name, {"A": parameter("x")}, "CREATE")
    cloudformation.execute_change_set(StackName=name, ChangeSetName="change")
    executed = cloudformation.describe_change_set(ChangeSetName=change_set["ChangeSetId"])
    assert executed["ExecutionStatus"] == "EXECUTE_COMPLETE"
    assert cloudformation.list_change_sets(StackName=name)["Summaries"] == []
    assert propose(aws, name, {"A": parameter("y")}, "UPDATE")["Status"] == "CREATE_COMPLETE"


def test_a_change_set_tells_values_to_who_asks_for_them(aws: Aws, name: str) -> None:
    aws.deploy(name, {"A": parameter("x"), "B": parameter({"Ref": "A"})})
    propose(aws, name, {"A": parameter("y")}, "UPDATE")
    described = aws.client("cloudformation").describe_change_set(
        StackName=name, ChangeSetName="change", IncludePropertyValues=True
    )
    changed, removed = [change["ResourceChange"] for change in described["Changes"]]
    assert json.loads(changed["AfterContext"]) == {"Properties": {"Type": "String", "Value": "y"}}
    target = changed["Details"][0]["Target"]
    assert (target["Path"], target["BeforeValue"], target["AfterValue"]) == ("/Properties/Value", "x", "y")
    unknown = {"Type": "String", "Value": "{{changeSet:KNOWN_AFTER_APPLY}}"}
    assert json.loads(removed["BeforeContext"]) == {"Properties": unknown}
    assert removed["PolicyAction"] == "Delete"


def test_a_policy_may_be_a_function_and_a_queue_that_is_fifo_has_its_ending(aws: Aws, name: str) -> None:
    policy = {"Fn::If": ["Kept", "Retain", "Delete"]}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": "true"}, "DeletionPolicy": policy}
    conditions = {"Kept": {"Fn::Equals": ["a", "a"]}}
    aws.deploy(name, {"Q": queue}, Conditions=conditions)
    url = aws.resource(name, "Q")["PhysicalResourceId"]
    assert url.endswith(".fifo")
    aws.client("cloudformation").delete_stack(StackName=name)
    assert aws.client("sqs").get_queue_attributes(QueueUrl=url)


def test_a_role_with_a_name_needs_the_capability_for_names(aws: Aws, name: str) -> None:
    properties: dict[str, Any] = {"AssumeRolePolicyDocument": trust("ec2.amazonaws.com")}
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    assert aws.deploy(name, {"R": role}, Capabilities=["CAPABILITY_IAM"])["StackStatus"] == "CREATE_COMPLETE"
    properties["RoleName"] = name
    with pytest.raises(ClientError, match=r"Requires capabilities : \[CAPABILITY_NAMED_IAM\]"):
        aws.deploy(name, {"R": role}, Capabilities=["CAPABILITY_IAM"])
