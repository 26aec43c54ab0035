"""SNS: topics, topic policies and subscriptions."""

from typing import Any

from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Read, Row, Setting, Tagging, Work

_TOPIC_ATTRIBUTES = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
_SUBSCRIPTION_ATTRIBUTES = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
)
_OWNER_ACTIONS = ("Publish", "Subscribe", "GetTopicAttributes", "SetTopicAttributes", "DeleteTopic")


def _with_attributes(names: tuple[str, ...], work: Work) -> dict[str, Any]:
    given = {name: value for name, value in work.properties.items() if name not in names}
    attributes = {name: as_text(work.properties[name]) for name in names if name in work.properties}
    return {**given, **({"Attributes": attributes} if attributes else {})}


def _topic_arguments(work: Work) -> dict[str, Any]:
    return _with_attributes(_TOPIC_ATTRIBUTES, work)


def _subscription_arguments(work: Work) -> dict[str, Any]:
    return {**_with_attributes(_SUBSCRIPTION_ATTRIBUTES, work), "ReturnSubscriptionArn": True}


def _attribute(name: str, operation: str) -> Setting:
    def apply(work: Work) -> None:
        value = as_text(work.properties[name]) if name in work.properties else ""
        work.call(operation, {"AttributeName": name, "AttributeValue": value})

    return Setting((name,), apply, apply, created_with=True)


def _subscribe(work: Work) -> None:
    for subscription in work.properties["Subscription"]:
        if subscription not in work.previous.get("Subscription", []):
            work.call("Subscribe", subscription)


def _put_policies(work: Work) -> None:
    for topic in set(work.previous.get("Topics", [])) - set(work.properties["Topics"]):
        _put_policy(work, topic, _default_policy(work, topic))
    for topic in work.properties["Topics"]:
        _put_policy(work, topic, work.properties["PolicyDocument"])


def _reset_policies(work: Work) -> None:
    for topic in work.properties["Topics"]:
        _put_policy(work, topic, _default_policy(work, topic))


def _put_policy(work: Work, topic: str, document: Any) -> None:
    work.call(
        "SetTopicAttributes",
        {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": as_text(document)},
    )


def _default_policy(work: Work, topic: str) -> dict[str, Any]:
    """What a topic starts with: its owner may use it."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _OWNER_ACTIONS],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": work.facts["account"]}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


ROWS = (
    Row(
        type_name="AWS::SNS::Topic",
        service="sns",
        create="CreateTopic",
        delete="DeleteTopic",
        reference="{TopicArn}",
        read=Read("GetTopicAttributes", {"TopicArn": "arn:aws:sns:{region}:{account}:{TopicName}"}),
        identity={"TopicArn": "{TopicArn}", "ResourceArn": "{TopicArn}"},
        name=Name("TopicName", 256, endings={"FifoTopic": ".fifo"}),
        renamed={"TopicName": "Name"},
        arguments=_topic_arguments,
        learns={"TopicArn": "TopicArn"},
        settings=(
            *(_attribute(name, "SetTopicAttributes") for name in _TOPIC_ATTRIBUTES),
            Setting(("Subscription",), _subscribe),
        ),
        tagging=Tagging("TagResource", "UntagResource"),
        checks=(reads_back("GetTopicAttributes", {"KmsMasterKeyId": "Attributes.KmsMasterKeyId"}),),
    ),
    Row(
        type_name="AWS::SNS::TopicPolicy",
        service="sns",
        create=None,
        reference="{stack}-{logical}",
        attributes={"Id": "{stack}-{logical}"},
        settings=(Setting(("PolicyDocument", "Topics"), _put_policies),),
        before_delete=_reset_policies,
    ),
    Row(
        type_name="AWS::SNS::Subscription",
        service="sns",
        create="Subscribe",
        delete="Unsubscribe",
        reference="{Arn}",
        identity={"SubscriptionArn": "{Arn}"},
        arguments=_subscription_arguments,
        learns={"Arn": "SubscriptionArn"},
        settings=tuple(_attribute(name, "SetSubscriptionAttributes") for name in _SUBSCRIPTION_ATTRIBUTES),
    ),
)
