"""Alarms in a channel of Slack, through Amazon Q Developer in chat applications.

The service was called AWS Chatbot; names of its API and of its resources have stayed.
https://docs.aws.amazon.com/chatbot/latest/adminguide/slack-setup.html
"""

from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from config.settings import Slack
from stacks.parts.place import Place
from stacks.permissions.roles import service_trust, trust

NOTHING = "arn:aws:iam::aws:policy/AWSDenyAll"
"""AWS's default lets a channel do whatever its role may: https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html."""


def create_slack_channel(scope: Construct, slack: Slack, topic: sns.ITopic) -> None:
    """The channel hears, and can ask for nothing: its role has no rights, and no policy could give it one.

    Replaced, without a loss, when workspace or environment change. Somebody has to have authorized the
    workspace in the account's console.
    """
    place = Place.of(scope)
    role = iam.Role(
        scope,
        "ChatRole",
        assumed_by=iam.ServicePrincipal("chatbot.amazonaws.com"),
        description="A channel that hears of alarms; it may do nothing",
    )
    trust(role, [service_trust("ServiceOfThisAccount", "chatbot", place.account)])
    chatbot.CfnSlackChannelConfiguration(
        scope,
        "SlackChannel",
        configuration_name=place.name("alerts"),
        slack_workspace_id=slack.workspace,
        slack_channel_id=slack.channel,
        iam_role_arn=role.role_arn,
        guardrail_policies=[NOTHING],
        # Its log group would be in another region, without a key, for ever.
        logging_level="NONE",
        sns_topic_arns=[topic.topic_arn],
        user_role_required=False,
    )
