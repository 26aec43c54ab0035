"""The sample data of the rehearsal: what is real about a use case that an empty account has not."""

import csv
from dataclasses import dataclass
from pathlib import Path

DATA_FOLDER = Path(__file__).resolve().parents[2] / "data"

Row = dict[str, str]


@dataclass(frozen=True)
class Sample:
    """A use case's raw file, and which of its rows differ from the others."""

    use_case: str
    file_name: str
    target: str
    rows: str
    """What a row is about, in the plural."""
    column: str
    value: str
    """The rows with this value in this column are what the endpoint is asked when the data have drifted."""
    drifted: str
    """What those rows are called."""

    @property
    def path(self) -> Path:
        """The raw file in this repository."""
        return DATA_FOLDER / self.file_name

    def drifted_rows(self) -> list[Row]:
        """Live traffic that differs from the training data."""
        with self.path.open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row[self.column] == self.value]


HOUSE_PRICES = Sample(
    use_case="house-prices",
    file_name="house_prices.csv",
    target="Sale_Price",
    rows="houses",
    column="Year_Sold",
    value="2010",
    drifted="sales of 2010",
)
CHURN = Sample(
    use_case="churn",
    file_name="churn.csv",
    target="churn",
    rows="customers",
    column="international_plan",
    value="yes",
    drifted="customers with an international plan",
)
USED_CARS = Sample(
    use_case="used-cars",
    file_name="used_cars.csv",
    target="Price",
    rows="cars",
    column="Cadillac",
    value="1",
    drifted="Cadillacs",
)
SAMPLES = {sample.use_case: sample for sample in (HOUSE_PRICES, CHURN, USED_CARS)}
"""By use case. A use case without a sample can be deployed, but not rehearsed."""
