"""Those who ask the endpoint: some requests after the other, or so many a second whatever comes."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from botocore.exceptions import BotoCoreError, ClientError

from tools.rehearse import acts
from tools.rehearse.case import Case
from tools.rehearse.errors import RehearsalError
from tools.rehearse.full.sales import month_of
from tools.rehearse.narrator import Narrator
from tools.rehearse.people import Person
from tools.rehearse.samples import Row

_TOGETHER, _AT_MOST_TOGETHER = 3, 64


@dataclass(frozen=True)
class Asked:
    """One request and what became of it."""

    id: str
    month: datetime
    """Of the sale."""
    at: float
    """Seconds of the story."""
    seconds: float
    actual: float
    answer: float | None
    """None where it has failed."""
    error: str = ""


class Clients:
    """They ask for prices of houses whose real price becomes known."""

    def __init__(self, engineer: Person, case: Case, clock: Narrator) -> None:
        self._engineer, self._case, self._clock = engineer, case, clock
        self._numbers = count()

    def ask_all(self, rows: Sequence[Row]) -> list[Asked]:
        with ThreadPoolExecutor(_TOGETHER) as pool:
            return list(pool.map(self._ask, rows))

    @contextmanager
    def asking(self, rows: Sequence[Row], per_second: float) -> Iterator[list[Asked]]:
        """All the while so many a second, also while others still wait; all have ended at the end."""
        asked: list[Asked] = []
        ended = threading.Event()
        with ThreadPoolExecutor(_AT_MOST_TOGETHER) as pool:

            def begin() -> None:
                for number in count():
                    if ended.wait(max(0.0, started + number / per_second - time.monotonic())):
                        return
                    pool.submit(lambda row: asked.append(self._ask(row)), rows[number % len(rows)])

            started = time.monotonic()
            beginner = threading.Thread(target=begin, daemon=True)
            beginner.start()
            try:
                yield asked
            finally:
                ended.set()
                beginner.join()

    def _ask(self, row: Row) -> Asked:
        case, at, started = self._case, self._clock.elapsed_seconds, time.perf_counter()
        inference_id = f"sale-{next(self._numbers)}"
        answer, error = None, ""
        try:
            told = acts.predict(self._engineer, case.served, case.held_out.features, row, inference_id)
            answer = float(told)
        except (ClientError, BotoCoreError, RehearsalError, ValueError) as failure:
            error = str(failure)
        seconds, actual = time.perf_counter() - started, float(row[case.sample.target])
        return Asked(inference_id, month_of(row), at, seconds, actual, answer, error)
