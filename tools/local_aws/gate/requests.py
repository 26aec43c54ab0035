"""What a signature is about: a request exactly as it arrived."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any
from urllib.parse import parse_qsl

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class RawRequest:
    """The parts of a WSGI environment that signatures cover."""

    environ: dict[str, Any]

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def uri(self) -> str:
        return str(self.environ["REQUEST_URI"])

    @property
    def path(self) -> str:
        return self.uri.split("?", 1)[0]

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.uri.partition("?")[2], keep_blank_values=True)

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query for look-ups; signatures cover `query`, where a name may come twice."""
        return dict(self.query)

    def header(self, name: str) -> str | None:
        """A header by its name in lower case; those that come twice are joined by a comma."""
        key = name.upper().replace("-", "_")
        value = self.environ.get(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}")
        return None if value is None else str(value)

    @property
    def amazon_headers(self) -> set[str]:
        """The names of all headers that begin with `x-amz-`."""
        names = self.environ.get("moto.preserved_header_names", {})
        keys = [key for key in self.environ if key.startswith("HTTP_X_AMZ_")]
        return {names.get(key, key.removeprefix("HTTP_").replace("_", "-")).lower() for key in keys}

    @property
    def is_no_object(self) -> bool:
        """Whether it is one of a protocol that has an object of JSON in each body, and this one has not."""
        if self.header("x-amz-target") is None or self.header("content-encoding") is not None:
            return False
        body: IO[bytes] = self.environ["wsgi.input"]
        first = body.read(1)
        body.seek(0)
        return first not in (b"{", b"")

    @cached_property
    def body_sha256(self) -> str:
        body: IO[bytes] = self.environ["wsgi.input"]
        digest = hashlib.sha256()
        while chunk := body.read(_CHUNK_BYTES):
            digest.update(chunk)
        body.seek(0)
        return digest.hexdigest()
