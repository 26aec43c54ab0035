"""Collects small things for a moment and sends them together."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

# Whoever adds faster than is sent waits, instead of filling the memory.
_MOST_WAITING = 2_000
Item = TypeVar("Item")


class Batch(Generic[Item]):
    """Sends items `seconds` after the first of them came, or on `flush`. Safe between threads."""

    def __init__(self, send: Callable[[list[Item]], None], seconds: float) -> None:
        self._send = send
        self._seconds = seconds
        self._items: list[Item] = []
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._order = threading.Lock()

    def add(self, item: Item) -> None:
        with self._lock:
            self._items.append(item)
            if self._timer is None:
                self._timer = threading.Timer(self._seconds, self.flush)
                self._timer.daemon = True
                self._timer.start()
            is_full = len(self._items) >= _MOST_WAITING
        if is_full:
            self.flush()

    def flush(self) -> None:
        """Sends what was collected and returns when that is done, whoever does it."""
        with self._order:
            with self._lock:
                items, self._items = self._items, []
                if self._timer is not None:
                    self._timer.cancel()
                    self._timer = None
            if items:
                self._send(items)
