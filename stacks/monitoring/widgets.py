"""Widgets of a dashboard, as data in CloudWatch's words.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from stacks.parts.metrics import MINUTE, Figure, Metric

Json = dict[str, Any]

COLUMNS = 24
GRAPH_HEIGHT = 6
RED = "#d62728"
_USUAL_PERIOD, _USUAL_STATISTIC = 5 * MINUTE, "Average"
"""What CloudWatch shows where nothing is said."""


@dataclass(frozen=True)
class Widget:
    """A part of a row; its width is known when the row is complete."""

    kind: str
    height: int
    properties: Json


def text(*lines: str, height: int) -> Widget:
    return Widget("text", height, {"markdown": "\n".join(lines)})


def alarms(title: str, arns: Sequence[str]) -> Widget:
    return Widget("alarm", 1 + (len(arns) + 3) // 4, {"title": title, "alarms": list(arns)})


@dataclass(frozen=True)
class Measuring:
    """Widgets that show metrics of one region."""

    region: str

    def number(self, title: str, figure: Figure, *, over_all: bool = False) -> Widget:
        """The newest one, or that of all that the page shows."""
        shown = self._shown("singleValue", title, [figure])
        return Widget("metric", 2, {**shown, "setPeriodToTimeRange": over_all})

    def graph(self, title: str, figures: Sequence[Figure], *limits: Json, from_zero: bool = True) -> Widget:
        shown = self._shown("timeSeries", title, figures)
        annotations = {"annotations": {"horizontal": list(limits)}} if limits else {}
        axis = {"left": {"min": 0, "showUnits": False}} if from_zero else {}
        return Widget("metric", GRAPH_HEIGHT, {**shown, **annotations, "yAxis": axis})

    def _shown(self, view: str, title: str, figures: Sequence[Figure]) -> Json:
        _refuse_same_names(title, figures)
        metrics = list(chain.from_iterable(map(_rows, figures)))
        return {"view": view, "title": title, "region": self.region, "metrics": metrics}


def limit(value: float, label: str) -> Json:
    """A line across a graph."""
    return {"value": value, "color": RED, "label": label, "yAxis": "left"}


def laid_out(rows: Sequence[Sequence[Widget]]) -> list[Json]:
    """One row below the other, each as wide as the page."""
    return list(chain.from_iterable(_placed(row, y) for row, y in zip(rows, _heights(rows), strict=True)))


def _heights(rows: Sequence[Sequence[Widget]]) -> Iterator[int]:
    y = 0
    for row in rows:
        yield y
        y += max(widget.height for widget in row)


def _placed(row: Sequence[Widget], y: int) -> Iterator[Json]:
    ends = [COLUMNS * number // len(row) for number in range(len(row) + 1)]
    for widget, x, end in zip(row, ends, ends[1:], strict=False):
        size = {"width": end - x, "height": widget.height, "x": x, "y": y}
        yield {"type": widget.kind, **size, "properties": widget.properties}


def _refuse_same_names(title: str, figures: Sequence[Figure]) -> None:
    """A graph knows a metric by its name, whichever expression has it."""
    computed = [figure for figure in figures if not isinstance(figure, Metric)]
    names = Counter(chain.from_iterable(figure.metrics for figure in computed))
    if twice := [name for name, times in names.items() if times > 1]:
        raise ValueError(f"{title}: give metrics of several expressions other names: {', '.join(twice)}")


def _rows(figure: Figure) -> list[list[Any]]:
    """As a graph has it: what an expression is computed from follows it, and is not shown itself."""
    if isinstance(figure, Metric):
        return [_row(figure)]
    computed = {"label": figure.label, "expression": figure.expression, **_period(figure)}
    return [[computed], *(_row(metric, id=name, visible=False) for name, metric in figure.metrics.items())]


def _row(metric: Metric, **options: object) -> list[Any]:
    dimensions = chain.from_iterable(sorted(metric.dimensions.items()))
    label = {"label": metric.label} if metric.label else {}
    statistic = {} if metric.statistic == _USUAL_STATISTIC else {"stat": metric.statistic}
    said = {**label, **options, **_period(metric), **statistic}
    return [metric.namespace, metric.name, *dimensions, *([said] if said else [])]


def _period(figure: Figure) -> Json:
    return {} if figure.period_seconds == _USUAL_PERIOD else {"period": figure.period_seconds}
