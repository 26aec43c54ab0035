"""How AWS words what it refuses before any service has looked at a request.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html.
"""

import json
from enum import Enum
from xml.sax.saxutils import escape

Answer = tuple[int, list[tuple[str, str]], bytes]
Words = tuple[int, str, str]
"""Status, code and message."""

_JSON_CODES = {
    "InvalidClientTokenId": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
_MISMATCH = "The request signature we calculated does not match the signature you provided. Check your "
_WRONG_SIGNATURE = (
    403,
    "SignatureDoesNotMatch",
    f"{_MISMATCH}AWS Secret Access Key and signing method. Consult the service documentation for details.",
)
_EXPIRED = (403, "SignatureDoesNotMatch", "Signature expired: the request is not of the current time.")
_INCOMPLETE = (400, "IncompleteSignature", "The request signature does not conform to AWS standards.")
_INVALID_KEY = (403, "InvalidClientTokenId", "The security token included in the request is invalid.")
_FOREIGN = (403, "AccessDenied", "The embedded AWS answers programs on this machine, at its own address.")
_NO_SERVICE = (404, "UnknownOperationException", "The embedded AWS has no service of this name.")
_NO_OPERATION = (404, "UnknownOperationException", "The embedded AWS has no such operation of this service.")
_CLOSED = (403, "AccessDenied", "The embedded AWS has nothing for you there.")
_UNKNOWN_FORM = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_TWO_FORMS = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
    "Signature query string parameter or the Authorization header should be specified"
)
_SKEW = "The difference between the request time and the current time is too large."
_WRONG_BODY = "The provided 'x-amz-content-sha256' header does not match what was computed."
_SIGNED_CHUNKS = (
    "A header you provided implies functionality that is not implemented: "
    "the embedded AWS takes chunks of a body unsigned only."
)


class Reason(Enum):
    """Why a request is refused: the words of S3, then those of all other services."""

    UNSIGNED = (
        (403, "AccessDenied", "Access Denied"),
        (403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
    )
    UNREADABLE = (
        (400, "MalformedXML", "The XML that you provided was not well formed."),
        (400, "SerializationException", "The request cannot be read."),
    )
    UNKNOWN_KEY = (
        (403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        _INVALID_KEY,
    )
    WRONG_TOKEN = (400, "InvalidToken", "The provided token is malformed or otherwise invalid."), _INVALID_KEY
    EXPIRED_TOKEN = (
        (400, "ExpiredToken", "The provided token has expired."),
        (403, "ExpiredToken", "The security token included in the request is expired"),
    )
    WRONG_SIGNATURE = (403, "SignatureDoesNotMatch", f"{_MISMATCH}key and signing method."), _WRONG_SIGNATURE
    WRONG_TIME = (403, "RequestTimeTooSkewed", _SKEW), _EXPIRED
    EXPIRED_URL = (403, "AccessDenied", "Request has expired"), _EXPIRED
    UNKNOWN_FORM = (400, "InvalidRequest", _UNKNOWN_FORM), _INCOMPLETE
    TWO_FORMS = (400, "InvalidArgument", _TWO_FORMS), _INCOMPLETE
    WRONG_EXPIRY = (
        (400, "AuthorizationQueryParametersError", "X-Amz-Expires must be between 1 and 604800 seconds."),
        _INCOMPLETE,
    )
    UNSIGNED_HEADERS = (
        (403, "AccessDenied", "There were headers present in the request which were not signed"),
        _WRONG_SIGNATURE,
    )
    WRONG_BODY = (400, "XAmzContentSHA256Mismatch", _WRONG_BODY), _WRONG_SIGNATURE
    SIGNED_CHUNKS = (501, "NotImplemented", _SIGNED_CHUNKS), _INCOMPLETE
    TOO_LARGE = (
        (400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size."),
        (413, "RequestEntityTooLarge", "The request body is larger than any service takes."),
    )
    NO_SERVICE = _NO_SERVICE, _NO_SERVICE
    NO_OPERATION = _NO_OPERATION, _NO_OPERATION
    FOREIGN = _FOREIGN, _FOREIGN
    CLOSED = _CLOSED, _CLOSED


class RefusedError(Exception):
    """A request that no service gets to see."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.name)
        self.reason = reason


def answer(reason: Reason, service: str, *, is_query: bool) -> Answer:
    """Status, headers and body as the service writes its errors.

    `is_query` tells the services whose requests name an Action from those that speak JSON.
    """
    in_s3, elsewhere = reason.value
    if service == "s3":
        return _xml(in_s3, "<Error>{}</Error>")
    if service == "ec2":
        return _xml(elsewhere, "<Response><Errors><Error>{}</Error></Errors></Response>")
    if is_query:
        return _xml(elsewhere, "<ErrorResponse><Error>{}</Error></ErrorResponse>")
    return _json(elsewhere)


def _xml(words: Words, frame: str) -> Answer:
    status, code, message = words
    inside = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + frame.format(inside)
    return status, [("Content-Type", "application/xml")], body.encode()


def _json(words: Words) -> Answer:
    status, code, message = words
    code = _JSON_CODES.get(code, f"{code.removesuffix('Exception')}Exception")
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", code)]
    return status, headers, json.dumps({"__type": code, "message": message}).encode()
