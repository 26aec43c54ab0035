"""Answers of CloudFormation that were recorded from AWS.

The recordings: github.com/localstack/localstack, Apache-2.0, tests/aws/services/cloudformation/api, 2025.
"""

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.cloudformation.helpers import Aws
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
