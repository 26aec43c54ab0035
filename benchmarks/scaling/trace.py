"""Traffic by the minute. `python -m benchmarks.scaling.trace > benchmarks/scaling/week.csv` makes the week.

It is made up, in the form of what people do: quiet nights, two humps a day, a weekend of a third, and noise
that is Poisson's. On Tuesday at 10:00 a mailing triples the traffic for a quarter of an hour, on Thursday at
14:30 a client retries in a loop for six minutes, and on Wednesday nobody asks anything from 02:00 to 02:40.
"""

import csv
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

WEEK = Path(__file__).with_name("week.csv")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
"""When a trace begins, for what is scheduled."""
_HEADER = ("minute", "requests")
_DAY = 24 * 60
_BUSIEST, _QUIETEST = 1500, 40
_MAILING = (_DAY + 10 * 60, 15, 3.0)
_RETRIES = (3 * _DAY + 14 * 60 + 30, 6, 2.5)
_SILENCE = (2 * _DAY + 2 * 60, 40, 0.0)


def read(path: Path) -> list[int]:
    """The requests of each minute; ValueError for what is no trace."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if tuple(header) != _HEADER or [int(row[0]) for row in rows] != list(range(len(rows))):
        raise ValueError(f"{path}: the columns are {' and '.join(_HEADER)}, and minutes count from 0")
    return [int(row[1]) for row in rows]


def _week() -> Sequence[int]:
    minute = np.arange(7 * _DAY)
    hour = minute % _DAY / 60
    humps = np.exp(-(((hour - 10.5) / 2.5) ** 2)) + 0.85 * np.exp(-(((hour - 15.5) / 2.8) ** 2))
    weekend = np.where(minute // _DAY >= 5, 1 / 3, 1.0)
    expected = _QUIETEST + (_BUSIEST - _QUIETEST) * humps * weekend
    for begin, minutes, factor in (_MAILING, _RETRIES, _SILENCE):
        expected[begin : begin + minutes] *= factor
    return [int(count) for count in np.random.default_rng(7).poisson(expected)]


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows([_HEADER, *enumerate(_week())])
