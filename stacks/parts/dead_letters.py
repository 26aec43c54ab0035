"""Where what could not be started waits, and an alarm that says so."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.parts.alarms import AT_LEAST, create_alarm
from stacks.parts.metrics import MINUTE, Metric
from stacks.permissions.acknowledgements import acknowledge
from stacks.permissions.statements import allow


def dead_letter_queue(
    scope: Construct, construct_id: str, *, key: kms.IKey, topic: sns.ITopic, alarm: str
) -> sqs.Queue:
    """A queue whose first message raises an alarm of this description."""
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption_master_key=key,
        enforce_ssl=True,
        retention_period=cdk.Duration.days(14),
    )
    acknowledge(queue, "This queue is a dead-letter queue itself; an alarm watches it.", "AwsSolutions-SQS3")
    visible = Metric(
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": queue.queue_name},
        "Maximum",
        5 * MINUTE,
    )
    create_alarm(
        scope,
        f"{construct_id}Waiting",
        visible,
        AT_LEAST,
        1,
        description=alarm,
        actions=[topic.topic_arn],
    )
    return queue


def queue_of_rules(
    scope: Construct, construct_id: str, *, key: kms.IKey, topic: sns.ITopic, alarm: str, rules_arn: str
) -> sqs.Queue:
    """The same for what rules of EventBridge could not deliver; `rules_arn` is a pattern of theirs."""
    queue = dead_letter_queue(scope, construct_id, key=key, topic=topic, alarm=alarm)
    source = {"ArnLike": {"aws:SourceArn": rules_arn}}
    queue.add_to_resource_policy(
        allow("RulesDeliver", "sqs:SendMessage", [queue.queue_arn], source).about(
            iam.ServicePrincipal("events.amazonaws.com")
        )
    )
    return queue
