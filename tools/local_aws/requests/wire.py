"""A request as its service's model reads it, whatever the protocol."""

import json
from dataclasses import dataclass
from typing import Any

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.utils import get_service_model

from tools.local_aws.errors import ApiError
from tools.local_aws.shapes.constraints import service_model

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
MALFORMED_XML = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
_MALFORMED = {
    "rest-xml": MALFORMED_XML,
    # https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
    "query": ("MalformedInput", "The request is not of the types that the operation takes."),
}
# https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
_MALFORMED_JSON = ("SerializationException", "The request is not of the types that the operation takes.")


@dataclass(frozen=True)
class Request:
    """One call: botocore's name of its service, its operation, and the members that were given."""

    service: str
    operation: str
    members: dict[str, Any]

    @property
    def shape(self) -> Any:
        return service_model(self.service).operation_model(self.operation).input_shape


def read(response: Any) -> Request | None:
    """What moto is asked, or nothing where no operation of a service is asked for.

    Raises `ApiError` when the request cannot be read as its operation's input.
    """
    service, request = response.boto3_service_name, response.normalized_request
    model = get_service_model(service)
    is_rest = str(model.protocol).startswith("rest")
    # For S3 moto speaks of the permissions that it looks for, not of operations.
    operation = (
        response._get_action_from_method_and_request_uri(request) if is_rest else response._get_action()
    )
    if operation not in service_model(service).operation_names:
        return None
    protocol = determine_request_protocol(model, request.content_type)
    sent = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": request.data,
        "url_path": request.path,
        "url_params": response.uri_match or {},
    }
    try:
        if protocol == "json":
            json.loads(request.data or b"{}")
        members = PROTOCOL_PARSERS[protocol](model.operation_model(operation)).parse(sent)
    except Exception as error:
        # The parser raises whatever the first wrong value leads to.
        raise ApiError(*_MALFORMED.get(protocol, _MALFORMED_JSON)) from error
    # Headers and query strings that are not there are null.
    return Request(service, operation, {name: value for name, value in members.items() if value is not None})
