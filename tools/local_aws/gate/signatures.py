"""Signature Version 4 and S3's Version 2, in a header or in the URL, computed again by botocore's signers.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SIGV4_TIMESTAMP, HmacV1Auth, S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from tools.local_aws.gate.refusals import Reason, RefusedError
from tools.local_aws.gate.requests import RawRequest

# The secret that belongs to an access key id and a session token; raises `RefusedError`.
SecretOf = Callable[[str, str], str]

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request, ?"
    r"SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})"
)
_CREDENTIAL = re.compile(r"([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request")
_OLD_HEADER = re.compile(r"AWS ([^:\s]+):(\S+)")
_UNSIGNED_BODIES = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
_LONGEST_URL_SECONDS = 604_800


SIGNED = "local_aws.signed"
"""Where in the environment of a request its services find who has signed it."""


@dataclass(frozen=True)
class Signed:
    """Who has signed a request, and for what."""

    access_key_id: str
    token: str
    region: str
    service: str
    is_operator: bool = False
    account: str = ""


@dataclass(frozen=True)
class _Claim:
    """What a request of Version 4 says about its signature."""

    signed: Signed
    date: str
    timestamp: str
    signed_headers: list[str]
    signature: str


def claimed_service(request: RawRequest) -> str:
    """The service that a request says it is for, whoever has signed it; nothing if it does not say."""
    found = _CREDENTIAL.search(request.header("authorization") or "")
    found = found or _CREDENTIAL.fullmatch(request.parameters.get("X-Amz-Credential", ""))
    return found[4].lower() if found else ""


def verify(request: RawRequest, secret_of: SecretOf, region: str) -> Signed:
    """Who has signed the request; `RefusedError` unless the signature is right and of now.

    `region` is for requests that do not name one.
    """
    header, query = request.header("authorization"), request.parameters
    in_url = [name for name in ("X-Amz-Algorithm", "Signature") if name in query]
    if len(in_url) + (header is not None) > 1:
        raise RefusedError(Reason.TWO_FORMS)
    if "X-Amz-Algorithm" in query:
        return _verify_url(request, secret_of)
    if "Signature" in query:
        return _verify_old_url(request, secret_of, region)
    if header is None:
        raise RefusedError(Reason.UNSIGNED)
    if found := _HEADER.fullmatch(header):
        return _verify_header(request, found, secret_of)
    if found := _OLD_HEADER.fullmatch(header):
        return _verify_old_header(request, found, secret_of, region)
    raise RefusedError(Reason.UNKNOWN_FORM)


def _verify_header(request: RawRequest, found: re.Match[str], secret_of: SecretOf) -> Signed:
    token = request.header("x-amz-security-token") or ""
    signed = Signed(found[1], token, found[3], found[4])
    moment = _moment(request.header("x-amz-date") or request.header("date"))
    claim = _Claim(signed, found[2], moment.strftime(SIGV4_TIMESTAMP), found[5].split(";"), found[6])
    secret = secret_of(signed.access_key_id, token)
    _check_clock(moment, 15 if signed.service == "s3" else 5)
    stated = request.header("x-amz-content-sha256")
    if stated is None and signed.service == "s3":
        raise RefusedError(Reason.UNKNOWN_FORM)
    _check(claim, _Version4(request, request.query, stated or request.body_sha256), secret)
    _check_body(request, stated)
    return signed


def _verify_url(request: RawRequest, secret_of: SecretOf) -> Signed:
    query = request.parameters
    found = _CREDENTIAL.fullmatch(query.get("X-Amz-Credential", ""))
    if found is None or query["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256":
        raise RefusedError(Reason.UNKNOWN_FORM)
    signed = Signed(found[1], query.get("X-Amz-Security-Token", ""), found[3], found[4])
    timestamp, names = query.get("X-Amz-Date", ""), query.get("X-Amz-SignedHeaders", "").split(";")
    claim = _Claim(signed, found[2], timestamp, names, query.get("X-Amz-Signature", ""))
    secret = secret_of(signed.access_key_id, signed.token)
    covered = [(name, value) for name, value in request.query if name != "X-Amz-Signature"]
    body = "UNSIGNED-PAYLOAD" if signed.service == "s3" else request.body_sha256
    _check(claim, _Version4(request, covered, body), secret)
    _check_url_expiry(_moment(timestamp), query.get("X-Amz-Expires", ""))
    return signed


def _check_url_expiry(signed_at: datetime, expires: str) -> None:
    if not expires.isdecimal() or not 1 <= int(expires) <= _LONGEST_URL_SECONDS:
        raise RefusedError(Reason.WRONG_EXPIRY)
    now = datetime.now(UTC)
    if not signed_at - timedelta(minutes=15) <= now <= signed_at + timedelta(seconds=int(expires)):
        raise RefusedError(Reason.EXPIRED_URL)


@dataclass(frozen=True)
class _Version4:
    """What a signature of Version 4 covers."""

    request: RawRequest
    query: list[tuple[str, str]]
    body: str

    def signature(self, claim: _Claim, secret: str) -> str:
        request, headers = self.request, HTTPHeaders()
        for name in claim.signed_headers:
            headers[name] = request.header(name) or ""
        signing = AWSRequest(
            method=request.method, url=f"http://localhost{request.path}", headers=headers, params=self.query
        )
        signing.context["timestamp"] = claim.timestamp
        kind = _ExactS3 if claim.signed.service == "s3" else _Exact
        signer = kind(Credentials(claim.signed.access_key_id, secret), claim.signed, self.body)
        canonical = signer.canonical_request(signing)
        return str(signer.signature(signer.string_to_sign(signing, canonical), signing))


class _ExactParts:
    """Makes a signer of botocore cover what a client says it has covered, neither more nor less."""

    def __init__(self, credentials: Credentials, signed: Signed, body: str) -> None:
        super().__init__(credentials, signed.service, signed.region)  # type: ignore[call-arg]
        self._body = body

    def headers_to_sign(self, request: Any) -> Any:
        return request.headers

    def payload(self, _request: Any) -> str:
        return self._body


class _Exact(_ExactParts, SigV4Auth):  # type: ignore[misc]
    """Every service but S3: paths are normalized."""


class _ExactS3(_ExactParts, S3SigV4Auth):  # type: ignore[misc]
    """S3: the path is signed as it is."""


def _check(claim: _Claim, version4: _Version4, secret: str) -> None:
    if claim.timestamp[:8] != claim.date:
        raise RefusedError(Reason.WRONG_SIGNATURE)
    if not {"host", *version4.request.amazon_headers} <= set(claim.signed_headers):
        raise RefusedError(Reason.UNSIGNED_HEADERS)
    _compare([version4.signature(claim, secret)], claim.signature)


def _check_body(request: RawRequest, stated: str | None) -> None:
    if stated is None or stated in _UNSIGNED_BODIES:
        return
    if stated.startswith("STREAMING-"):
        raise RefusedError(Reason.SIGNED_CHUNKS)
    if not hmac.compare_digest(stated, request.body_sha256):
        raise RefusedError(Reason.WRONG_BODY)


def _verify_old_header(request: RawRequest, found: re.Match[str], secret_of: SecretOf, region: str) -> Signed:
    signed = Signed(found[1], request.header("x-amz-security-token") or "", region, "s3")
    secret = secret_of(signed.access_key_id, signed.token)
    date = request.header("date") or ""
    _check_clock(_moment(request.header("x-amz-date") or date), 15)
    # With x-amz-date among the headers the line for the date stays empty.
    date_line = "" if request.header("x-amz-date") else date
    _compare(_Version2(request, {}, date_line).signatures(secret), found[2])
    return signed


def _verify_old_url(request: RawRequest, secret_of: SecretOf, region: str) -> Signed:
    query = request.parameters
    expires = query.get("Expires", "")
    if "AWSAccessKeyId" not in query or not expires.isdecimal():
        raise RefusedError(Reason.UNKNOWN_FORM)
    in_url = {name.lower(): value for name, value in request.query}
    token = in_url.get("x-amz-security-token", "")
    signed = Signed(query["AWSAccessKeyId"], token, region, "s3")
    secret = secret_of(signed.access_key_id, token)
    _compare(_Version2(request, in_url, expires).signatures(secret), query["Signature"])
    if int(expires) < datetime.now(UTC).timestamp():
        raise RefusedError(Reason.EXPIRED_URL)
    return signed


@dataclass(frozen=True)
class _Version2:
    """What a signature of Version 2 covers. `in_url` are headers that a presigned URL carries."""

    request: RawRequest
    in_url: Mapping[str, str]
    date_line: str

    def signatures(self, secret: str) -> list[str]:
        """Clients do not agree on whether a slash follows a bucket's name."""
        path = self.request.path
        paths = [path, f"{path}/"] if path.count("/") == 1 else [path]
        return [self._signature(secret, path) for path in paths]

    def _signature(self, secret: str, path: str) -> str:
        request, headers = self.request, HTTPHeaders()
        for name in ("content-md5", "content-type"):
            value = self.in_url.get(name) or request.header(name)
            if value:
                headers[name] = value
        for name in request.amazon_headers:
            headers[name] = request.header(name)
        for name, value in self.in_url.items():
            if name.startswith("x-amz-"):
                headers[name] = value
        signer = _ExactDate(Credentials("", secret), self.date_line)
        url = urlsplit(f"http://localhost{request.uri}")
        return str(signer.get_signature(request.method, url, headers, auth_path=path))


class _ExactDate(HmacV1Auth):  # type: ignore[misc]
    """botocore's signer takes the time of now; here it is the request's."""

    def __init__(self, credentials: Credentials, date_line: str) -> None:
        super().__init__(credentials)
        self._date_line = date_line

    def _get_date(self) -> str:
        return self._date_line


def _compare(expected: list[str], given: str) -> None:
    if not any(hmac.compare_digest(one.encode(), given.encode()) for one in expected):
        raise RefusedError(Reason.WRONG_SIGNATURE)


def _moment(text: str | None) -> datetime:
    try:
        if text and text.endswith("Z"):
            return datetime.strptime(text, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
        return parsedate_to_datetime(text or "").astimezone(UTC)
    except (TypeError, ValueError, IndexError):
        raise RefusedError(Reason.UNKNOWN_FORM) from None


def _check_clock(moment: datetime, minutes: int) -> None:
    if abs(datetime.now(UTC) - moment) > timedelta(minutes=minutes):
        raise RefusedError(Reason.WRONG_TIME)
