"""What tests of the embedded AWS say often."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tools.local_aws.process import LocalAws

ACCOUNT = "111111111111"
Found = TypeVar("Found")


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@contextmanager
def careless(aws: LocalAws, service: str) -> Iterator[Any]:
    """A client that sends whatever it is given, where boto3 refuses some of it itself."""
    client = aws.client(service)
    careful = client._serializer
    client._serializer = careful._serializer
    try:
        yield client
    finally:
        client._serializer = careful


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def make_role(aws: LocalAws, principal: dict[str, str], *statements: dict[str, Any]) -> str:
    name = unique("role")
    trust = policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]
    if statements:
        aws.client("iam").put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    return str(role["Arn"])


def make_topic(aws: LocalAws, service: str = "cloudwatch.amazonaws.com") -> str:
    topic = str(aws.client("sns").create_topic(Name=unique("topic"))["TopicArn"])
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    aws.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="Policy", AttributeValue=policy(allowed)
    )
    return topic


class Queue:
    """A queue that lets the given services send."""

    def __init__(self, aws: LocalAws, *services: str) -> None:
        self.sqs = aws.client("sqs")
        name = unique("queue")
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        self.arn = f"arn:aws:sqs:us-east-1:{aws.account}:{name}"
        for service in services:
            statement = {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sqs:SendMessage",
                "Resource": self.arn,
            }
            self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy(statement)})

    def next_message(self) -> dict[str, Any]:
        return eventually(self._receive)

    def next_body(self) -> Any:
        return json.loads(self.next_message()["Body"])

    def is_empty(self) -> bool:
        return self._receive() is None

    def _receive(self) -> dict[str, Any] | None:
        answer = self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=1, MessageAttributeNames=["All"], WaitTimeSeconds=0
        )
        for message in answer.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return dict(message)
        return None


def eventually(find: Callable[[], Found | None], timeout_seconds: float = 10.0) -> Found:
    """The first true answer of `find`."""
    deadline = time.monotonic() + timeout_seconds
    while not (found := find()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found
