"""The loop of the web server, which asks a connection what it waits for only when that may have changed.

waitress asks every connection, several times a request. Pools of clients keep hundreds that rest, and then a
fifth of the embedded AWS's time goes into asking.
https://github.com/Pylons/waitress/blob/v3.0.2/src/waitress/wasyncore.py (`poll2`)
"""

import select
import selectors
import time
from typing import Any

from waitress import wasyncore

# Closes what has rested for too long, and sees what changed without an event.
_ALL_ARE_ASKED_SECONDS = 1.0


class Loop:
    """Takes the place of waitress's module `wasyncore`, of which a running server needs `loop`."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._events: dict[int, int] = {}
        """What is waited for, by file descriptor."""
        self._resting: set[int] = set()
        """Connections without a request or an answer: only an event there changes what they wait for."""
        self._all_asked = 0.0

    def loop(self, timeout: float, map: dict[int, Any], use_poll: bool) -> None:  # noqa: ARG002
        """Runs as long as there is something to wait for."""
        while map:
            self._ask(map)
            for key, events in self._selector.select(timeout):
                # When this has closed, a new connection may have its descriptor.
                self._forget(key.fd)
                if key.fd in map:
                    wasyncore.readwrite(map[key.fd], _flags(events))

    def _ask(self, map: dict[int, Any]) -> None:
        if time.monotonic() > self._all_asked + _ALL_ARE_ASKED_SECONDS:
            self._all_asked = time.monotonic()
            self._resting.clear()
            for closed in self._events.keys() - map.keys():
                self._forget(closed)
        for descriptor in map.keys() - self._resting:
            events = _events(map[descriptor])
            if events != self._events.get(descriptor, 0):
                self._forget(descriptor)
                self._wait_for(descriptor, events)
            if events == selectors.EVENT_READ:
                self._resting.add(descriptor)

    def _wait_for(self, descriptor: int, events: int) -> None:
        if events:
            self._selector.register(descriptor, events)
            self._events[descriptor] = events

    def _forget(self, descriptor: int) -> None:
        self._resting.discard(descriptor)
        if self._events.pop(descriptor, 0):
            self._selector.unregister(descriptor)


def _events(connection: Any) -> int:
    reads = selectors.EVENT_READ if connection.readable() else 0
    writes = selectors.EVENT_WRITE if connection.writable() and not connection.accepting else 0
    return reads | writes


def _flags(events: int) -> int:
    reads = select.POLLIN if events & selectors.EVENT_READ else 0
    return reads | (select.POLLOUT if events & selectors.EVENT_WRITE else 0)
