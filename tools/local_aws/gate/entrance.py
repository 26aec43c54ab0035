"""Lets through what a program of this machine has signed with a key that there is, and nothing else.

Web pages and other users of the machine reach the port too: what a page sends carries an Origin, a name
that was made to point here another Host, and nobody but the owner knows a secret.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit

from tools.local_aws.gate.controls import CONTROL_PREFIX, WsgiApplication
from tools.local_aws.gate.keys import Keys
from tools.local_aws.gate.refusals import Reason, RefusedError, answer
from tools.local_aws.gate.requests import RawRequest
from tools.local_aws.gate.signatures import SIGNED, Signed, claimed_service, verify

# What moto serves to everybody: its own controls, and an instance's metadata with credentials.
_CLOSED_PATHS = ("/moto-api", "/latest/meta-data/", "/latest/api/", "/favicon.ico")
_HOST_NAMES = ("localhost", "127.0.0.1", "[::1]")
# No service but S3 takes more in one request than Lambda does for a function's code.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MOST_BYTES = 70_167_211
# What reading a body comes to that is no text, no JSON or nested too deeply.
_UNREADABLE = (UnicodeDecodeError, JSONDecodeError, RecursionError)


@dataclass(frozen=True)
class Entrance:
    """A WSGI application around that of all services."""

    inside: WsgiApplication
    keys: Keys
    endpoint_url: str
    region: str

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = RawRequest(environ)
        try:
            return self._answer(request, start_response)
        except RefusedError as error:
            return _refuse(error.reason, request, start_response)
        except _UNREADABLE:
            return _refuse(Reason.UNREADABLE, request, start_response)

    def _answer(self, request: RawRequest, start_response: Callable[..., Any]) -> Iterable[bytes]:
        signed, environ = self._check(request), request.environ
        environ[SIGNED] = signed
        # Moto finds the service there; whatever form the signature had, it is this one's service now.
        scope = f"{signed.access_key_id}/20000101/{signed.region}/{signed.service}/aws4_request"
        environ["HTTP_AUTHORIZATION"] = (
            f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
        )
        return self.inside(environ, start_response)

    def _check(self, request: RawRequest) -> Signed:
        port = urlsplit(self.endpoint_url).port
        hosts = [f"{name}:{port}" for name in _HOST_NAMES]
        if request.header("host") not in hosts or request.header("origin") is not None:
            raise RefusedError(Reason.FOREIGN)
        path = str(request.environ["PATH_INFO"])
        if path.startswith(_CLOSED_PATHS) or not request.uri.startswith("/"):
            raise RefusedError(Reason.CLOSED)
        length = int(request.header("content-length") or 0)
        if length > _MOST_BYTES and claimed_service(request) not in ("", "s3"):
            raise RefusedError(Reason.TOO_LARGE)
        signed = verify(request, self.keys.secret_of, self.region)
        if request.is_no_object:
            raise RefusedError(Reason.UNREADABLE)
        signed = replace(
            signed,
            is_operator=self.keys.is_operator(signed.access_key_id),
            account=self.keys.account_of(signed.access_key_id),
        )
        if path.startswith(CONTROL_PREFIX) and not signed.is_operator:
            raise RefusedError(Reason.CLOSED)
        return signed


def _refuse(reason: Reason, request: RawRequest, start_response: Callable[..., Any]) -> Iterable[bytes]:
    content_type = request.header("content-type") or ""
    is_query = "Action" in request.parameters or content_type.startswith("application/x-www-form-urlencoded")
    is_json = "json" in content_type or request.header("x-amz-target") is not None
    service = claimed_service(request) or ("any but S3" if is_query or is_json else "s3")
    status, headers, body = answer(reason, service, is_query=is_query)
    start_response(f"{status} {HTTPStatus(status).phrase}", [*headers, ("Content-Length", str(len(body)))])
    return [b"" if request.method == "HEAD" else body]
