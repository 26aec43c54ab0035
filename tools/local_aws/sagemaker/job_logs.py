"""Streams the output of a process into CloudWatch Logs, as the role the process runs under."""

import logging
import time
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

_FLUSH_SECONDS = 0.5
# PutLogEvents refuses more in one call.
_MOST_EVENTS = 10_000

log = logging.getLogger(__name__)


class LogStream:
    """One stream of a log group; both are created with the first line. Not safe for several threads."""

    def __init__(self, client: Any, group: str, stream: str) -> None:
        self._client = client
        self._group = group
        self._stream = stream
        self._events: list[dict[str, Any]] = []
        self._flushed_at = time.monotonic()
        self._created = False
        self._refused = False

    def write(self, line: str) -> None:
        """Adds a line; lines are sent together, at most every half second."""
        if line.strip():
            self._events.append({"timestamp": int(time.time() * 1000), "message": line})
        if time.monotonic() - self._flushed_at > _FLUSH_SECONDS or len(self._events) >= _MOST_EVENTS:
            self.flush()

    def flush(self) -> None:
        """Sends what was collected. A role that may not write logs loses them; it is said once."""
        events, self._events = self._events, []
        self._flushed_at = time.monotonic()
        if not events or self._refused:
            return
        try:
            self._create()
            self._client.put_log_events(
                logGroupName=self._group, logStreamName=self._stream, logEvents=events
            )
        except ClientError as error:
            self._refused = True
            log.warning("No logs in %s for %s: %s", self._group, self._stream, error)

    def _create(self) -> None:
        if self._created:
            return
        exists = self._client.exceptions.ResourceAlreadyExistsException
        with suppress(exists):
            self._client.create_log_group(logGroupName=self._group)
        with suppress(exists):
            self._client.create_log_stream(logGroupName=self._group, logStreamName=self._stream)
        self._created = True
