"""What CloudFormation itself provides: metadata, wait conditions, stacks inside stacks."""

import json
import threading
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.cloudformation.helpers import Aws, gone, settled
from tests.tools.local_aws.cloudformation.test_stacks import parameter, value_of


def signal(url: str, **letter: str) -> None:
    """As a machine does that has nothing but the URL."""
    headers = {"Content-Type": ""}
    urlopen(Request(url, json.dumps(letter).encode(), headers, method="PUT")).close()


def put(url: str, *letters: dict[str, str]) -> None:
    for letter in letters:
        signal(url, **letter)


def waiting(**properties: Any) -> dict[str, Any]:
    """A handle whose URL a parameter tells, and the condition that waits for it."""
    condition = {"Handle": {"Ref": "Handle"}, "Timeout": "20", **properties}
    return {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Url": parameter({"Ref": "Handle"}),
        "Condition": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": condition,
            "DependsOn": "Url",
        },
    }


def test_what_a_default_cdk_app_says_about_itself_is_taken(aws: Aws, name: str) -> None:
    available = {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}
    metadata = {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:H4sI"}}
    resources = {"CDKMetadata": {**metadata, "Condition": "CDKMetadataAvailable"}}
    ids = settled(aws, name, resources, Conditions={"CDKMetadataAvailable": available})
    resources["CDKMetadata"]["Properties"] = {"Analytics": "v2:deflate64:H4sJ"}
    assert settled(aws, name, resources, Conditions={"CDKMetadataAvailable": available}) == ids
    assert gone(aws, name)


def signalled(aws: Aws, name: str, resources: dict[str, Any], *letters: dict[str, str]) -> dict[str, Any]:
    """The stack after the letters were put at the handle's URL while it was created."""

    def put_letters() -> None:
        url = eventually(lambda: aws.exists(name) and handle_of(aws, name))
        put(str(url), *letters)

    sender = threading.Thread(target=put_letters)
    sender.start()
    data = {"Data": {"Value": {"Fn::GetAtt": ["Condition", "Data"]}}}
    stack = aws.deploy(name, resources, Outputs=data)
    sender.join()
    return stack


def handle_of(aws: Aws, name: str) -> str | None:
    found = aws.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    ids = {item["LogicalResourceId"]: item.get("PhysicalResourceId") for item in found}
    return ids.get("Handle")


def test_a_wait_condition_goes_on_when_all_senders_have_succeeded(aws: Aws, name: str) -> None:
    one = {"Status": "SUCCESS", "UniqueId": "1", "Data": "first"}
    stack = signalled(aws, name, waiting(Count=2), one, one, {**one, "UniqueId": "2", "Data": "second"})
    assert stack["StackStatus"] == "CREATE_COMPLETE", aws.events(name)
    assert json.loads(aws.outputs(name)["Data"]) == {"1": "first", "2": "second"}
    assert gone(aws, name)


@pytest.mark.parametrize(
    ("letter", "words"),
    [
        (
            {"Status": "FAILURE", "UniqueId": "i-1", "Reason": "Configuration failed."},
            "WaitCondition received failed message: 'Configuration failed.' for uniqueId: i-1",
        ),
        ({"Status": "MAYBE"}, "Unparsable WaitCondition data"),
    ],
)
def test_a_wait_condition_fails_with_the_signal(
    aws: Aws, name: str, letter: dict[str, str], words: str
) -> None:
    assert signalled(aws, name, waiting(), letter)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert ("Condition", "CREATE_FAILED", words) in aws.events(name)


def test_a_wait_condition_gives_up_after_its_time(aws: Aws, name: str) -> None:
    aws.deploy(name, waiting(Timeout="0"))
    words = "WaitCondition timed out. Received 0 conditions when expecting 1"
    assert ("Condition", "CREATE_FAILED", words) in aws.events(name)


@pytest.fixture(scope="module")
def bucket(aws: Aws) -> str:
    name = unique("templates")
    aws.client("s3").create_bucket(Bucket=name)
    return name


class Outer:
    """A stack with another inside that keeps one parameter."""

    def __init__(self, aws: Aws, bucket: str, name: str) -> None:
        self.aws, self.bucket, self.name = aws, bucket, name

    def upload(self, resources: dict[str, Any], **sections: Any) -> str:
        key = unique("template")
        body = self.aws.template(resources, **sections)
        self.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"https://s3.us-east-1.amazonaws.com/{self.bucket}/{key}"

    def resources(self, value: str, inner: dict[str, Any] | None = None) -> dict[str, Any]:
        kept = {"Inner": parameter({"Ref": "Value"}, Name=f"/{self.name}/inner"), **(inner or {})}
        url = self.upload(
            kept,
            Parameters={"Value": {"Type": "String"}},
            Outputs={"Kept": {"Value": {"Fn::GetAtt": ["Inner", "Value"]}}},
        )
        properties = {"TemplateURL": url, "Parameters": {"Value": value}}
        told = {"Fn::GetAtt": ["Nested", "Outputs.Kept"]}
        return {
            "Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": properties},
            "Told": parameter(told, Name=f"/{self.name}/told"),
        }


@pytest.fixture
def outer(aws: Aws, bucket: str, name: str) -> Outer:
    return Outer(aws, bucket, name)


BAD = {"Bad": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": "x", "TopicName": "not a name"}}}


def test_a_stack_inside_a_stack_lives_and_dies_with_it(aws: Aws, outer: Outer) -> None:
    name = outer.name
    inner = settled(aws, name, outer.resources("one"))["Nested"]
    assert value_of(aws, f"/{name}/told") == "one"
    described = aws.stack(inner)
    assert described["StackName"].startswith(f"{name}-Nested-")
    assert described["ParentId"] == described["RootId"] == aws.stack(name)["StackId"]
    assert ("Inner", "CREATE_COMPLETE", "") in aws.events(inner)
    assert settled(aws, name, outer.resources("two"))["Nested"] == inner
    assert value_of(aws, f"/{name}/told") == "two"
    assert gone(aws, name)
    assert aws.stack(inner)["StackStatus"] == "DELETE_COMPLETE"


def test_a_stack_inside_that_fails_fails_the_outer_one(aws: Aws, outer: Outer) -> None:
    stack = aws.deploy(outer.name, outer.resources("one", BAD))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    (why,) = [why for who, what, why in aws.events(outer.name) if (who, what) == ("Nested", "CREATE_FAILED")]
    assert why.startswith("Embedded stack arn:aws:cloudformation:us-east-1:")
    assert "was not successfully created: The following resource(s) failed to create: [Bad]" in why


def test_a_failed_update_takes_the_stack_inside_back(aws: Aws, outer: Outer) -> None:
    name = outer.name
    inner = settled(aws, name, outer.resources("one"))["Nested"]
    stack = aws.deploy(name, outer.resources("two", BAD))
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", aws.events(name)
    assert aws.stack(inner)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    after = {**outer.resources("three"), "Late": {**BAD["Bad"], "DependsOn": "Nested"}}
    assert aws.deploy(name, after)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert value_of(aws, f"/{name}/inner") == "one"
    assert gone(aws, name)


def test_a_stack_inside_needs_the_capabilities_of_the_outer_one(aws: Aws, outer: Outer) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
    aws.deploy(outer.name, outer.resources("one", {"Role": role}), Capabilities=[])
    (why,) = [why for who, what, why in aws.events(outer.name) if (who, what) == ("Nested", "CREATE_FAILED")]
    assert "Requires capabilities : [CAPABILITY_IAM]" in why


def test_a_refactoring_of_stacks_is_refused_by_its_name(aws: Aws) -> None:
    definitions = [{"StackName": "one", "TemplateBody": "{}"}]
    with pytest.raises(ClientError, match="does not carry out CreateStackRefactor"):
        aws.client("cloudformation").create_stack_refactor(StackDefinitions=definitions)
