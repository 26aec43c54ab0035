"""The sample data of the rehearsal: real houses and what they were sold for."""

import csv
from dataclasses import dataclass
from pathlib import Path

DATA_FOLDER = Path(__file__).resolve().parents[2] / "data"

Row = dict[str, str]


@dataclass(frozen=True)
class Sample:
    """A use case's raw file, and which of its rows came later than the others."""

    use_case: str
    file_name: str
    target: str
    time_column: str
    later: str
    description: str

    @property
    def path(self) -> Path:
        """The raw file in this repository."""
        return DATA_FOLDER / self.file_name

    def later_rows(self) -> list[Row]:
        """The rows of the last period: live traffic that the model meets after its training data."""
        with self.path.open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row[self.time_column] == self.later]


HOUSE_PRICES = Sample(
    use_case="house-prices",
    file_name="house_prices.csv",
    target="Sale_Price",
    time_column="Year_Sold",
    later="2010",
    description="sales of 2010",
)
