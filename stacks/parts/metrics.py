"""What CloudWatch measures, as data: alarms watch it, and dashboards show it."""

from collections.abc import Mapping
from dataclasses import dataclass

MINUTE, HOUR = 60, 3600
STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
"""All others are extended ones, such as p99: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"""


@dataclass(frozen=True)
class Metric:
    """One figure for each period."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period_seconds: int
    label: str | None = None

    @property
    def is_extended(self) -> bool:
        return self.statistic not in STATISTICS

    @property
    def is_percentile(self) -> bool:
        return self.statistic.startswith("p")


@dataclass(frozen=True)
class MathExpression:
    """One figure computed from several metrics of the same periods, which it knows by these names."""

    expression: str
    metrics: Mapping[str, Metric]
    label: str

    def __post_init__(self) -> None:
        periods = sorted({metric.period_seconds for metric in self.metrics.values()})
        if len(periods) != 1:
            told = ", ".join(map(str, periods)) or "no metric"
            raise ValueError(f"{self.expression}: say metrics of one period, in seconds: {told}")

    @property
    def period_seconds(self) -> int:
        return next(iter(self.metrics.values())).period_seconds


Figure = Metric | MathExpression
