"""Chatbot: channels of Slack that hear of alarms."""

from typing import Any

from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Read, Row, Tagging, Work


def _arguments(work: Work) -> dict[str, Any]:
    """An update keeps workspace and name, which replace the resource when they change."""
    fixed = ("SlackWorkspaceId", "ConfigurationName", "Tags") if work.phase == "update" else ()
    return {name: value for name, value in work.properties.items() if name not in fixed}


ROWS = (
    Row(
        type_name="AWS::Chatbot::SlackChannelConfiguration",
        service="chatbot",
        create="CreateSlackChannelConfiguration",
        update="UpdateSlackChannelConfiguration",
        delete="DeleteSlackChannelConfiguration",
        reference="{Arn}",
        identity={"ChatConfigurationArn": "{Arn}", "ResourceARN": "{Arn}"},
        learns={"Arn": "ChannelConfiguration.ChatConfigurationArn"},
        attributes={"Arn": "{Arn}"},
        read=Read(
            "DescribeSlackChannelConfigurations",
            found="SlackChannelConfigurations[?ConfigurationName=='{ConfigurationName}']",
        ),
        renamed={
            "SlackWorkspaceId": "SlackTeamId",
            "GuardrailPolicies": "GuardrailPolicyArns",
            "UserRoleRequired": "UserAuthorizationRequired",
        },
        arguments=_arguments,
        tagging=Tagging("TagResource", "UntagResource"),
        checks=(
            reads_back(
                "DescribeSlackChannelConfigurations",
                {
                    "GuardrailPolicies": "SlackChannelConfigurations[0].GuardrailPolicyArns",
                    "SnsTopicArns": "SlackChannelConfigurations[0].SnsTopicArns",
                },
            ),
        ),
    ),
)
