"""Functions of a template's author stand behind resources: asked, answering, failing and silent."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.cloudformation.helpers import Aws, allow, gone, settled, trust
from tests.tools.local_aws.cloudformation.test_stacks import parameter, value_of

# Keeps what it was asked in a parameter whose name it is told, and answers as it is told.
SOURCE = """
import boto3, cfnresponse, json
def handler(event, context):
    given = event["ResourceProperties"]
    ssm, name = boto3.client("ssm"), given["Journal"]
    try:
        before = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        before = []
    kept = {key: event.get(key) for key in ("RequestType", "PhysicalResourceId", "ResourceProperties")}
    kept["Old"] = event.get("OldResourceProperties")
    ssm.put_parameter(Name=name, Type="String", Value=json.dumps([*before, kept]), Overwrite=True)
    if given.get("Breaks") == event["RequestType"]:
        raise ValueError("broken")
    fails = given.get("Fails") == event["RequestType"]
    cfnresponse.send(
        event, context, "FAILED" if fails else "SUCCESS", {"Value": given["Value"], "a.b": "dotted"},
        physicalResourceId=given["Id"], noEcho=given.get("Secret") == "true", reason="as told",
    )
"""


class Custom:
    """A stack with a function and one resource that it carries out."""

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws, self.name, self.journal = aws, name, f"/{name}/journal"

    def resources(self, **properties: Any) -> dict[str, Any]:
        role = {
            "AssumeRolePolicyDocument": trust("lambda.amazonaws.com"),
            "Policies": [{"PolicyName": "all", "PolicyDocument": allow("*", Resource="*")}],
        }
        function = {
            "Code": {"ZipFile": SOURCE},
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": "Role.Arn"},
            "Runtime": "python3.13",
            "Timeout": 30,
        }
        given = {
            "ServiceToken": {"Fn::GetAtt": "Function.Arn"},
            "Journal": self.journal,
            "Id": "one",
            **properties,
        }
        return {
            "Role": {"Type": "AWS::IAM::Role", "Properties": role},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
            "Thing": {"Type": "Custom::Thing", "Properties": {**given, **properties}},
        }

    def settled(self, **properties: Any) -> dict[str, str]:
        told = {"Told": {"Value": {"Fn::GetAtt": ["Thing", "Value"]}}}
        return settled(self.aws, self.name, self.resources(**properties), Outputs=told)

    def asked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(value_of(self.aws, self.journal))
        return found

    def reason(self, status: str) -> str:
        return next(why for who, what, why in self.aws.events(self.name) if (who, what) == ("Thing", status))


@pytest.fixture
def custom(aws: Aws, name: str) -> Custom:
    return Custom(aws, name)


def test_a_function_creates_changes_and_deletes(aws: Aws, custom: Custom) -> None:
    assert custom.settled(Value=True, List=[1, {"deep": False}])["Thing"] == "one"
    assert aws.outputs(custom.name) == {"Told": "true"}
    custom.settled(Value="2")
    assert gone(aws, custom.name)
    created, changed, deleted = custom.asked()
    assert created["RequestType"] == "Create"
    assert created["ResourceProperties"]["List"] == ["1", {"deep": "false"}]
    assert (changed["RequestType"], changed["PhysicalResourceId"]) == ("Update", "one")
    assert (changed["Old"]["Value"], changed["ResourceProperties"]["Value"]) == ("true", "2")
    assert (deleted["RequestType"], deleted["PhysicalResourceId"]) == ("Delete", "one")


def test_a_new_physical_id_replaces_and_the_old_one_is_deleted_last(custom: Custom) -> None:
    custom.settled(Value="1")
    assert custom.settled(Value="1", Id="two")["Thing"] == "two"
    asked = [(item["RequestType"], item["PhysicalResourceId"]) for item in custom.asked()]
    assert asked == [("Create", None), ("Update", "one"), ("Delete", "one")]


def test_a_failed_answer_fails_the_resource_and_takes_it_back(aws: Aws, custom: Custom) -> None:
    stack = aws.deploy(custom.name, custom.resources(Value="1", Fails="Create"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    words = "Received response status [FAILED] from custom resource. Message returned: as told (RequestId: "
    assert custom.reason("CREATE_FAILED").startswith(words)
    assert [item["RequestType"] for item in custom.asked()] == ["Create", "Delete"]


def test_a_failed_update_goes_back_to_what_was(aws: Aws, custom: Custom) -> None:
    custom.settled(Value="1")
    bad = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "not a name"}}
    late = {"Late": {**bad, "DependsOn": "Thing"}}
    stack = aws.deploy(custom.name, {**custom.resources(Value="2", Id="two"), **late})
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    asked = [(item["RequestType"], item["PhysicalResourceId"]) for item in custom.asked()]
    assert asked == [("Create", None), ("Update", "one"), ("Update", "two"), ("Delete", "two")]
    assert aws.resource(custom.name, "Thing")["PhysicalResourceId"] == "one"


@pytest.mark.parametrize("breaks", ["Create", "never"])
def test_a_function_that_never_answers_fails_the_resource(aws: Aws, custom: Custom, breaks: str) -> None:
    resources = custom.resources(Value="1", Breaks=breaks, ServiceTimeout=1)
    if breaks == "never":
        resources["Function"]["Properties"]["Code"] = {"ZipFile": "def handler(event, context): pass"}
    aws.deploy(custom.name, resources)
    assert custom.reason("CREATE_FAILED").startswith(
        "CloudFormation did not receive a response from your Custom Resource. Please check your logs for "
    )


def test_an_answer_may_be_a_secret(aws: Aws, custom: Custom) -> None:
    custom.settled(Value="1", Secret="true")
    assert aws.outputs(custom.name) == {"Told": "*****"}


def test_an_attribute_that_was_not_answered_is_missed(aws: Aws, custom: Custom) -> None:
    kept = {"Kept": parameter({"Fn::GetAtt": ["Thing", "Else"]})}
    aws.deploy(custom.name, {**custom.resources(Value="1"), **kept})
    reasons = " ".join(why for _, _, why in aws.events(custom.name))
    assert (
        "CustomResource attribute error: Vendor response doesn't contain Else attribute in object" in reasons
    )
    kept = {"Kept": parameter({"Fn::GetAtt": ["Thing", "a.b"]}, Name=f"/{custom.name}/kept")}
    aws.client("cloudformation").delete_stack(StackName=custom.name)
    settled(aws, custom.name, {**custom.resources(Value="1"), **kept})
    assert value_of(aws, f"/{custom.name}/kept") == "dotted"


def test_a_function_that_the_stack_may_not_invoke_is_not_asked(aws: Aws, name: str) -> None:
    token = "arn:aws:lambda:us-east-1:111111111111:function:none"
    thing = {"Type": "AWS::CloudFormation::CustomResource", "Properties": {"ServiceToken": token}}
    assert aws.deploy(name, {"Thing": thing})["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Function not found" in " ".join(why for _, _, why in aws.events(name))
    assert gone(aws, name)


def test_another_function_cannot_take_over(aws: Aws, custom: Custom) -> None:
    custom.settled(Value="1")
    other = f"arn:aws:lambda:us-east-1:111111111111:function:{custom.name}"
    aws.deploy(custom.name, custom.resources(Value="1", ServiceToken=other))
    assert custom.reason("UPDATE_FAILED") == "Modifying service token is not allowed."


def test_a_topic_is_not_asked(aws: Aws, name: str) -> None:
    token = "arn:aws:sns:us-east-1:111111111111:topic"
    aws.deploy(name, {"Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": token}}})
    assert f"asks Lambda functions to carry out custom resources; {token} is none" in str(aws.events(name))


def test_a_function_its_version_alias_and_permission_are_deployed_and_changed(
    aws: Aws, custom: Custom
) -> None:
    def resources(**properties: Any) -> dict[str, Any]:
        own = {name: item for name, item in custom.resources().items() if name != "Thing"}
        own["Function"]["Properties"] |= {"Code": {"ZipFile": "def handler(*_): return 1"}, **properties}
        name = {"FunctionName": {"Ref": "Function"}}
        version = {"Type": "AWS::Lambda::Version", "Properties": name}
        live = {**name, "Name": "live", "FunctionVersion": {"Fn::GetAtt": "Version.Version"}}
        may = {**name, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
        return {
            **own,
            "Version": version,
            "Alias": {"Type": "AWS::Lambda::Alias", "Properties": live},
            "Permission": {"Type": "AWS::Lambda::Permission", "Properties": may},
        }

    environment = {"Environment": {"Variables": {"AA": "1"}}, "MemorySize": 256, "Description": "this"}
    ids = settled(aws, custom.name, resources(**environment, Tags=[{"Key": "a", "Value": "1"}]))
    client, function = aws.client("lambda"), {"FunctionName": ids["Function"]}
    assert client.get_function_configuration(**function)["MemorySize"] == 256
    assert client.invoke(**function, Qualifier="live")["ExecutedVersion"] == "1"
    assert "events.amazonaws.com" in client.get_policy(**function)["Policy"]
    after = resources(Code={"ZipFile": "def handler(*_): return 2"}, Tags=[{"Key": "b", "Value": "2"}])
    assert settled(aws, custom.name, after)["Function"] == ids["Function"]
    changed = client.get_function(**function)
    assert "Environment" not in changed["Configuration"]
    assert (changed["Configuration"]["MemorySize"], changed["Tags"]["b"]) == (128, "2")
    assert client.invoke(**function)["Payload"].read() == b"2"
    assert gone(aws, custom.name)
    with pytest.raises(ClientError, match="Function not found"):
        client.get_function(**function)


NODE = """
const response = require('cfn-response');
exports.handler = (event, context) => response.send(
  event, context, response.SUCCESS, { Value: event.ResourceProperties.Value + '!' }, 'node',
);
"""


def test_a_function_in_javascript_answers_too(aws: Aws, custom: Custom) -> None:
    resources = custom.resources(Value="1")
    resources["Function"]["Properties"] |= {"Code": {"ZipFile": NODE}, "Runtime": "nodejs22.x"}
    told = {"Told": {"Value": {"Fn::GetAtt": ["Thing", "Value"]}}}
    assert settled(aws, custom.name, resources, Outputs=told)["Thing"] == "node"
    assert aws.outputs(custom.name) == {"Told": "1!"}
