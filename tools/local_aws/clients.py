"""boto3 clients for the embedded AWS, one per service and identity."""

import functools
import json
import secrets
import string
import threading
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as SigningCredentials
from botocore.httpsession import URLLib3Session

_CLIENT_CONFIG = Config(
    # A failure inside one machine is not cured by asking again, it is only reported later.
    retries={"total_max_attempts": 1},
    max_pool_connections=20,
    connect_timeout=5,
    read_timeout=300,
    # Bucket names must stay out of the host name: `<bucket>.localhost` resolves on some machines only.
    s3={"addressing_style": "path"},
)
# Each has a megabyte or two, and sessions of roles come and go.
_MOST_CLIENTS = 100


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of an assumed role, as STS returns them."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    @classmethod
    def from_sts(cls, credentials: dict[str, Any]) -> "Credentials":
        """The `Credentials` member of an AssumeRole answer."""
        return cls(
            access_key_id=credentials["AccessKeyId"],
            secret_access_key=credentials["SecretAccessKey"],
            session_token=credentials["SessionToken"],
        )


def new_operator() -> Credentials:
    """An access key of the operator, who may do everything; nobody can guess it."""
    letters = string.ascii_uppercase + string.digits
    name = "LOCAL" + "".join(secrets.choice(letters) for _ in range(15))
    return Credentials(name, secrets.token_hex(20), "")


class ControlError(Exception):
    """The embedded AWS did not carry out a control."""


# An access key with this prefix belongs to the AWS service it goes on to name, and to the account after it
# for which the service acts: `local-service-events.amazonaws.com@111111111111`.
SERVICE_ACCESS_KEY_PREFIX = "local-service-"


def service_credentials(principal: str, source_arn: str = "") -> Credentials:
    """What an AWS service such as `events.amazonaws.com` acts with before it has assumed a role.

    Only the policies of the resources and roles it reaches for decide what it may do. `source_arn` is the
    resource on whose behalf it acts; policies see it as `aws:SourceArn`.
    """
    # Services sign with the operator's secret, which `Clients` knows.
    return Credentials(SERVICE_ACCESS_KEY_PREFIX + principal, "", source_arn)


class Clients:
    """Makes boto3 clients for one endpoint and keeps them; safe to share between threads."""

    def __init__(self, endpoint_url: str, region: str, operator: Credentials, account: str) -> None:
        self._endpoint_url = endpoint_url
        self._region = region
        self._operator = operator
        self._account = account
        self._session: boto3.Session | None = None
        self._kept = functools.lru_cache(_MOST_CLIENTS)(self._create)
        # Clients may be shared between threads, but sessions must not create two at a time:
        # https://boto3.amazonaws.com/v1/documentation/api/latest/guide/session.html
        self._lock = threading.Lock()

    def client(self, service: str, credentials: Credentials | None = None) -> Any:
        """A client of `service` acting with `credentials`, or as the operator without them."""
        with self._lock:
            return self._kept(service, credentials or self._operator)

    def _create(self, service: str, acting: Credentials) -> Any:
        if self._session is None:
            self._session = boto3.Session(region_name=self._region)
        is_service = acting.access_key_id.startswith(SERVICE_ACCESS_KEY_PREFIX)
        key = f"{acting.access_key_id}@{self._account}" if is_service else acting.access_key_id
        return self._session.client(
            service,
            endpoint_url=self._endpoint_url,
            config=_CLIENT_CONFIG,
            aws_access_key_id=key,
            aws_secret_access_key=acting.secret_access_key or self._operator.secret_access_key,
            aws_session_token=acting.session_token,
        )

    def control(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        """What the embedded AWS can do and AWS cannot: `POST /local-aws/<name>`, signed by the operator.

        Raises `ControlError` with what it answered instead.
        """
        url = f"{self._endpoint_url}/local-aws/{name}"
        request = AWSRequest(method="POST", url=url, data=json.dumps(options).encode())
        signing = SigningCredentials(self._operator.access_key_id, self._operator.secret_access_key)
        SigV4Auth(signing, "local-aws", self._region).add_auth(request)
        answer = URLLib3Session(timeout=60).send(request.prepare())
        if answer.status_code != 200:
            raise ControlError(f"{name}: {answer.text}")
        return dict(json.loads(answer.text))
