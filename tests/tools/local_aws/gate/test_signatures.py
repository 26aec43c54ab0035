"""Every form of signature that is known is verified, and every other one is refused."""

import datetime
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

import boto3
import pytest
from botocore import UNSIGNED
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as SigningCredentials
from botocore.exceptions import ClientError
from moto.sts.models import sts_backends

from tests.tools.local_aws.aws import make_role, policy, unique
from tests.tools.local_aws.gate.raw import send
from tools.local_aws.clients import Credentials, new_operator
from tools.local_aws.gate.keys import Keys
from tools.local_aws.gate.refusals import RefusedError
from tools.local_aws.process import LocalAws

DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
VERSIONS = ["s3v4", "s3"]


def session_of(aws: LocalAws, *statements: dict[str, Any]) -> Credentials:
    role = make_role(aws, {"AWS": "arn:aws:iam::111111111111:root"}, *statements)
    answer = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="somebody")
    return Credentials.from_sts(answer["Credentials"])


def operator(aws: LocalAws) -> Credentials:
    environment = aws.environment()
    return Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], "")


def client(aws: LocalAws, service: str, who: Credentials, **config: Any) -> Any:
    own = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **config)
    return boto3.client(
        service,
        endpoint_url=aws.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=who.secret_access_key,
        aws_session_token=who.session_token or None,
        config=own,
    )


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as failure:
        call()
    return str(failure.value.response["Error"]["Code"])


def fetched(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def bucket(local_aws: LocalAws) -> str:
    name = unique("bucket")
    local_aws.client("s3").create_bucket(Bucket=name)
    local_aws.client("s3").put_object(Bucket=name, Key="a key/with+ä.txt", Body=b"content")
    return name


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_are_taken_in_the_header(local_aws: LocalAws, bucket: str, version: str) -> None:
    for who in (operator(local_aws), session_of(local_aws, ALLOW)):
        s3 = client(local_aws, "s3", who, signature_version=version)
        s3.put_object(
            Bucket=bucket, Key="x/ö", Body=b"1", Metadata={"my_key": "a", "other": "b"}, ACL="private"
        )
        assert s3.get_object(Bucket=bucket, Key="x/ö")["Metadata"] == {"my_key": "a", "other": "b"}
        assert s3.list_objects_v2(Bucket=bucket, Prefix="x/")["KeyCount"] == 1
        s3.delete_object(Bucket=bucket, Key="x/ö")


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_are_taken_in_the_url(local_aws: LocalAws, bucket: str, version: str) -> None:
    for who in (operator(local_aws), session_of(local_aws, ALLOW)):
        s3 = client(local_aws, "s3", who, signature_version=version)
        wanted = {"Bucket": bucket, "Key": "a key/with+ä.txt", "ResponseContentType": "text/x"}
        assert fetched(s3.generate_presigned_url("get_object", wanted)) == (200, "content")
        put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "new"})
        assert fetched(put, "PUT", b"1")[0] == (200 if version == "s3v4" else 403)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_role_that_is_denied_everything_gets_nothing_in_any_form(
    local_aws: LocalAws, bucket: str, version: str
) -> None:
    s3 = client(local_aws, "s3", session_of(local_aws, ALLOW, DENY), signature_version=version)
    wanted = {"Bucket": bucket, "Key": "a key/with+ä.txt"}
    assert code_of(lambda: s3.get_object(**wanted)) == "AccessDenied"
    assert code_of(lambda: s3.delete_object(**wanted)) == "AccessDenied"
    assert code_of(lambda: s3.list_buckets()) == "AccessDenied"
    status, body = fetched(s3.generate_presigned_url("get_object", wanted))
    assert (status, "AccessDenied" in body) == (403, True)
    status, body = fetched(s3.generate_presigned_url("delete_object", wanted), "DELETE")
    assert (status, "AccessDenied" in body) == (403, True)


@pytest.mark.parametrize(
    ("service", "call", "unknown", "wrong"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
        ("iam", "list_roles", "InvalidClientTokenId", "SignatureDoesNotMatch"),
        ("sagemaker", "list_endpoints", "UnrecognizedClientException", "InvalidSignatureException"),
        ("ec2", "describe_vpcs", "InvalidClientTokenId", "SignatureDoesNotMatch"),
        ("scheduler", "list_schedules", "UnrecognizedClientException", "InvalidSignatureException"),
    ],
)
def test_unknown_keys_and_wrong_secrets_are_refused(
    local_aws: LocalAws, service: str, call: str, unknown: str, wrong: str
) -> None:
    nobody = Credentials("local-operator", "nothing-verifies-this", "")
    assert code_of(getattr(client(local_aws, service, nobody), call)) == unknown
    guessed = Credentials(operator(local_aws).access_key_id, "guessed", "")
    assert code_of(getattr(client(local_aws, service, guessed), call)) == wrong


@pytest.mark.parametrize("version", VERSIONS)
def test_a_wrong_secret_is_refused_in_every_form(local_aws: LocalAws, bucket: str, version: str) -> None:
    guessed = Credentials(operator(local_aws).access_key_id, "guessed", "")
    s3 = client(local_aws, "s3", guessed, signature_version=version)
    assert code_of(lambda: s3.list_objects_v2(Bucket=bucket)) == "SignatureDoesNotMatch"
    status, body = fetched(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "x"}))
    assert (status, "SignatureDoesNotMatch" in body) == (403, True)


def test_what_was_not_signed_cannot_be_added(local_aws: LocalAws, bucket: str) -> None:
    s3 = client(local_aws, "s3", operator(local_aws), signature_version="s3v4")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "x"})
    assert "SignatureDoesNotMatch" in fetched(url.replace("/x?", "/y?"))[1]
    assert "SignatureDoesNotMatch" in fetched(f"{url}&versionId=1")[1]
    assert "SignatureDoesNotMatch" in fetched(url, "DELETE")[1]
    path = url.removeprefix(local_aws.endpoint_url)
    more = send(local_aws, "GET", path, headers={"x-amz-server-side-encryption": "AES256"})
    assert "headers present in the request which were not signed" in more.body
    twice = send(local_aws, "GET", path, headers={"Authorization": "AWS a:b"})
    assert "Only one auth mechanism allowed" in twice.body


def test_a_url_that_has_expired_is_refused(
    local_aws: LocalAws, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=120)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: before)
    monkeypatch.setattr("botocore.auth.time.time", before.timestamp)
    wanted = {"Bucket": bucket, "Key": "a key/with+ä.txt"}
    for version in VERSIONS:
        s3 = client(local_aws, "s3", operator(local_aws), signature_version=version)
        assert fetched(s3.generate_presigned_url("get_object", wanted, ExpiresIn=600))[0] == 200
        status, body = fetched(s3.generate_presigned_url("get_object", wanted, ExpiresIn=60))
        assert (status, "Request has expired" in body) == (403, True)


@pytest.mark.parametrize("seconds", [0, 604_801])
def test_a_url_may_last_for_a_week_at_most(local_aws: LocalAws, bucket: str, seconds: int) -> None:
    s3 = client(local_aws, "s3", operator(local_aws), signature_version="s3v4")
    url = s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "x"}, ExpiresIn=seconds)
    assert "AuthorizationQueryParametersError" in fetched(url)[1]


@pytest.mark.parametrize(
    ("service", "call", "code", "minutes"),
    [
        ("s3", "list_buckets", "RequestTimeTooSkewed", 20),
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", 6),
        ("sagemaker", "list_endpoints", "InvalidSignatureException", -6),
    ],
)
def test_a_signature_of_another_time_is_refused(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch, service: str, call: str, code: str, minutes: int
) -> None:
    then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: then)
    assert code_of(getattr(client(local_aws, service, operator(local_aws)), call)) == code


def test_the_token_of_a_session_must_be_its_own(local_aws: LocalAws) -> None:
    one, other = session_of(local_aws, ALLOW), session_of(local_aws, ALLOW)
    for token in ("", other.session_token):
        mixed = Credentials(one.access_key_id, one.secret_access_key, token)
        assert code_of(client(local_aws, "s3", mixed).list_buckets) == "InvalidToken"
        assert code_of(client(local_aws, "sts", mixed).get_caller_identity) == "InvalidClientTokenId"


@pytest.mark.parametrize("seconds", [60, -1])
def test_a_session_ends(seconds: int) -> None:
    role = "arn:aws:iam::111111111111:role/any"
    session = sts_backends["111111111111"]["aws"].assume_role("us-east-1", "x", role, "", seconds, "")
    keys = Keys({"111111111111": new_operator()})
    if seconds > 0:
        assert keys.secret_of(session.access_key_id, session.session_token) == session.secret_access_key
    else:
        with pytest.raises(RefusedError, match="EXPIRED_TOKEN"):
            keys.secret_of(session.access_key_id, session.session_token)


def test_a_user_has_the_permissions_of_its_policies_and_groups(local_aws: LocalAws) -> None:
    iam, name, group = local_aws.client("iam"), unique("user"), unique("group")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    user = Credentials(key["AccessKeyId"], key["SecretAccessKey"], "")
    assert client(local_aws, "sts", user).get_caller_identity()["Arn"].endswith(f":user/{name}")
    assert code_of(client(local_aws, "s3", user).list_buckets) == "AccessDenied"
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="own", PolicyDocument=policy(ALLOW))
    iam.add_user_to_group(GroupName=group, UserName=name)
    assert client(local_aws, "s3", user).list_buckets()
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(DENY))
    assert code_of(client(local_aws, "s3", user).list_buckets) == "AccessDenied"
    iam.update_access_key(UserName=name, AccessKeyId=user.access_key_id, Status="Inactive")
    assert code_of(client(local_aws, "s3", user).list_buckets) == "InvalidAccessKeyId"


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic b3BlcmF0b3I6",
        "Bearer token",
        "AWS4-ECDSA-P256-SHA256 Credential=a/20260101/s3/aws4_request, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request",
        "AWS3-HTTPS AWSAccessKeyId=a,Algorithm=HmacSHA256,Signature=b",
    ],
)
def test_a_form_that_nobody_knows_is_refused(local_aws: LocalAws, authorization: str) -> None:
    answer = send(local_aws, "GET", "/", headers={"Authorization": authorization})
    assert (answer.status, "is not supported" in answer.body) == (400, True)


@pytest.mark.parametrize("query", ["X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256", "Signature=a&AWSAccessKeyId=b"])
def test_a_form_in_the_url_that_nobody_knows_is_refused(local_aws: LocalAws, query: str) -> None:
    answer = send(local_aws, "GET", f"/?{query}")
    assert (answer.status, "is not supported" in answer.body) == (400, True)


def test_an_anonymous_client_gets_nothing(local_aws: LocalAws, bucket: str) -> None:
    s3 = client(local_aws, "s3", operator(local_aws), signature_version=UNSIGNED)
    assert code_of(lambda: s3.list_objects_v2(Bucket=bucket)) == "AccessDenied"


def test_a_changed_body_is_refused(local_aws: LocalAws) -> None:
    def change(request: Any, **_: Any) -> None:
        body = request.body.read() if hasattr(request.body, "read") else request.body
        body = body if isinstance(body, bytes) else body.encode()
        request.body = body.replace(b"harmless", b"harmful!")

    sns = client(local_aws, "sns", operator(local_aws))
    sns.meta.events.register("before-send.sns", change)
    assert code_of(lambda: sns.create_topic(Name="harmless")) == "SignatureDoesNotMatch"
    s3 = client(local_aws, "s3", operator(local_aws), request_checksum_calculation="when_required")
    s3.meta.events.register("before-send.s3", change)
    put = lambda: s3.put_object(Bucket="x", Key="y", Body=b"harmless")  # noqa: E731
    assert code_of(put) == "XAmzContentSHA256Mismatch"


def test_a_body_in_chunks_is_taken_with_its_checksum(local_aws: LocalAws, bucket: str) -> None:
    s3 = client(local_aws, "s3", operator(local_aws), request_checksum_calculation="when_supported")
    body = bytes(range(256)) * 1000
    s3.put_object(Bucket=bucket, Key="big", Body=body, ChecksumAlgorithm="SHA256")
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == body


def test_a_body_in_signed_chunks_is_refused_because_nobody_verifies_them(
    local_aws: LocalAws, bucket: str
) -> None:
    who = operator(local_aws)
    stated = {"X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
    request = AWSRequest("PUT", f"{local_aws.endpoint_url}/{bucket}/key", stated, b"")
    key = SigningCredentials(who.access_key_id, who.secret_access_key)
    SigV4Auth(key, "s3", "us-east-1").add_auth(request)
    answer = send(local_aws, "PUT", f"/{bucket}/key", headers=dict(request.headers.items()))
    assert (answer.status, "<Code>NotImplemented</Code>" in answer.body) == (501, True)


def test_a_presigned_call_of_another_service_is_its_signers(local_aws: LocalAws) -> None:
    session = session_of(local_aws)
    key = SigningCredentials(session.access_key_id, session.secret_access_key, session.session_token)
    url = f"{local_aws.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url)
    SigV4QueryAuth(key, "sts", "us-east-1", expires=60).add_auth(request)
    status, body = fetched(request.url)
    assert (status, ":assumed-role/" in body) == (200, True)
    assert "SignatureDoesNotMatch" in fetched(f"{request.url}{quote('0')}")[1]
