"""What a monitor leaves: reports, and the request that publishes its metrics.

A job without a network cannot publish metrics, so that it leaves them for whoever started it:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabular import Arguments, DataError, base_dir

Json = dict[str, Any]
LARGEST_METRIC = 2.0**360
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html."""


ENDPOINT, BATCH = "Endpoint", "Batch"
COUNTED = {ENDPOINT: "requests", BATCH: "rows"}
"""What is counted, by the dimension of the metrics."""


@dataclass(frozen=True)
class Window:
    """Hours of one day, of which an endpoint's requests, or a batch's rows, are compared with something."""

    name: str
    """Of the endpoint, and of what has batches predicted beside it."""
    namespace: str
    """Of the metrics."""
    hours: range
    dimension: str = ENDPOINT
    """What the metrics say the name is: an endpoint's, or that of batches."""

    @classmethod
    def arguments(cls, program: str) -> Arguments:
        parser = Arguments(prog=program, allow_abbrev=False)
        parser.add_argument("--endpoint", required=True)
        parser.add_argument("--namespace", required=True)
        parser.add_argument("--last-hour", type=int, required=True)
        parser.add_argument("--window-hours", type=int, required=True)
        return parser

    @property
    def counted(self) -> str:
        return COUNTED[self.dimension]

    @property
    def a_year(self) -> float:
        """How many such windows a year has."""
        return 365 * 24 / len(self.hours)

    @classmethod
    def of(cls, arguments: Any) -> Window:
        first = arguments.last_hour - arguments.window_hours + 1
        return cls(arguments.endpoint, arguments.namespace, range(first, arguments.last_hour + 1))

    def captured(self) -> Iterator[Path]:
        """The files of these hours, in the order of their names."""
        for hour in self.hours:
            yield from sorted((inputs() / "captured" / f"{hour:02}").rglob("*.jsonl"))

    def leave_metrics(self, values: Mapping[str, float]) -> None:
        """Write metrics.json, a request of PutMetricData, with the nearest values that CloudWatch takes."""
        dimensions = [{"Name": self.dimension, "Value": self.name}]
        data = [
            {"MetricName": name, "Value": nearest, "Dimensions": dimensions}
            for name, value in values.items()
            if not math.isnan(nearest := max(min(value, LARGEST_METRIC), -LARGEST_METRIC))
        ]
        write("metrics", {"Namespace": self.namespace, "MetricData": data})


def inputs() -> Path:
    return base_dir() / "processing" / "input"


def read(path: Path) -> Json:
    if not path.is_file():
        raise DataError(f"{path} does not exist")
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    return content


def report_folder() -> Path:
    return base_dir() / "processing" / "output" / "report"


def write(name: str, content: Json) -> None:
    folder = report_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, indent=2, allow_nan=False), encoding="utf-8")
