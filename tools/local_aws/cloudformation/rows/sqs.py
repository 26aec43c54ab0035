"""SQS: queues and queue policies."""

from typing import Any

from tools.local_aws.cloudformation.fitting import as_text
from tools.local_aws.cloudformation.parts import reads_back
from tools.local_aws.cloudformation.row import Name, Read, Row, Setting, Tagging, Work

_OUTSIDE_ATTRIBUTES = ("QueueName", "Tags")
_READ_BACK = (
    *("KmsMasterKeyId", "RedrivePolicy", "SqsManagedSseEnabled", "DelaySeconds", "MaximumMessageSize"),
    *("MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "VisibilityTimeout"),
)


def _arguments(work: Work) -> dict[str, Any]:
    attributes = {
        name: as_text(value) for name, value in work.properties.items() if name not in _OUTSIDE_ATTRIBUTES
    }
    given = {name: work.properties[name] for name in _OUTSIDE_ATTRIBUTES if name in work.properties}
    return {**given, **({"Attributes": attributes} if attributes else {})}


def _put_policies(work: Work) -> None:
    for queue in set(work.previous.get("Queues", [])) - set(work.properties["Queues"]):
        work.call("SetQueueAttributes", {"QueueUrl": queue, "Attributes": {"Policy": ""}})
    for queue in work.properties["Queues"]:
        policy = as_text(work.properties["PolicyDocument"])
        work.call("SetQueueAttributes", {"QueueUrl": queue, "Attributes": {"Policy": policy}})


def _remove_policies(work: Work) -> None:
    for queue in work.properties["Queues"]:
        work.call("SetQueueAttributes", {"QueueUrl": queue, "Attributes": {"Policy": ""}})


ROWS = (
    Row(
        type_name="AWS::SQS::Queue",
        service="sqs",
        create="CreateQueue",
        update="SetQueueAttributes",
        delete="DeleteQueue",
        reference="{QueueUrl}",
        read=Read("GetQueueUrl", {"QueueName": "{QueueName}"}),
        identity={"QueueUrl": "{QueueUrl}", "AttributeNames": ("All",)},
        name=Name("QueueName", 80, endings={"FifoQueue": ".fifo"}),
        arguments=_arguments,
        learns={"QueueUrl": "QueueUrl"},
        attributes={"Arn": "arn:aws:sqs:{region}:{account}:{QueueName}"},
        tagging=Tagging("TagQueue", "UntagQueue"),
        checks=(reads_back("GetQueueAttributes", {name: f"Attributes.{name}" for name in _READ_BACK}),),
    ),
    Row(
        type_name="AWS::SQS::QueuePolicy",
        service="sqs",
        create=None,
        reference="{stack}-{logical}",
        attributes={"Id": "{stack}-{logical}"},
        settings=(Setting(("PolicyDocument", "Queues"), _put_policies),),
        before_delete=_remove_policies,
    ),
)
