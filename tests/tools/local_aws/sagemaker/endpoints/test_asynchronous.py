"""Requests to an asynchronous endpoint are queued; answers and failures are objects, and topics are told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import config, endpoint, invoke, model
from tests.tools.local_aws.sagemaker.helpers import ALLOW_ALL, Place


@dataclass(frozen=True)
class Queued:
    """An asynchronous endpoint, and the queue that hears of its answers."""

    place: Place
    name: str
    heard: str

    def ask(self, **request: Any) -> Any:
        runtime = self.place.aws.client("sagemaker-runtime")
        return runtime.invoke_endpoint_async(EndpointName=self.name, ContentType="text/csv", **request)

    def told(self, inference_id: str) -> Any:
        return eventually(lambda: self._received(inference_id))

    def _received(self, inference_id: str) -> Any:
        sqs = self.place.aws.client("sqs")
        for message in sqs.receive_message(QueueUrl=self.heard, MaxNumberOfMessages=10).get("Messages", []):
            told = json.loads(json.loads(message["Body"])["Message"])
            if told.get("inferenceId") == inference_id:
                return told
        return None


def asynchronous(place: Place, topic: str | None = None) -> dict[str, Any]:
    output = {
        "S3OutputPath": f"s3://{place.bucket}/answers",
        "S3FailurePath": f"s3://{place.bucket}/failures",
    }
    topics = {"NotificationConfig": {"SuccessTopic": topic, "ErrorTopic": topic}} if topic else {}
    return {"OutputConfig": output | topics, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2}}


@pytest.fixture(scope="module")
def queued(place: Place) -> Iterator[Queued]:
    sns, sqs = place.aws.client("sns"), place.aws.client("sqs")
    topic = sns.create_topic(Name=unique("answers"))["TopicArn"]
    queue = sqs.create_queue(QueueName=unique("answers"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    described = endpoint(place, config(place, model(place), AsyncInferenceConfig=asynchronous(place, topic)))
    assert described["EndpointStatus"] == "InService", described
    yield Queued(place, described["EndpointName"], queue)
    place.sagemaker.delete_endpoint(EndpointName=described["EndpointName"])


def test_an_answer_is_an_object_and_the_topic_says_where(queued: Queued) -> None:
    place = queued.place
    request = place.put("requests/one.csv", "1 2.5")
    answer = queued.ask(InputLocation=request, InferenceId="offer-1")
    told = queued.told("offer-1")
    assert told["invocationStatus"] == "Completed", told
    assert told["responseParameters"]["outputLocation"] == answer["OutputLocation"], told
    assert told["requestParameters"]["inputLocation"] == request
    assert place.read(answer["OutputLocation"].removeprefix(f"s3://{place.bucket}/")) == "2.0\n5.0"
    assert answer["OutputLocation"].startswith(f"s3://{place.bucket}/answers/")


def test_a_small_request_comes_with_the_call(queued: Queued) -> None:
    answer = queued.ask(Body=b"7", S3OutputPathExtension="today", Filename="seven.out", InferenceId="offer-2")
    assert answer["OutputLocation"] == f"s3://{queued.place.bucket}/answers/today/seven.out"
    assert queued.told("offer-2")["invocationStatus"] == "Completed"
    assert queued.place.read("answers/today/seven.out") == "14.0"


@pytest.mark.parametrize(
    ("inference_id", "body", "why"),
    [("bad", "abc", "Received client error (400)"), ("missing", None, "NoSuchKey")],
)
def test_what_fails_is_told_and_written(
    queued: Queued, inference_id: str, body: str | None, why: str
) -> None:
    request = {"Body": body} if body else {"InputLocation": f"s3://{queued.place.bucket}/requests/none"}
    answer = queued.ask(InferenceId=inference_id, **request)
    told = queued.told(inference_id)
    assert told["invocationStatus"] == "Failed", told
    assert why in told["failureReason"], told
    key = answer["FailureLocation"].removeprefix(f"s3://{queued.place.bucket}/")
    assert key.startswith("failures/"), key
    assert why in queued.place.read(key)


def test_failures_are_measured_and_invocations_are_not(queued: Queued) -> None:
    metrics = queued.place.aws.client("cloudwatch")

    def measured() -> set[str]:
        of_endpoint = [{"Name": "EndpointName", "Value": queued.name}]
        listed = metrics.list_metrics(Namespace="AWS/SageMaker", Dimensions=of_endpoint)["Metrics"]
        return {metric["MetricName"] for metric in listed}

    queued.ask(Body=b"1", InferenceId="measured")
    queued.told("measured")
    wanted = {"ApproximateBacklogSize", "InvocationFailures", "ModelLatency"}
    assert eventually(lambda: wanted <= measured())
    assert "Invocations" not in measured()


def test_each_endpoint_is_invoked_in_its_own_way(queued: Queued) -> None:
    with pytest.raises(ClientError, match=r"ValidationError.*by InvokeEndpointAsync only"):
        invoke(queued.place, queued.name, "1")
    with pytest.raises(ClientError, match=r"ValidationError.*Provide exactly one of Body and InputLocation"):
        queued.ask()
    name = endpoint(queued.place, config(queued.place, model(queued.place)))["EndpointName"]
    with pytest.raises(ClientError, match=r"ValidationError.*by InvokeEndpoint only"):
        Queued(queued.place, name, "").ask(Body=b"1")


def test_an_asynchronous_endpoint_never_answers_at_once_later(queued: Queued) -> None:
    place = queued.place
    with pytest.raises(ClientError, match=r"ValidationException.*AsyncInferenceConfig.*cannot be removed"):
        place.sagemaker.update_endpoint(
            EndpointName=queued.name, EndpointConfigName=config(place, model(place))
        )


def test_a_role_that_may_not_publish_is_found_by_the_deployment(place: Place) -> None:
    topic = place.aws.client("sns").create_topic(Name=unique("answers"))["TopicArn"]
    silent = {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"}
    role = place.role(unique("role"), ALLOW_ALL | {"Statement": [*ALLOW_ALL["Statement"], silent]})
    quiet = Place(place.aws, place.bucket, role)
    described = endpoint(quiet, config(quiet, model(quiet), AsyncInferenceConfig=asynchronous(quiet, topic)))
    assert described["EndpointStatus"] == "Failed", described
    assert "sns:Publish" in described["FailureReason"], described
