"""Tells what happens, when, and how long it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Narrator:
    """Writes progress lines with the seconds since the start."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._started = time.monotonic()
        self.current_step = ""

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since the rehearsal began."""
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        """One line of the story."""
        print(f"{self.elapsed_seconds:6.1f} s  {text}", file=self._stream, flush=True)

    def detail(self, text: str) -> None:
        """A line that belongs to the one before."""
        print(f"          {text}", file=self._stream, flush=True)

    def block(self, title: str, lines: list[str]) -> None:
        """A titled paragraph without times, such as the summary."""
        print(f"\n{title}", file=self._stream)
        for line in lines:
            print(f"  {line}", file=self._stream)
        self._stream.flush()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step of the story: its title when it starts, its duration when it has succeeded."""
        self.current_step = title
        self.say(title)
        started = time.monotonic()
        yield
        self.detail(f"done in {time.monotonic() - started:.1f} s")
