"""Streams the output of a process into CloudWatch Logs, as the role the process runs under."""

import logging
import time
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from tools.local_aws.sagemaker.batch import Batch

_FLUSH_SECONDS = 0.5
# PutLogEvents refuses more than a megabyte in one call, and no line has more than four thousand bytes.
_MOST_EVENTS = 250
# CloudWatch Logs has no such limit, but it is not this machine's memory that holds its logs.
_MOST_MEGABYTES = 32
# What moto needs for an event beside its text.
_EVENT_BYTES = 500

log = logging.getLogger(__name__)


class LogStream:
    """One stream of a log group; both are created with the first line."""

    def __init__(self, client: Any, group: str, stream: str) -> None:
        self._client = client
        self._group = group
        self._stream = stream
        self._events: Batch[dict[str, Any]] = Batch(self._send, _FLUSH_SECONDS)
        self._created = False
        self._refused = False
        self._room = _MOST_MEGABYTES * 1_000_000

    def write(self, line: str) -> None:
        """Adds a line; it is sent within half a second. What is too much is left out, which a line says."""
        if self._room < 0 or not line.strip():
            return
        self._room -= len(line) + _EVENT_BYTES
        if self._room < 0:
            line = f"A log stream gets {_MOST_MEGABYTES} MB of memory here; the rest is left out."
        self._events.add({"timestamp": int(time.time() * 1000), "message": line})

    def flush(self) -> None:
        self._events.flush()

    def _send(self, events: list[dict[str, Any]]) -> None:
        """A role that may not write logs loses them, as on AWS; the server's log says so once."""
        if self._refused:
            return
        try:
            self._create()
            for start in range(0, len(events), _MOST_EVENTS):
                self._client.put_log_events(
                    logGroupName=self._group,
                    logStreamName=self._stream,
                    logEvents=events[start : start + _MOST_EVENTS],
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
