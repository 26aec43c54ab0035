"""How AWS words what it refuses before any service has looked at a request.

Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html.
"""

import json
from dataclasses import dataclass
from enum import Enum
from xml.sax.saxutils import escape

Answer = tuple[int, list[tuple[str, str]], bytes]
_JSON_CODES = {
    "InvalidClientTokenId": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}
_MISMATCH = "The request signature we calculated does not match the signature you provided. Check your "
_EXPIRED_SIGNATURE = "Signature expired: the time in the request is too far from the current time."
_STANDARDS = "The request signature does not conform to AWS standards."


@dataclass(frozen=True)
class Words:
    """Status, code and message."""

    status: int
    code: str
    message: str


class Reason(Enum):
    """Why a request is refused: the words of S3, then those of all other services."""

    UNSIGNED = (
        Words(403, "AccessDenied", "Access Denied"),
        Words(403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
    )
    UNKNOWN_KEY = (
        Words(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        Words(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    )
    WRONG_TOKEN = (
        Words(400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
        Words(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    )
    EXPIRED_TOKEN = (
        Words(400, "ExpiredToken", "The provided token has expired."),
        Words(403, "ExpiredToken", "The security token included in the request is expired"),
    )
    WRONG_SIGNATURE = (
        Words(403, "SignatureDoesNotMatch", f"{_MISMATCH}key and signing method."),
        Words(
            403,
            "SignatureDoesNotMatch",
            f"{_MISMATCH}AWS Secret Access Key and signing method. "
            "Consult the service documentation for details.",
        ),
    )
    WRONG_TIME = (
        Words(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        Words(403, "SignatureDoesNotMatch", _EXPIRED_SIGNATURE),
    )
    EXPIRED_URL = (
        Words(403, "AccessDenied", "Request has expired"),
        Words(403, "SignatureDoesNotMatch", _EXPIRED_SIGNATURE),
    )
    UNKNOWN_FORM = (
        Words(
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        Words(400, "IncompleteSignature", _STANDARDS),
    )
    TWO_FORMS = (
        Words(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
            "Signature query string parameter or the Authorization header should be specified",
        ),
        Words(400, "IncompleteSignature", _STANDARDS),
    )
    WRONG_EXPIRY = (
        Words(
            400,
            "AuthorizationQueryParametersError",
            "X-Amz-Expires must be between 1 and 604800 seconds.",
        ),
        Words(400, "IncompleteSignature", _STANDARDS),
    )
    UNSIGNED_HEADERS = (
        Words(403, "AccessDenied", "There were headers present in the request which were not signed"),
        Words(403, "SignatureDoesNotMatch", "Host and all x-amz-* headers must be signed headers."),
    )
    WRONG_BODY = (
        Words(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        Words(403, "SignatureDoesNotMatch", f"{_MISMATCH}AWS Secret Access Key and signing method."),
    )
    SIGNED_CHUNKS = (
        Words(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented: "
            "the embedded AWS takes chunks of a body unsigned only.",
        ),
        Words(400, "IncompleteSignature", _STANDARDS),
    )
    TOO_LARGE = (
        Words(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size."),
        Words(413, "RequestEntityTooLarge", "The request body is larger than any service takes."),
    )
    FOREIGN = (
        Words(403, "AccessDenied", "The embedded AWS answers programs on this machine, at its own address."),
        Words(403, "AccessDenied", "The embedded AWS answers programs on this machine, at its own address."),
    )
    CLOSED = (
        Words(403, "AccessDenied", "The embedded AWS has nothing for you there."),
        Words(403, "AccessDenied", "The embedded AWS has nothing for you there."),
    )


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
    inside = f"<Code>{words.code}</Code><Message>{escape(words.message)}</Message>"
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + frame.format(inside)
    return words.status, [("Content-Type", "application/xml")], body.encode()


def _json(words: Words) -> Answer:
    code = _JSON_CODES.get(words.code, f"{words.code}Exception")
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", code)]
    return words.status, headers, json.dumps({"__type": code, "message": words.message}).encode()
