"""Channels of Slack: authorized by a person, one configuration each, and no rights that nobody asked for."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.cloudformation.helpers import Aws, gone, settled, trust
from tools.local_aws.clients import Clients, Credentials
from tools.local_aws.process import LocalAws

ACCOUNT = "111111111111"
DENIED = "arn:aws:iam::aws:policy/AWSDenyAll"


@pytest.fixture
def aws(local_aws: LocalAws) -> Aws:
    return Aws(local_aws.client)


@pytest.fixture
def name() -> str:
    return unique("stack")


def _channel(name: str, workspace: str, channel: str, **more: Any) -> dict[str, Any]:
    role = {"AssumeRolePolicyDocument": trust("chatbot.amazonaws.com")}
    properties = {
        "ConfigurationName": name,
        "SlackWorkspaceId": workspace,
        "SlackChannelId": channel,
        "IamRoleArn": {"Fn::GetAtt": "Role.Arn"},
        "SnsTopicArns": [{"Ref": "Topic"}],
        **more,
    }
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Channel": {"Type": "AWS::Chatbot::SlackChannelConfiguration", "Properties": properties},
    }


def _found(aws: Aws, arn: str) -> dict[str, Any]:
    described = aws.client("chatbot").describe_slack_channel_configurations(ChatConfigurationArn=arn)
    (found,) = described["SlackChannelConfigurations"]
    return dict(found)


def test_a_channel_is_made_changed_tagged_and_taken_away(aws: Aws, local_aws: LocalAws, name: str) -> None:
    local_aws.control("authorize-slack-workspace", workspace="T1")
    tags = [{"Key": "a", "Value": "1"}]
    first = settled(aws, name, _channel(name, "T1", "C1", GuardrailPolicies=[DENIED], Tags=tags))
    arn = first["Channel"]
    assert arn == f"arn:aws:chatbot::{ACCOUNT}:chat-configuration/slack-channel/{name}"
    found = _found(aws, arn)
    assert (found["SlackTeamId"], found["SlackChannelId"]) == ("T1", "C1")
    assert found["GuardrailPolicyArns"] == [DENIED]
    assert found["SnsTopicArns"] == [first["Topic"]]
    assert found["Tags"] == [{"TagKey": "a", "TagValue": "1"}]
    changed = [{"Key": "b", "Value": "2"}]
    again = settled(aws, name, _channel(name, "T1", "C2", GuardrailPolicies=[DENIED], Tags=changed))
    assert again["Channel"] == arn
    assert _found(aws, arn)["SlackChannelId"] == "C2"
    listed = aws.client("chatbot").list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert listed == [{"TagKey": "b", "TagValue": "2"}]
    assert gone(aws, name)


def test_without_guardrails_aws_has_those_of_an_administrator(
    aws: Aws, local_aws: LocalAws, name: str
) -> None:
    local_aws.control("authorize-slack-workspace", workspace="T2")
    arn = settled(aws, name, _channel(name, "T2", "C3"))["Channel"]
    assert _found(aws, arn)["GuardrailPolicyArns"] == ["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert gone(aws, name)


def test_a_workspace_that_nobody_has_authorized_is_refused(aws: Aws, name: str) -> None:
    stack = aws.deploy(name, _channel(name, "T3", "C4"))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("sign in to it in the console" in reason for _, _, reason in aws.events(name))


def test_a_channel_has_one_configuration_in_an_account(aws: Aws, local_aws: LocalAws, name: str) -> None:
    local_aws.control("authorize-slack-workspace", workspace="T4")
    settled(aws, name, _channel(name, "T4", "C5"))
    other = unique("stack")
    assert aws.deploy(other, _channel(other, "T4", "C5"))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("has already been configured" in reason for _, _, reason in aws.events(other))
    assert gone(aws, name)


def test_what_is_not_there_is_refused(aws: Aws) -> None:
    arn = f"arn:aws:chatbot::{ACCOUNT}:chat-configuration/slack-channel/nothing"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("chatbot").delete_slack_channel_configuration(ChatConfigurationArn=arn)


def test_workspaces_are_told_where_the_api_is_and_nowhere_else(local_aws: LocalAws) -> None:
    local_aws.control("authorize-slack-workspace", workspace="T6")
    told = {"SlackTeamId": "T6", "SlackTeamName": "T6", "State": "ENABLED"}
    signed = local_aws.environment()
    operator = Credentials(signed["AWS_ACCESS_KEY_ID"], signed["AWS_SECRET_ACCESS_KEY"], "")
    there, elsewhere = (
        Clients(local_aws.endpoint_url, region, operator, ACCOUNT).client("chatbot")
        for region in ("us-east-2", "us-east-1")
    )
    assert told in there.describe_slack_workspaces()["SlackWorkspaces"]
    with pytest.raises(ClientError, match="Could not connect to the endpoint URL"):
        elsewhere.describe_slack_workspaces()
