"""Amazon Q Developer in chat applications, whose API is still called Chatbot: channels of Slack.

What Slack would show is nobody's to see here: no message leaves.
https://docs.aws.amazon.com/chatbot/latest/APIReference/API_Operations.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError

Members = dict[str, Any]
SERVICE = "chatbot"
REGIONS = ("us-east-2", "us-west-2", "ap-southeast-1", "eu-west-1")
"""Where the API is: https://docs.aws.amazon.com/chatbot/latest/APIReference/Welcome.html"""


def response_class(context: Context) -> type[BaseResponse]:
    """Answers the operations on channels of Slack; workspaces are authorized by a control.

    CloudFormation makes channels from every region. Who asks for workspaces has to know where the API is:
    elsewhere its name leads nowhere.
    """
    channels = Channels(context.account)
    context.controls["authorize-slack-workspace"] = channels.authorize

    class Chatbot(BaseResponse):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(service_name=SERVICE)
            self.automated_parameter_parsing = True

        def describe_slack_workspaces(self) -> ActionResult:
            if self.region not in REGIONS:
                host = f"https://{SERVICE}.{self.region}.amazonaws.com/"
                raise ApiError("UnknownEndpoint", f'Could not connect to the endpoint URL: "{host}"')
            return ActionResult({"SlackWorkspaces": channels.workspaces})

    for name, operation in channels.operations.items():
        setattr(Chatbot, camelcase_to_underscores(name), _served(operation))
    return Chatbot


def _served(operation: Callable[[Members], Members]) -> Callable[[Any], ActionResult]:
    return lambda response: ActionResult(operation(dict(response.params)))


class Channels:
    """What is configured for an account, in all of its regions at once."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._authorized: set[str] = set()
        self._by_arn: dict[str, Members] = {}

    @property
    def operations(self) -> Mapping[str, Callable[[Members], Members]]:
        return {
            "CreateSlackChannelConfiguration": self._create,
            "DescribeSlackChannelConfigurations": self._describe,
            "UpdateSlackChannelConfiguration": self._update,
            "DeleteSlackChannelConfiguration": self._delete,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": lambda request: {"Tags": self._of(request["ResourceARN"])["Tags"]},
        }

    @property
    def workspaces(self) -> list[Members]:
        named = ({"SlackTeamId": each, "SlackTeamName": each} for each in sorted(self._authorized))
        return [{**each, "State": "ENABLED"} for each in named]

    def authorize(self, *, workspace: str) -> Members:
        """What a person does in the console, once for each account and workspace."""
        self._authorized.add(workspace)
        return {"authorized": workspace}

    def _create(self, request: Members) -> Members:
        team, name = request["SlackTeamId"], request["ConfigurationName"]
        arn = f"arn:aws:chatbot::{self._account}:chat-configuration/slack-channel/{name}"
        if team not in self._authorized:
            # In words of ours; that the console comes first says
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-chatbot-slackchannelconfiguration.html
            raise ApiError(
                "InvalidRequestException",
                f"Slack workspace {team} is not authorized for AWS account {self._account}: sign in to it in "
                "the console of Amazon Q Developer in chat applications first.",
            )
        if arn in self._by_arn:
            raise ApiError("ConflictException", f"A configuration named {name} exists already.")
        self._check_channel(team, request["SlackChannelId"], arn)
        record = {
            "SlackTeamName": team,
            "SlackChannelName": request["SlackChannelId"],
            "LoggingLevel": "NONE",
            "SnsTopicArns": [],
            # https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
            "GuardrailPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            "UserAuthorizationRequired": False,
            "Tags": [],
            **request,
            "ChatConfigurationArn": arn,
            "State": "ENABLED",
        }
        self._by_arn[arn] = record
        return {"ChannelConfiguration": record}

    def _check_channel(self, team: str, channel: str, arn: str) -> None:
        """https://github.com/cloudcomponents/cdk-constructs/issues/92."""
        for other, record in self._by_arn.items():
            if other != arn and (record["SlackTeamId"], record["SlackChannelId"]) == (team, channel):
                raise ApiError(
                    "InvalidRequestException",
                    f"Invalid request provided: Slack channel with ID {channel} in Slack team {team} has "
                    f"already been configured for AWS account {self._account}",
                )

    def _describe(self, request: Members) -> Members:
        arn = request.get("ChatConfigurationArn")
        found = [record for each, record in self._by_arn.items() if arn in (None, each)]
        return {"SlackChannelConfigurations": found}

    def _update(self, request: Members) -> Members:
        record = self._of(request["ChatConfigurationArn"])
        self._check_channel(record["SlackTeamId"], request["SlackChannelId"], request["ChatConfigurationArn"])
        record.update(request)
        return {"ChannelConfiguration": record}

    def _delete(self, request: Members) -> Members:
        self._of(request["ChatConfigurationArn"])
        del self._by_arn[request["ChatConfigurationArn"]]
        return {}

    def _tag(self, request: Members) -> Members:
        record, new = self._of(request["ResourceARN"]), {tag["TagKey"] for tag in request["Tags"]}
        kept = [tag for tag in record["Tags"] if tag["TagKey"] not in new]
        record["Tags"] = [*kept, *request["Tags"]]
        return {}

    def _untag(self, request: Members) -> Members:
        record = self._of(request["ResourceARN"])
        record["Tags"] = [tag for tag in record["Tags"] if tag["TagKey"] not in request["TagKeys"]]
        return {}

    def _of(self, arn: str) -> Members:
        if arn not in self._by_arn:
            raise ApiError("ResourceNotFoundException", f"There is no configuration {arn}.")
        return self._by_arn[arn]
