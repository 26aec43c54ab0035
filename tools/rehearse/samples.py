"""The sample data of the rehearsal: what is real about a use case that an empty account has not."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.rehearse.errors import RehearsalError

DATA_FOLDER = Path(__file__).resolve().parents[2] / "data"
MOST_LIVE_ROWS = 100
"""Of each kind, as live traffic; the rows that are kept back for it are a tenth of the others at most."""
_SHARE_KEPT_BACK = 10

Row = dict[str, str]


@dataclass(frozen=True)
class Sample:
    """A use case's raw file, and which of its rows come later, when the data have drifted."""

    use_case: str
    file_name: str
    target: str
    column: str
    value: str = ""
    """The rows with this value in this column come later; without one, those from `at_least` on."""
    at_least: float = 0.0

    @classmethod
    def of(cls, use_case: str, metadata: Mapping[str, str]) -> "Sample":
        """As the template of the stack that trains says."""
        value, least = metadata.get("Value", ""), float(metadata.get("AtLeast", 0))
        return cls(use_case, metadata["File"], metadata["Target"], metadata["Column"], value, least)

    @property
    def path(self) -> Path:
        """The raw file in this repository."""
        return DATA_FOLDER / self.file_name

    @property
    def later(self) -> str:
        """What the rows that come later have in common."""
        return f"{self.column} {self.value}" if self.value else f"{self.column} from {self.at_least:g} on"

    @cached_property
    def _rows(self) -> tuple[list[Row], list[Row]]:
        """Those that come later, and the others."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        later = [row for row in rows if self._comes_later(row[self.column])]
        others = [row for row in rows if not self._comes_later(row[self.column])]
        if not later or len(others) < _SHARE_KEPT_BACK:
            raise RehearsalError(
                f"{len(later)} of {len(rows)} rows of {self.file_name} have {self.later}: "
                f"name other ones in sample.later of {self.use_case}"
            )
        return later, others

    def _comes_later(self, cell: str) -> bool:
        if self.value:
            return cell == self.value
        try:
            return float(cell) >= self.at_least
        except ValueError:
            return False

    def drifted_rows(self) -> list[Row]:
        """Live traffic that differs from the delivery."""
        return spread(self._rows[0], MOST_LIVE_ROWS)

    def kept_back_rows(self) -> list[Row]:
        """Live traffic like the delivery, and not in it."""
        others = self._rows[1]
        return spread(others, min(MOST_LIVE_ROWS, len(others) // _SHARE_KEPT_BACK))

    @property
    def next_file_name(self) -> str:
        """Sorts behind the file's own, as names of deliveries do."""
        return f"{self.path.stem}_later{self.path.suffix}"

    def delivery(self) -> bytes:
        """The file without what comes later and what is kept back."""
        return self._as_csv(self._rows[1])

    @property
    def later_rows(self) -> list[Row]:
        """All that come later."""
        return self._rows[0]

    def next_delivery(self, later: Sequence[Row]) -> bytes:
        """The same with some of what comes later."""
        return self._as_csv([*self._rows[1], *later])

    def _as_csv(self, given: list[Row]) -> bytes:
        kept_back = {id(row) for row in self.kept_back_rows()}
        rows = [row for row in given if id(row) not in kept_back]
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode("utf-8")


def spread(rows: Sequence[Row], most: int) -> list[Row]:
    """At most so many, evenly from all over the file."""
    count = min(most, len(rows))
    return [rows[position * len(rows) // count] for position in range(count)]
