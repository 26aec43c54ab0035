"""The web server: waitress, with bounds for clients that are slow, many or send too much."""

import socket
from contextlib import suppress
from typing import Any

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import WSGITask
from waitress.utilities import Error

from tools.local_aws.gate.controls import WsgiApplication

# Services call each other: each call inside a call needs a thread of its own.
_THREADS = 128
_MOST_CONNECTIONS = 1000
_IDLE_SECONDS = 120
# S3 takes five gigabytes in one request, of which nobody rehearses more than one.
_MOST_BODY_BYTES = 1 << 30
_NAMES = "LOCAL_AWS_HEADER_NAMES"


class _NoRoomError(Error):  # type: ignore[misc]
    """Answers instead of a service, in the form of S3, which alone takes bodies that are put on the disk."""

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:  # noqa: ARG002
        text = f"<Error><Code>InternalError</Code><Message>{self.body}</Message></Error>"
        return f"{self.code} {self.reason}", [("Content-Type", "application/xml")], text.encode()


class _Nowhere:
    """Takes the rest of a body for which there is no room, so that its sender comes to read the answer."""

    def append(self, data: bytes) -> None:
        """Forgets it."""

    def __len__(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing is held."""


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Keeps headers with an underscore if they are metadata of S3, where it is part of the name.

    A disk that is full fails the request whose body has no room, and gives back what it took.
    """

    _no_room: _NoRoomError | None = None

    def received(self, data: bytes) -> int:
        try:
            consumed = super().received(data)
        except OSError as error:
            with suppress(OSError):
                self.close()
            self._no_room = _NoRoomError(f"The embedded AWS has no room for the body: {error.strerror}")
            self.body_rcv.buf = _Nowhere()
            consumed = super().received(data)
        if self.completed and self._no_room is not None:
            self.error = self._no_room
        return int(consumed)

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        lines = header_plus.decode("latin-1").split("\r\n")[1:]
        pairs = [line.partition(":")[::2] for line in lines]
        kept = {
            name: value.strip(" \t") for name, value in pairs if should_preserve_original_header_name(name)
        }
        for name, value in kept.items():
            self.headers.setdefault(environ_key_for_header(name).removeprefix("HTTP_"), value)
        self.headers[_NAMES] = ",".join(kept)


class _Task(WSGITask):  # type: ignore[misc]
    """Writes headers in lower case, as S3 does: clients take the names of its metadata as they come."""

    def build_response_header(self) -> bytes:
        status, *lines = super().build_response_header().split(b"\r\n")
        parts = (line.partition(b":") for line in lines)
        return b"\r\n".join([status, *(name.lower() + colon + value for name, colon, value in parts)])


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser
    task_class = _Task

    def send_continue(self) -> None:
        """Only where a body is missing: waitress would wait for one that is empty or has come already."""
        if self.request.completed:
            self.request.expect_continue = False
        else:
            super().send_continue()


def web_server(application: WsgiApplication, listener: socket.socket) -> Any:
    """A server that is ready to `run`; connections that wait on the socket are not lost."""

    def named(environ: dict[str, Any], start_response: Any) -> Any:
        names = environ.pop(f"HTTP_{_NAMES}", "")
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
            environ_key_for_header(name): name for name in names.split(",") if name
        }
        environ["RAW_URI"] = environ["REQUEST_URI"]
        return application(environ, start_response)

    server = create_server(
        named,
        sockets=[listener],
        threads=_THREADS,
        connection_limit=_MOST_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        max_request_body_size=_MOST_BODY_BYTES,
        asyncore_use_poll=True,
        ident=None,
    )
    server.channel_class = _Channel
    return server
