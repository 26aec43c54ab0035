"""The web server takes what clients of AWS send, in the ways in which they send it."""

import socket
from urllib.parse import urlsplit

import pytest

from tools.local_aws.process import LocalAws


@pytest.mark.parametrize("body", ["", "a body that comes at once"])
def test_a_client_that_waits_to_be_asked_for_its_body_is_answered(local_aws: LocalAws, body: str) -> None:
    """Clients of S3 wait for a second, then send the body; where there is none, nothing must ask for it."""
    place = urlsplit(local_aws.endpoint_url)
    head = f"PUT /b/k HTTP/1.1\r\nHost: {place.netloc}\r\nExpect: 100-continue\r\nContent-Length: {len(body)}"
    with socket.create_connection((str(place.hostname), place.port or 0), timeout=10) as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        answer = connection.recv(1000).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert (answer or connection.recv(1000)).startswith(b"HTTP/1.1 403")
