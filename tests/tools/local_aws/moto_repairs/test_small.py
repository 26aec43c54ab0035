from tests.tools.local_aws.aws import Queue
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
