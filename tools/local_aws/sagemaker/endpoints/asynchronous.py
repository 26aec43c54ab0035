"""InvokeEndpointAsync: requests wait in a queue; their answers are objects, and topics are told.

https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
"""

import json
import logging
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException

from tools.local_aws.sagemaker.account import Account
from tools.local_aws.sagemaker.endpoints.fleet import Fleet
from tools.local_aws.sagemaker.endpoints.invocations import (
    Invocation,
    InvocationValidationError,
    answering,
)
from tools.local_aws.sagemaker.endpoints.operations import Endpoints
from tools.local_aws.sagemaker.s3_objects import split_uri
from tools.local_aws.sagemaker.store import Members, now

_TIMEOUT_SECONDS = 900
_TIME_TO_LIVE_SECONDS = 21_600
_CONCURRENT = 4
# https://github.com/aws-samples/sagemaker-genai-hosting-examples/pull/208
_EXACTLY_ONE = "Provide exactly one of Body and InputLocation: they are mutually exclusive."

log = logging.getLogger(__name__)


class RequestFailedError(Exception):
    """A request is not answered; the text is what people are told."""


@dataclass(frozen=True)
class Waiting:
    """A request in the queue."""

    request: Members
    body: bytes
    inference_id: str
    output: str
    failure: str | None
    received: datetime


class Queue:
    """The requests of all endpoints that wait. Whoever serves when it is their turn answers them."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._workers: dict[str, ThreadPoolExecutor] = {}
        self._waiting: dict[str, int] = {}

    def take(self, request: Members, body: bytes) -> Members:
        """Queue a request; say where its answer will be."""
        name = request["EndpointName"]
        with answering(self._endpoints, name, asynchronous=True) as fleet:
            config = fleet.config
        if bool(body) == bool(request.get("InputLocation")):
            raise InvocationValidationError(_EXACTLY_ONE)
        output = config["AsyncInferenceConfig"]["OutputConfig"]
        inference_id = request.get("InferenceId") or str(uuid.uuid4())
        # An inference id may come twice, an object must not be written over.
        file = request.get("Filename") or f"{uuid.uuid4()}.out"
        below = request.get("S3OutputPathExtension", "").strip("/")
        failures = output.get("S3FailurePath")
        waiting = Waiting(
            request,
            body,
            inference_id,
            _joined(output["S3OutputPath"], below, file),
            _joined(failures, below, f"{file.removesuffix('.out')}-error.out") if failures else None,
            now(),
        )
        self._count(name, 1)
        self._of(config).submit(self._work, waiting)
        places = {"OutputLocation": waiting.output, "FailureLocation": waiting.failure}
        return {"InferenceId": inference_id, **{key: value for key, value in places.items() if value}}

    def _of(self, config: Members) -> ThreadPoolExecutor:
        client = config["AsyncInferenceConfig"].get("ClientConfig", {})
        most = client.get("MaxConcurrentInvocationsPerInstance", _CONCURRENT)
        return self._workers.setdefault(config["EndpointConfigName"], ThreadPoolExecutor(most))

    def _count(self, name: str, more: int) -> None:
        self._waiting[name] = self._waiting.get(name, 0) + more
        _measure(self._endpoints.account, name, {}, "ApproximateBacklogSize", self._waiting[name])

    def _work(self, waiting: Waiting) -> None:
        name = waiting.request["EndpointName"]
        try:
            # Who deletes an endpoint deletes its queue.
            with suppress(ServiceException), answering(self._endpoints, name, asynchronous=True) as fleet:
                Answering(self._endpoints, fleet, waiting).answer()
        except Exception:
            log.exception("A request to %s is lost", name)
        finally:
            self._count(name, -1)


class Answering:
    """One request, once it is its turn, under the role of the endpoint's model."""

    def __init__(self, endpoints: Endpoints, fleet: Fleet, waiting: Waiting) -> None:
        self._account = endpoints.account
        self._fleet = fleet
        self._waiting = waiting
        self._role = endpoints.models.role_of(fleet.config)
        self._output = fleet.config["AsyncInferenceConfig"]["OutputConfig"]

    def answer(self) -> None:
        """Write the answer, or why there is none, and tell the topic of either."""
        waiting, failed = self._waiting, 0
        try:
            answer = self._answered()
            self._put(waiting.output, answer["Body"], answer["ContentType"])
            place = {"contentType": answer["ContentType"], "outputLocation": waiting.output}
            self._tell("SuccessTopic", {"invocationStatus": "Completed", "responseParameters": place})
        except (RequestFailedError, ServiceException, ClientError) as error:
            failed, why = 1, str(getattr(error, "message", error))
            place = {"outputLocation": waiting.failure} if waiting.failure else {}
            if waiting.failure:
                with suppress(ClientError):
                    self._put(waiting.failure, why.encode(), "text/plain")
            told = {"invocationStatus": "Failed", "failureReason": why, "responseParameters": place}
            self._tell("ErrorTopic", told)
        variant = {"VariantName": next(iter(self._fleet.variants))}
        _measure(self._account, self._fleet.endpoint, variant, "InvocationFailures", failed)

    def _answered(self) -> Members:
        request = self._waiting.request
        waits = (now() - self._waiting.received).total_seconds()
        if waits > int(request.get("RequestTTLSeconds", _TIME_TO_LIVE_SECONDS)):
            raise RequestFailedError("The request expired before it was processed.")
        seconds = int(request.get("InvocationTimeoutSeconds", _TIMEOUT_SECONDS))
        return Invocation(self._fleet, request, self._body(), seconds).answer()

    def _body(self) -> bytes:
        place = self._waiting.request.get("InputLocation")
        if not place:
            return self._waiting.body
        bucket, key = split_uri(place)
        s3 = self._account.context.client("s3", self._role)
        return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def _put(self, place: str, body: bytes, content_type: str) -> None:
        bucket, key = split_uri(place)
        with_key = self._output.get("KmsKeyId")
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": with_key} if with_key else {}
        s3 = self._account.context.client("s3", self._role)
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, **encryption)

    def _tell(self, topic: str, about: Mapping[str, Any]) -> None:
        """https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html."""
        arn = self._output.get("NotificationConfig", {}).get(topic)
        waiting, request = self._waiting, self._waiting.request
        message = {
            "awsRegion": self._account.context.region,
            "eventTime": _written(now()),
            "receivedTime": _written(waiting.received),
            **about,
            "requestParameters": {
                "contentType": request.get("ContentType"),
                "endpointName": self._fleet.endpoint,
                "inputLocation": request.get("InputLocation"),
            },
            "inferenceId": waiting.inference_id,
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
        }
        if arn:
            sns = self._account.context.client("sns", self._role)
            try:
                sns.publish(TopicArn=arn, Message=json.dumps(message))
            except ClientError as error:
                log.warning("A notification of %s was lost: %s", self._fleet.endpoint, error)


def _joined(*parts: str) -> str:
    return "/".join(part.rstrip("/") for part in parts if part)


def _written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _measure(account: Account, endpoint: str, more: Mapping[str, str], metric: str, value: float) -> None:
    named = {"EndpointName": endpoint, **more}
    dimensions = [{"Name": name, "Value": given} for name, given in named.items()]
    datum = {"MetricName": metric, "Value": value, "Unit": "Count", "Dimensions": dimensions}
    with suppress(ClientError):
        account.context.client("cloudwatch").put_metric_data(Namespace="AWS/SageMaker", MetricData=[datum])
