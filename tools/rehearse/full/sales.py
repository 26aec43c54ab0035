"""House sales by the month in which they happened, and a client that sends areas in another unit."""

from dataclasses import dataclass
from datetime import UTC, datetime

from tools.rehearse.samples import Row

USE_CASE, YEAR, MONTH = "house-prices", "Year_Sold", "Mo_Sold"
FIRST_YEAR_LATER = 2008
"""What was sold before is delivered first."""
SQUARE_METRES = 0.09290304
"""Of a square foot."""
AREAS = (
    *("Lot_Area", "Mas_Vnr_Area", "BsmtFin_SF_2", "Bsmt_Unf_SF", "Total_Bsmt_SF", "First_Flr_SF"),
    *("Second_Flr_SF", "Gr_Liv_Area", "Garage_Area", "Wood_Deck_SF", "Open_Porch_SF", "Enclosed_Porch"),
    *("Three_season_porch", "Screen_Porch", "Pool_Area"),
)


@dataclass(frozen=True)
class Period:
    """Months of one year, the last one included."""

    year: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self._month(self.first):%B} to {self._month(self.last):%B %Y}"

    @property
    def middle(self) -> datetime:
        return self._month((self.first + self.last + 1) // 2)

    @property
    def end(self) -> datetime:
        """The last month."""
        return self._month(self.last)

    def of(self, rows: list[Row]) -> list[Row]:
        """Their sales in the order of their months."""
        first, last = self._month(self.first), self._month(self.last)
        return sorted((row for row in rows if first <= month_of(row) <= last), key=month_of)

    def _month(self, number: int) -> datetime:
        return datetime(self.year, number, 1, tzinfo=UTC)


def month_of(row: Row) -> datetime:
    return datetime(int(row[YEAR]), int(row[MONTH]), 1, tzinfo=UTC)


def until(rows: list[Row], month: datetime) -> list[Row]:
    """What was sold by the end of a month."""
    return [row for row in rows if month_of(row) <= month]


def in_square_metres(row: Row) -> Row:
    """The same house as somebody sends it who does not know that areas are in square feet."""
    areas = {name: f"{float(row[name]) * SQUARE_METRES:.1f}" for name in AREAS if row[name]}
    return row | areas
