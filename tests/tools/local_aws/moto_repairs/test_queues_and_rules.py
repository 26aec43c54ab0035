import json

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import Queue, unique
from tools.local_aws.process import LocalAws


def test_a_queue_keeps_its_policy_when_something_else_changes(local_aws: LocalAws) -> None:
    queue = Queue(local_aws, "events.amazonaws.com")
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "60"})
    attributes = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    assert "events.amazonaws.com" in attributes["Policy"]
    assert attributes["VisibilityTimeout"] == "60"


def test_a_policy_can_be_taken_off_a_queue(local_aws: LocalAws) -> None:
    queue = Queue(local_aws, "events.amazonaws.com")
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": ""})
    attributes = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    assert "Policy" not in attributes


@pytest.mark.parametrize(
    "pattern",
    [
        {"detail": {"name": [{"prefix": "dev-"}, "x"], "size": [{"numeric": [">", 3]}]}},
        {"$or": [{"source": ["a"]}, {"detail": {"b": [{"exists": True}]}}]},
    ],
)
def test_known_event_filters_are_taken(local_aws: LocalAws, pattern: dict[str, object]) -> None:
    local_aws.client("events").put_rule(Name=unique("rule"), EventPattern=json.dumps(pattern))


def test_an_unknown_event_filter_is_refused(local_aws: LocalAws) -> None:
    pattern = {"$or": [{"detail": {"b": [{"matches": "x"}]}}]}
    with pytest.raises(ClientError, match="InvalidEventPatternException") as caught:
        local_aws.client("events").put_rule(Name=unique("rule"), EventPattern=json.dumps(pattern))
    assert "unknown filter matches" in str(caught.value)
