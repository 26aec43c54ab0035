"""What an endpoint answers, as text/csv: one line per row of the request."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence


def answers_as_csv(answers: Sequence[float | str]) -> str:
    """Numbers in their shortest exact form; labels in quotes where they need them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([answer] for answer in answers)
    return text.getvalue().removesuffix("\n")


def answers_of_csv(text: str) -> list[str]:
    """Each answer's text."""
    return [row[0] for row in csv.reader(io.StringIO(text), strict=True) if row]
