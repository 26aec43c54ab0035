import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.tools.local_aws.aws import ACCOUNT, Queue, eventually, make_role, policy, unique
from tests.tools.local_aws.aws_lambda.test_invocations import Function
from tools.local_aws.process import LocalAws

EVENTS = "events.amazonaws.com"
ANY_KEY_USE = {"Action": "kms:*", "Resource": "*"}
PASS_MACHINE = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})


class Rules:
    """Makes rules, each on a source of its own, and puts events."""

    def __init__(self, aws: LocalAws) -> None:
        self.events = aws.client("events")

    def make(self, target: dict[str, Any], **pattern: Any) -> str:
        source = unique("test")
        self.events.put_rule(Name=source, EventPattern=json.dumps({"source": [source], **pattern}))
        self.events.put_targets(Rule=source, Targets=[{"Id": "1", **target}])
        return source

    def put(self, source: str, **detail: Any) -> None:
        entry = {"Source": source, "DetailType": "Something", "Detail": json.dumps(detail)}
        assert self.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.fixture
def rules(local_aws: LocalAws) -> Rules:
    return Rules(local_aws)


def test_a_queue_gets_the_event(local_aws: LocalAws, rules: Rules) -> None:
    queue = Queue(local_aws, EVENTS)
    source = rules.make({"Arn": queue.arn})
    rules.put(source, a=1)
    event = queue.next_body()
    assert (event["source"], event["detail"], event["account"]) == (source, {"a": 1}, ACCOUNT)
    assert event["time"].endswith("Z")
    assert "ingestion-time" not in event


def test_only_what_matches_is_delivered(local_aws: LocalAws, rules: Rules) -> None:
    queue = Queue(local_aws, EVENTS)
    source = rules.make({"Arn": queue.arn, "InputPath": "$.detail.n"}, detail={"status": ["Approved"]})
    rules.put(source, n=1, status="Rejected")
    rules.put(source, n=2, status="Approved")
    assert queue.next_body() == 2
    assert queue.is_empty()


def test_a_scheduled_rule_matches_no_event(local_aws: LocalAws, rules: Rules) -> None:
    queue, other = Queue(local_aws, EVENTS), Queue(local_aws, EVENTS)
    rules.events.put_rule(Name=unique("hourly"), ScheduleExpression="rate(1 hour)")
    scheduled = unique("hourly")
    rules.events.put_rule(Name=scheduled, ScheduleExpression="rate(1 hour)")
    rules.events.put_targets(Rule=scheduled, Targets=[{"Id": "1", "Arn": queue.arn}])
    rules.put(rules.make({"Arn": other.arn}))
    other.next_message()
    assert queue.is_empty()


def open_topic(aws: LocalAws, **settings: Any) -> str:
    """A topic that EventBridge may publish to."""
    sns = aws.client("sns")
    topic = str(sns.create_topic(Name=unique("topic"), **settings)["TopicArn"])
    publish = {"Principal": {"Service": EVENTS}, "Action": "sns:Publish", "Resource": topic}
    allowed = policy({"Effect": "Allow", **publish})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=allowed)
    return topic


def test_a_topic_gets_the_template(local_aws: LocalAws, rules: Rules) -> None:
    queue = Queue(local_aws)
    topic = open_topic(local_aws)
    local_aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    transformer = {"InputPathsMap": {"v": "$.detail.version"}, "InputTemplate": '"version <v> is out"'}
    rules.put(rules.make({"Arn": topic, "InputTransformer": transformer}), version=3)
    assert queue.next_body()["Message"] == '"version 3 is out"'


def test_a_state_machine_is_started_with_the_targets_role(local_aws: LocalAws, rules: Rules) -> None:
    machine = make_machine(local_aws)
    start = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}
    role = make_role(local_aws, {"Service": EVENTS}, start)
    rules.put(rules.make({"Arn": machine, "RoleArn": role, "InputPath": "$.detail"}), a=1)
    states = local_aws.client("stepfunctions")
    execution = eventually(
        lambda: next(iter(states.list_executions(stateMachineArn=machine)["executions"]), None)
    )
    assert json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"]) == {"a": 1}


def test_a_role_without_permission_sends_the_event_to_the_dead_letter_queue(
    local_aws: LocalAws, rules: Rules
) -> None:
    dead, machine = Queue(local_aws, EVENTS), make_machine(local_aws)
    role = make_role(local_aws, {"Service": EVENTS})
    source = rules.make({"Arn": machine, "RoleArn": role, "DeadLetterConfig": {"Arn": dead.arn}})
    rules.put(source, a=1)
    message = dead.next_message()
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"])["detail"] == {"a": 1}
    assert attributes["TARGET_ARN"] == machine
    assert attributes["RULE_ARN"].endswith(f"rule/{source}")
    assert attributes["ERROR_CODE"] == "AccessDeniedException"
    assert (
        f"not authorized to perform: states:StartExecution on resource: {machine}"
        in attributes["ERROR_MESSAGE"]
    )


@pytest.mark.parametrize(
    ("target", "error"),
    [
        (f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s", "not to kinesis"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:missing", "not authorized to perform: sns:Publish"),
    ],
)
def test_what_cannot_be_delivered_is_seen(local_aws: LocalAws, rules: Rules, target: str, error: str) -> None:
    dead = Queue(local_aws, EVENTS)
    rules.put(rules.make({"Arn": target, "DeadLetterConfig": {"Arn": dead.arn}}))
    assert error in dead.next_message()["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert error in local_aws.log_path.read_text()


def test_a_queue_that_does_not_let_eventbridge_send_gets_nothing(local_aws: LocalAws, rules: Rules) -> None:
    queue, dead = Queue(local_aws), Queue(local_aws, EVENTS)
    rules.put(rules.make({"Arn": queue.arn, "DeadLetterConfig": {"Arn": dead.arn}}))
    reason = dead.next_message()["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert "User: events.amazonaws.com is not authorized to perform: sqs:SendMessage" in reason
    assert queue.is_empty()


def test_an_encrypted_queue_needs_a_key_that_eventbridge_may_use(local_aws: LocalAws, rules: Rules) -> None:
    queue, dead = Queue(local_aws, EVENTS), Queue(local_aws, EVENTS)
    key = local_aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"KmsMasterKeyId": key})
    rules.put(rules.make({"Arn": queue.arn, "DeadLetterConfig": {"Arn": dead.arn}}))
    reason = dead.next_message()["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert f"kms:GenerateDataKey on resource: {key}" in reason


def shared_key(aws: LocalAws, **conditions: Any) -> str:
    """A key that its account manages and EventBridge may use under conditions."""
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, **ANY_KEY_USE}
    other = {"Effect": "Allow", "Principal": {"Service": EVENTS}, **ANY_KEY_USE, **conditions}
    return str(aws.client("kms").create_key(Policy=policy(own, other))["KeyMetadata"]["Arn"])


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        {"ArnLike": {"aws:SourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/*"}},
    ],
)
def test_the_key_of_a_target_is_not_told_which_account_or_rule_an_event_comes_from(
    local_aws: LocalAws, rules: Rules, condition: dict[str, Any]
) -> None:
    queue, dead = Queue(local_aws, EVENTS), Queue(local_aws, EVENTS)
    key = shared_key(local_aws, Condition=condition)
    for encrypted in (queue, dead):
        encrypted.sqs.set_queue_attributes(QueueUrl=encrypted.url, Attributes={"KmsMasterKeyId": key})
    source = rules.make({"Arn": queue.arn, "DeadLetterConfig": {"Arn": dead.arn}})
    rules.put(source, a=1)
    for metric in ("FailedInvocations", "InvocationsFailedToBeSentToDlq"):
        assert eventually(partial(counted, local_aws, source, metric)) == 1
    assert f"is lost, {dead.arn} did not take it" in local_aws.log_path.read_text()
    assert queue.is_empty()
    assert dead.is_empty()


def test_an_event_for_an_encrypted_topic_is_lost_like_one_for_a_queue(
    local_aws: LocalAws, rules: Rules
) -> None:
    key = shared_key(local_aws, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})
    topic = open_topic(local_aws, Attributes={"KmsMasterKeyId": key})
    dead = Queue(local_aws, EVENTS)
    rules.put(rules.make({"Arn": topic, "DeadLetterConfig": {"Arn": dead.arn}}))
    reason = dead.next_message()["MessageAttributes"]["ERROR_MESSAGE"]["StringValue"]
    assert f"kms:GenerateDataKey on resource: {key}" in reason


def test_the_key_of_a_target_is_told_what_is_encrypted(local_aws: LocalAws, rules: Rules) -> None:
    queue = Queue(local_aws, EVENTS)
    condition = {"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": queue.arn}}
    key = shared_key(local_aws, Condition=condition)
    queue.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes={"KmsMasterKeyId": key})
    rules.put(rules.make({"Arn": queue.arn}), a=1)
    assert queue.next_body()["detail"] == {"a": 1}


def counted(aws: LocalAws, rule: str, metric: str) -> float:
    moment = datetime.now(UTC)
    points = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName=metric,
        Dimensions=[{"Name": "RuleName", "Value": rule}],
        StartTime=moment - timedelta(minutes=10),
        EndTime=moment + timedelta(minutes=10),
        Period=3600,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(points[0]["Sum"]) if points else 0.0


def make_machine(aws: LocalAws) -> str:
    role = make_role(aws, {"Service": "states.amazonaws.com"})
    machine = aws.client("stepfunctions").create_state_machine(
        name=unique("machine"), definition=PASS_MACHINE, roleArn=role
    )
    return str(machine["stateMachineArn"])


def test_a_function_gets_the_event_of_a_rule_that_its_policy_names(local_aws: LocalAws, rules: Rules) -> None:
    function = Function(local_aws, "def handler(event, context): print('got', event['detail'])")
    source, other = rules.make({"Arn": function.arn}), rules.make({"Arn": function.arn})
    function.client.add_permission(
        FunctionName=function.name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal=EVENTS,
        SourceArn=f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{source}",
    )
    rules.put(other, a=1)
    rules.put(source, a=2)
    eventually(lambda: "got {'a': 2}" in function.logged())
    assert "got {'a': 1}" not in function.logged()
