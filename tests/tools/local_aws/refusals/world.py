"""What exists in the embedded AWS before the rows of the corpus are sent."""

from typing import Any

from tests.tools.local_aws.aws import ACCOUNT, make_role, unique
from tools.local_aws.process import LocalAws

_TEMPLATE = (
    '{"Resources": {"A": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}}}'
)


def make_world(aws: LocalAws) -> dict[str, str]:
    """The names that rows write with a dollar sign."""
    name = unique("corpus")
    aws.client("s3").create_bucket(Bucket=name)
    aws.client("s3").put_object(Bucket=name, Key="key", Body=b"0123456789")
    aws.client("logs").create_log_group(logGroupName=name)
    aws.client("events").put_rule(Name=name, ScheduleExpression="rate(1 day)")
    aws.client("events").put_targets(
        Rule=name, Targets=[{"Id": "t", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"}]
    )
    aws.client("cloudformation").create_stack(StackName=name, TemplateBody=_TEMPLATE)
    aws.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    return {
        "name": name,
        "account": ACCOUNT,
        "queue": _of(aws.client("sqs").create_queue(QueueName=name), "QueueUrl"),
        "fifo": _of(
            aws.client("sqs").create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"}),
            "QueueUrl",
        ),
        "topic": _of(aws.client("sns").create_topic(Name=name), "TopicArn"),
        "key": _of(aws.client("kms").create_key(), "KeyMetadata")["KeyId"],
        "role": make_role(aws, {"Service": "sagemaker.amazonaws.com"}),
        "template": _TEMPLATE,
    }


def _of(answer: dict[str, Any], member: str) -> Any:
    return answer[member]
