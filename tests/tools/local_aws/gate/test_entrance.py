"""Nobody but who knows the secret of this start gets anything done: no web page, no other user."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from tests.tools.local_aws.aws import make_role, unique
from tests.tools.local_aws.gate.raw import Answer, send
from tools.local_aws.clients import Credentials as OwnCredentials
from tools.local_aws.gate.entrance import Entrance
from tools.local_aws.gate.keys import Keys
from tools.local_aws.process import LocalAws

FORM = "application/x-www-form-urlencoded"
CREATE_TOPIC = "Action=CreateTopic&Version=2010-03-31&Name="
JOB = {"X-Amz-Target": "SageMaker.CreateProcessingJob", "Content-Type": "application/x-amz-json-1.1"}


@pytest.fixture
def topic(local_aws: LocalAws) -> Iterator[str]:
    """The name of a topic that nobody may have made in the end."""
    name = unique("topic")
    yield name
    topics = local_aws.client("sns").list_topics()["Topics"]
    assert not [topic for topic in topics if topic["TopicArn"].endswith(name)]


def signed(aws: LocalAws, body: str, path: str = "/", **more: str) -> dict[str, str]:
    """The headers of a request that the operator has really signed."""
    environment = aws.environment()
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("POST", f"{aws.endpoint_url}{path}", {"Content-Type": FORM}, body.encode())
    SigV4Auth(key, "sns", "us-east-1").add_auth(request)
    return dict(request.headers.items()) | more


def test_the_operator_may_create_a_topic_by_hand(local_aws: LocalAws) -> None:
    body = CREATE_TOPIC + unique("topic")
    answer = send(local_aws, "POST", "/", body, signed(local_aws, body))
    assert answer.status == 200
    assert_no_page_may_read(answer)


def test_an_unsigned_request_is_refused_in_the_words_of_its_service(local_aws: LocalAws, topic: str) -> None:
    form = send(local_aws, "POST", "/", CREATE_TOPIC + topic, {"Content-Type": FORM})
    assert (form.status, "<Code>MissingAuthenticationToken</Code>" in form.body) == (403, True)
    job = send(local_aws, "POST", "/", "{}", JOB)
    assert json.loads(job.body)["__type"] == "MissingAuthenticationTokenException"
    bucket = send(local_aws, "PUT", "/a-bucket")
    assert (bucket.status, "<Code>AccessDenied</Code>" in bucket.body) == (403, True)


@pytest.mark.parametrize("kind", ["text/plain", FORM, "multipart/form-data; boundary=x"])
def test_a_web_page_that_posts_gets_nothing_done(local_aws: LocalAws, topic: str, kind: str) -> None:
    """These three need no question to the server before: https://fetch.spec.whatwg.org/#simple-header."""
    page = {"Origin": "https://example.com", "Content-Type": kind}
    answer = send(local_aws, "POST", "/", CREATE_TOPIC + topic, page)
    assert_refused(answer)


def test_a_web_page_that_asks_first_is_told_no(local_aws: LocalAws) -> None:
    asking = {"Origin": "https://example.com", "Access-Control-Request-Method": "PUT"}
    assert_refused(send(local_aws, "OPTIONS", "/a-bucket", headers=asking))


def test_a_web_page_that_fetches_an_image_gets_none(local_aws: LocalAws) -> None:
    assert_refused(send(local_aws, "GET", "/?Action=ListTopics&Version=2010-03-31"))


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com:{port}", "example.com:{port}", ""])
def test_a_name_that_was_made_to_point_here_is_refused(local_aws: LocalAws, topic: str, host: str) -> None:
    body = CREATE_TOPIC + topic
    port = str(urlsplit(local_aws.endpoint_url).port)
    headers = signed(local_aws, body, Host=host.format(port=port))
    assert_refused(send(local_aws, "POST", "/", body, headers))


def test_an_origin_is_refused_even_with_the_secret(local_aws: LocalAws, topic: str) -> None:
    body = CREATE_TOPIC + topic
    assert_refused(send(local_aws, "POST", "/", body, signed(local_aws, body, Origin="http://localhost")))


@pytest.mark.parametrize(
    "path",
    [
        "/moto-api/reset",
        "/moto-api/reset-auth",
        "/moto-api/data.json",
        "/%6doto-api/reset",
        "/latest/meta-data/iam/security-credentials/",
        "/latest/api/token",
        "/local-aws/strike-hour",
    ],
)
def test_controls_are_closed_without_the_secret(local_aws: LocalAws, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        assert_refused(send(local_aws, method, path))


def test_the_controls_of_moto_are_closed_to_everybody(local_aws: LocalAws) -> None:
    assert_refused(send(local_aws, "POST", "/moto-api/reset", "", signed(local_aws, "", "/moto-api/reset")))


def test_a_role_may_not_use_controls(local_aws: LocalAws) -> None:
    session = session_of(local_aws, {"Effect": "Allow", "Action": "*", "Resource": "*"})
    path = "/local-aws/strike-hour"
    request = AWSRequest("POST", f"{local_aws.endpoint_url}{path}", {}, b"")
    key = Credentials(session.access_key_id, session.secret_access_key, session.session_token)
    SigV4Auth(key, "local-aws", "us-east-1").add_auth(request)
    assert_refused(send(local_aws, "POST", path, headers=dict(request.headers.items())))


@pytest.mark.parametrize("body", ["[1]", '{"speed": 2}'])
def test_a_control_refuses_options_that_it_does_not_know(local_aws: LocalAws, body: str) -> None:
    path = "/local-aws/strike-hour"
    answer = send(local_aws, "POST", path, body, signed(local_aws, body, path))
    assert answer.status == 400
    assert "takes other options" in answer.body


def test_each_start_has_a_secret_of_its_own(local_aws: LocalAws, tmp_path: Any) -> None:
    with LocalAws(account="111111111111", region="us-east-1", log_path=tmp_path / "log") as other:
        one, two = local_aws.environment(), other.environment()
        body = CREATE_TOPIC + "topic"
        assert "InvalidClientTokenId" in send(other, "POST", "/", body, signed(local_aws, body)).body
    assert one["AWS_ACCESS_KEY_ID"] != two["AWS_ACCESS_KEY_ID"]
    assert one["AWS_SECRET_ACCESS_KEY"] != two["AWS_SECRET_ACCESS_KEY"]


def test_the_secret_is_on_no_command_line(local_aws: LocalAws) -> None:
    process = local_aws._process
    assert process is not None
    assert local_aws.environment()["AWS_SECRET_ACCESS_KEY"] not in " ".join(map(str, process.args))  # type: ignore[arg-type]


def test_a_body_that_no_service_takes_is_not_read(local_aws: LocalAws) -> None:
    parts = urlsplit(local_aws.endpoint_url)
    with socket.create_connection((str(parts.hostname), parts.port or 0), timeout=10) as connection:
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {1 << 40}\r\n\r\n".encode()
        )
        assert b"413" in connection.recv(1000)


def test_a_body_that_only_s3_takes_is_refused_elsewhere() -> None:
    started: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/",
        "PATH_INFO": "/",
        "HTTP_HOST": "localhost:1",
        "CONTENT_LENGTH": str(1 << 27),
        "HTTP_X_AMZ_TARGET": "SageMaker.CreateModel",
        "HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sagemaker/aws4_request",
    }
    keys = Keys({"111111111111": OwnCredentials("operator", "secret", "")})
    entrance = Entrance(lambda *_: [], keys, "http://localhost:1", "us-east-1")
    body = b"".join(entrance(environ, lambda status, _: started.append(status)))
    assert started == ["413 Request Entity Too Large"]
    assert json.loads(body)["__type"] == "RequestEntityTooLargeException"


def assert_refused(answer: Answer) -> None:
    assert answer.status == 403
    assert "AccessDenied" in answer.body or "MissingAuthenticationToken" in answer.body
    assert_no_page_may_read(answer)


def assert_no_page_may_read(answer: Answer) -> None:
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def session_of(aws: LocalAws, *statements: dict[str, Any]) -> OwnCredentials:
    role = make_role(aws, {"AWS": "arn:aws:iam::111111111111:root"}, *statements)
    answer = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="somebody")
    return OwnCredentials.from_sts(answer["Credentials"])


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"\xff\xfe", JOB, 400, "SerializationException"),
        (b"null", JOB, 400, "SerializationException"),
        (b'{"a":' + b"[" * 100_000, JOB, 400, "SerializationException"),
        (b"{}", {}, 404, '"UnknownOperationException"'),
    ],
)
def test_what_nobody_can_read_is_refused_even_with_the_secret(
    local_aws: LocalAws, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    service = "sagemaker" if headers else "no-service"
    environment = local_aws.environment()
    key = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("POST", f"{local_aws.endpoint_url}/", dict(headers), body)
    SigV4Auth(key, service, "us-east-1").add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    assert (answer.status_code, code in answer.text) == (status, True)


def test_a_request_that_the_sdk_compresses_is_read(local_aws: LocalAws) -> None:
    """From 10 KB on."""
    metrics = [{"MetricName": f"{number:0200}", "Value": 1} for number in range(100)]
    local_aws.client("cloudwatch").put_metric_data(Namespace="large", MetricData=metrics)
