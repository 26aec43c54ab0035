"""Requests as they are on the wire, from somebody who has no client of AWS and no secret."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from tools.local_aws.process import LocalAws


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


def send(
    aws: LocalAws, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    parts = urlsplit(aws.endpoint_url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    try:
        connection.request(method, path, body.encode(), dict(headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
    finally:
        connection.close()
