from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.local_aws.context import Context
from tools.local_aws.gate.controls import with_controls
from tools.local_aws.gate.signatures import SIGNED, Signed


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context("111111111111", "us-east-1", "http://localhost:1", tmp_path)


def test_clients_are_made_once_per_identity(context: Context) -> None:
    assert context.client("s3") is context.client("s3")
    assert context.client("s3") is not context.client("sqs")


def test_a_control_is_run_by_its_name(context: Context) -> None:
    context.controls["strike-hour"] = lambda: {"started": ["a"]}
    assert call(context, "POST", "/local-aws/strike-hour") == ("200 OK", b'{"started": ["a"]}')


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("POST", "/local-aws/other", "404 NOT FOUND", b"No control named 'other'; there are ['broken']"),
        ("GET", "/local-aws/broken", "405 METHOD NOT ALLOWED", b"takes POST, not GET"),
        ("POST", "/local-aws/broken", "500 INTERNAL SERVER ERROR", b"ValueError: no"),
    ],
)
def test_a_control_that_cannot_be_run_says_why(
    context: Context, method: str, path: str, status: str, words: bytes
) -> None:
    def broken() -> dict[str, Any]:
        raise ValueError("no")

    context.controls["broken"] = broken
    answered, body = call(context, method, path)
    assert answered == status
    assert words in body


def test_everything_else_goes_to_moto(context: Context) -> None:
    assert call(context, "POST", "/") == ("200 OK", b"moto")


def call(context: Context, method: str, path: str) -> tuple[str, bytes]:
    statuses: list[str] = []

    def start_response(status: str, _: list[tuple[str, str]]) -> None:
        statuses.append(status)

    def moto(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [])
        return [b"moto"]

    operator = Signed("key", "", "us-east-1", "local-aws", is_operator=True, account="111111111111")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, SIGNED: operator}
    body = b"".join(with_controls(moto, context)(environ, start_response))
    return statuses[0], body
