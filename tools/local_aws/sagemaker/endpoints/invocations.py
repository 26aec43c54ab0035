"""InvokeEndpoint: passes a request to the model server and its answer back."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

import urllib3
from botocore.exceptions import ClientError
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from tools.local_aws.sagemaker.endpoints.data_capture import Message
from tools.local_aws.sagemaker.endpoints.fleet import Fleet, Variant
from tools.local_aws.sagemaker.endpoints.model_process import INVOCATION_TIMEOUT_SECONDS, NotReadyError
from tools.local_aws.sagemaker.endpoints.operations import Endpoints

_DEFAULT_CONTENT_TYPE = "application/octet-stream"


class InvocationValidationError(ServiceException):  # type: ignore[misc]
    """The request cannot be passed to any model."""

    code = "ValidationError"


class ModelNotReadyError(ServiceException):  # type: ignore[misc]
    """The model server is being restarted."""

    code = "ModelNotReadyException"


class ModelError(ServiceException):  # type: ignore[misc]
    """The model answered with an error; the members are those of the API's ModelError."""

    code = "ModelError"

    def __init__(self, message: str, status: int, original: str) -> None:
        super().__init__(message)
        self.OriginalStatusCode = status
        self.OriginalMessage = original


# Word for word: https://github.com/aws-samples/amazon-kendra-langchain-extensions/issues/64
_NAMELESS = (
    "Inference Component Name header is required for endpoints to which you plan to deploy inference "
    "components. Please include Inference Component Name header or consider using SageMaker models."
)
# Word for word, as a test of https://github.com/BerriAI/litellm has it.
_NAMED_IN_VAIN = (
    "Inference Component Name header is not allowed for endpoints to which you dont plan to deploy inference "
    "components. Please remove the Inference Component Name header and try again."
)
# Word for word: https://aws.amazon.com/blogs/machine-learning/unlock-cost-savings-with-the-new-scale-down-to-zero-feature-in-amazon-sagemaker-inference/
_NO_COPY = (
    "Inference Component has no capacity to process this request. ApplicationAutoScaling may be in-progress "
    "(if configured) or try to increase the capacity by invoking UpdateInferenceComponentRuntimeConfig API."
)


class Waiting(Protocol):
    """What takes requests to asynchronous endpoints."""

    def take(self, request: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Queue a request; say where its answer will be."""


def runtime_response_class(endpoints: Endpoints, queue: Waiting) -> type[BaseResponse]:
    """A moto response class for the runtime API."""

    class SageMakerRuntimeApi(BaseResponse):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(service_name="sagemaker-runtime")
            self.automated_parameter_parsing = True

        use_raw_body = True

        def invoke_endpoint(self) -> ActionResult:
            name, component = self.params["EndpointName"], self.params.get("InferenceComponentName")
            with (
                answering(endpoints, name, asynchronous=False) as fleet,
                _of_component(endpoints, fleet, component) as copies,
            ):
                answer = Invocation(copies, self.params, self._body).answer()
            # Otherwise moto would call every answer application/json.
            self.response_headers["Content-Type"] = answer["ContentType"]
            return ActionResult(answer)

        def invoke_endpoint_async(self) -> ActionResult:
            return ActionResult(queue.take(self.params, self._body))

        @property
        def _body(self) -> bytes:
            return self.raw_body if isinstance(self.raw_body, bytes) else str(self.raw_body).encode()

    return SageMakerRuntimeApi


@contextmanager
def answering(endpoints: Endpoints, name: str, *, asynchronous: bool) -> Iterator[Fleet]:
    """What answers a request, which is not stopped before it has.

    Raises `InvocationValidationError` if nothing does, or not so.
    """
    endpoint, who = endpoints.live(name), f"Endpoint {name} of account {endpoints.account.context.account}"
    if endpoint is None:
        raise InvocationValidationError(f"{who} not found.")
    with endpoint.answering() as fleet:
        if fleet is None:
            raise InvocationValidationError(f"{who} is {endpoint.record['EndpointStatus']}.")
        # Each is invoked in its own way only, in words of ours:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html, and the code is that of
        # https://github.com/strands-agents/harness-sdk/issues/1969
        if asynchronous != ("AsyncInferenceConfig" in fleet.config):
            call = "InvokeEndpoint" if asynchronous else "InvokeEndpointAsync"
            raise InvocationValidationError(f"{who} is invoked by {call} only.")
        yield fleet


@contextmanager
def _of_component(endpoints: Endpoints, fleet: Fleet, name: str | None) -> Iterator[Fleet]:
    """The copies that answer, where the endpoint has components; else what there is."""
    if not fleet.hosts_components:
        if name is not None:
            raise InvocationValidationError(_NAMED_IN_VAIN)
        yield fleet
        return
    if name is None:
        raise InvocationValidationError(_NAMELESS)
    component = endpoints.components.get(name)
    if component is None or component.record["EndpointName"] != fleet.endpoint:
        raise InvocationValidationError(f"Inference Component {name} of endpoint {fleet.endpoint} not found.")
    with component.answering() as copies:
        if copies is None:
            _count_refusal(endpoints, name)
            raise InvocationValidationError(_NO_COPY)
        yield copies


def _count_refusal(endpoints: Endpoints, component: str) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html."""
    datum = {
        "MetricName": "NoCapacityInvocationFailures",
        "Value": 1.0,
        "Unit": "Count",
        "Dimensions": [{"Name": "InferenceComponentName", "Value": component}],
    }
    with suppress(ClientError):
        cloudwatch = endpoints.account.context.client("cloudwatch")
        cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=[datum])


class Invocation:
    """One request to an endpoint."""

    def __init__(
        self,
        fleet: Fleet,
        request: dict[str, Any],
        body: bytes,
        timeout_seconds: float = INVOCATION_TIMEOUT_SECONDS,
    ) -> None:
        self._fleet = fleet
        self._timeout_seconds = timeout_seconds
        self._name = request["EndpointName"]
        self._request = request
        self._body = body

    def answer(self) -> dict[str, Any]:
        """The members of the API's answer; raises one of this module's errors."""
        variant = self._target()
        for shadow in self._fleet.copied_to(variant):
            threading.Thread(target=self._copy_to, args=(shadow,), name=shadow.name, daemon=True).start()
        status, answer = self._ask(variant)
        if status >= 400:
            raise self._model_error(status, answer.body.decode(errors="replace"))
        return {
            "Body": answer.body,
            "ContentType": answer.content_type,
            "InvokedProductionVariant": variant.name,
        }

    def _copy_to(self, shadow: Variant) -> None:
        # Nobody waits for its answer, so nobody hears of its errors either; its metrics do.
        with suppress(ModelNotReadyError):
            self._ask(shadow)

    def _ask(self, variant: Variant) -> tuple[int, Message]:
        """What the variant answers, measured and captured."""
        content_type = self._request.get("ContentType") or _DEFAULT_CONTENT_TYPE
        headers = {"Content-Type": content_type, "Accept": self._request.get("Accept") or "*/*"}
        answer_type, started = _DEFAULT_CONTENT_TYPE, time.perf_counter()
        try:
            if variant.process is None:
                raise NotReadyError
            response = variant.process.invoke(self._body, headers, self._timeout_seconds)
            status, answer = response.status, response.data
            answer_type = response.headers.get("Content-Type", _DEFAULT_CONTENT_TYPE)
        except urllib3.exceptions.ReadTimeoutError:
            status, answer = (
                500,
                b"Your invocation timed out while waiting for a response from container primary.",
            )
        except urllib3.exceptions.HTTPError:
            status, answer = 500, b"The container closed the connection."
        except NotReadyError as error:
            raise ModelNotReadyError(f"The model of variant {variant.name} is not ready.") from error
        self._fleet.measure(variant, status, (time.perf_counter() - started) * 1e6)
        message = Message(answer_type, answer)
        if status < 400 and variant.capture is not None:
            request = Message(content_type, self._body)
            variant.capture.record(request, message, self._request.get("InferenceId"))
        return status, message

    def _target(self) -> Variant:
        wanted = self._request.get("TargetVariant")
        variant = self._fleet.choose(wanted)
        if variant is None:
            raise InvocationValidationError(f"Variant {wanted} of endpoint {self._name} not found.")
        return variant

    def _model_error(self, status: int, text: str) -> ModelError:
        side = "client" if status < 500 else "server"
        context = self._fleet.account.context
        region, account = context.region, context.account
        logs = (
            f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
            f"#logEventViewer:group={self._fleet.logs}/{self._fleet.endpoint}"
        )
        return ModelError(
            f'Received {side} error ({status}) from primary with message "{text}". '
            f"See {logs} in account {account} for more information.",
            status,
            text,
        )
