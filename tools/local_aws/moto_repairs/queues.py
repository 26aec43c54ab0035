"""SQS: queues refuse in the words that were recorded from AWS."""

from collections.abc import Callable
from typing import Any

from moto.sqs.exceptions import InvalidParameterValue, QueueAlreadyExists
from moto.sqs.models import Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from tools.local_aws.context import Context
from tools.local_aws.errors import ApiError


def install(_: Context) -> None:
    SQSResponse.send_message = _with_values(SQSResponse.send_message)
    SQSResponse.set_queue_attributes = _of_its_type(SQSResponse.set_queue_attributes)
    SQSBackend.create_queue = _naming_the_difference(SQSBackend.create_queue)
    SQSBackend._validate_message = _in_bytes(SQSBackend._validate_message)


def _with_values(send_message: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def sent(response: Any) -> Any:
        for name, attribute in (response._get_param("MessageAttributes") or {}).items():
            if attribute.get("DataType") == "String" and not attribute.get("StringValue"):
                raise InvalidParameterValue(
                    f"Message (user) attribute '{name}' must contain a non-empty value of type 'String'."
                )
        return send_message(response)

    return sent


def _of_its_type(set_attributes: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def changed(response: Any) -> Any:
        wanted = (response._get_param("Attributes") or {}).get("FifoQueue")
        is_fifo = response.sqs_backend.get_queue(response._get_queue_name()).fifo_queue
        if wanted is not None and not is_fifo:
            raise ApiError("InvalidAttributeName", "Unknown Attribute FifoQueue.")
        if wanted is not None and wanted != "true":
            raise ApiError(
                "InvalidAttributeValue",
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
            )
        return set_attributes(response)

    return changed


def _naming_the_difference(create_queue: Callable[..., Queue]) -> Callable[..., Queue]:
    def created(backend: Any, name: str, tags: dict[str, str] | None = None, **attributes: Any) -> Queue:
        try:
            return create_queue(backend, name, tags, **dict(attributes))
        except QueueAlreadyExists:
            known = backend.queues[name].attributes
            wanted = Queue(name, backend.region_name, backend.account_id, **attributes).attributes
            different = next(key for key in attributes if known.get(key) != wanted.get(key))
            raise QueueAlreadyExists(
                f"A queue already exists with the same name and a different value for attribute {different}"
            ) from None

    return created


def _in_bytes(validate: Callable[..., None]) -> Callable[..., None]:
    """Moto counts characters."""

    def validated(backend: Any, queue: Any, message_body: str, *more: Any, **named: Any) -> None:
        if len(message_body.encode()) > queue.maximum_message_size:
            raise InvalidParameterValue(
                "One or more parameters are invalid. Reason: Message must be shorter than "
                f"{queue.maximum_message_size} bytes."
            )
        validate(backend, queue, message_body, *more, **named)

    return validated
