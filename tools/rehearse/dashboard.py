"""A use case's dashboard as a page, from the body that is deployed and what CloudWatch answers.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from tools.rehearse.charts import COLORS, Limit, Line, chart, number
from tools.rehearse.people import Person

Json = dict[str, Any]
PERIOD_SECONDS, ROW_PIXELS, COLUMN_PIXELS, TITLE_PIXELS = 300, 46, 56, 44
_OVER_ALL: Mapping[str, Callable[[Sequence[float]], float]] = {"Sum": sum, "Maximum": max, "Minimum": min}
_STATES = {"OK": "ok", "ALARM": "alarm"}
_STYLE = """
body{margin:16px auto;width:1344px;font:14px/1.45 system-ui,sans-serif;color:#16191f;background:#f2f3f3}
main{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:46px;gap:0}
section{background:#fff;border:1px solid #d5dbdb;border-radius:8px;margin:3px;padding:8px 12px}
section,.alarms div{overflow:hidden}
h1{font-size:22px;margin:0}h2{font-size:15px;margin:0 0 6px}h3{font-size:14px;margin:0 0 4px}
p{margin:0 0 6px}
svg{width:100%;height:auto;display:block}svg text{font-size:11px;fill:#545b64}
.grid{stroke:#eaeded;fill:none}.limit{fill:none;stroke-dasharray:5 3;stroke-width:1.5}
.line{fill:none;stroke-width:2}.number{font-size:34px;line-height:1.2;font-weight:300}.small{color:#687078}
.alarms{display:grid;grid-template-columns:repeat(4,1fr);gap:6px}
.alarms div{border-left:5px solid #aab7b8;background:#f8f9f9;padding:1px 8px;font-size:12px;
white-space:nowrap;text-overflow:ellipsis}
.alarms .ok{border-color:#1d8102;background:#f2f8f0}.alarms .alarm{border-color:#d13212;background:#fdf3f1}
"""


@dataclass(frozen=True)
class Dashboard:
    """A deployed dashboard, seen by somebody who may."""

    person: Person
    name: str
    until: datetime

    @property
    def body(self) -> Json:
        client = self.person.client("cloudwatch")
        content: Json = json.loads(client.get_dashboard(DashboardName=self.name)["DashboardBody"])
        return content

    def lines(self, properties: Json, since: datetime) -> list[Line]:
        """The metrics and expressions of a widget that are visible, and have values."""
        queries = [_query(row, place) for place, row in enumerate(properties.get("metrics", ()))]
        answer = self.person.client("cloudwatch").get_metric_data(
            MetricDataQueries=queries, StartTime=since, EndTime=self.until, ScanBy="TimestampAscending"
        )
        return [
            Line(found["Label"], list(zip(found["Timestamps"], found["Values"], strict=True)))
            for found in answer["MetricDataResults"]
        ]

    def alarms(self, arns: Sequence[str]) -> list[Json]:
        names = [arn.split(":alarm:")[1] for arn in arns]
        found = self.person.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
        return sorted(found, key=lambda alarm: names.index(alarm["AlarmName"]))


def draw(person: Person, name: str, file: Path) -> None:
    """Write the dashboard as one page without scripts, and without anything that it loads."""
    dashboard = Dashboard(person, name, datetime.now(UTC) + timedelta(minutes=1))
    body = dashboard.body
    since = dashboard.until - interval(body.get("start", "-PT3H"))
    drawn: Mapping[str, Callable[[Json], str]] = {
        "text": _text,
        "alarm": partial(_alarms, dashboard),
        "metric": partial(_metrics, dashboard, since),
    }
    sections = "".join(_section(widget, drawn[widget["type"]](widget)) for widget in body["widgets"])
    head = f'<meta charset="utf-8"><title>{escape(name)}</title><style>{_STYLE}</style>'
    file.write_text(
        f'<!doctype html><html lang="en"><head>{head}</head><body><main>{sections}</main></body></html>\n',
        "utf-8",
    )


def interval(start: str) -> timedelta:
    """Of a start like -P7D or -PT3H; others are not written here."""
    unit = {"D": "days", "H": "hours"}[start[-1]]
    return timedelta(**{unit: int(start.strip("-PTDH"))})


def _query(row: Sequence[Any], place: int) -> Json:
    """What GetMetricData is asked for a row of `metrics`."""
    options: Json = row[-1] if isinstance(row[-1], dict) else {}
    texts = [each for each in row if isinstance(each, str)]
    asked = {
        "Id": options.get("id", f"row{place}"),
        "ReturnData": options.get("visible", True),
        **({"Label": options["label"]} if "label" in options else {}),
    }
    if not texts:
        return asked | {"Expression": options["expression"]}
    dimensions = [
        {"Name": name, "Value": value} for name, value in zip(texts[2::2], texts[3::2], strict=True)
    ]
    metric = {"Namespace": texts[0], "MetricName": texts[1], "Dimensions": dimensions}
    period, stat = options.get("period", PERIOD_SECONDS), options.get("stat", "Average")
    return asked | {"MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def _section(widget: Json, content: str) -> str:
    columns = f"{widget['x'] + 1}/span {widget['width']}"
    rows = f"{widget['y'] + 1}/span {widget['height']}"
    title = widget["properties"].get("title", "")
    heading = f"<h3>{escape(title)}</h3>" if title else ""
    return f'<section style="grid-column:{columns};grid-row:{rows}">{heading}{content}</section>'


def _text(widget: Json) -> str:
    return str(MarkdownIt().render(widget["properties"]["markdown"]))


def _alarms(dashboard: Dashboard, widget: Json) -> str:
    tiles = [
        f'<div class="{_STATES.get(alarm["StateValue"], "")}"><b>{alarm["StateValue"]}</b> '
        f"{escape(alarm['AlarmName'].removeprefix(f'{dashboard.name}-'))}"
        f"<br>{escape(alarm['AlarmDescription'].partition('. What to do')[0])}</div>"
        for alarm in dashboard.alarms(widget["properties"]["alarms"])
    ]
    return f'<div class="alarms">{"".join(tiles)}</div>'


def _metrics(dashboard: Dashboard, since: datetime, widget: Json) -> str:
    properties = widget["properties"]
    lines = [line for line in dashboard.lines(properties, since) if line.points]
    if not lines:
        return '<p class="small">No data</p>'
    if properties["view"] == "singleValue":
        return "".join(_value(properties, line) for line in lines)
    limits = [
        Limit(each["value"], each.get("label", ""), each.get("color", COLORS[0]))
        for each in properties.get("annotations", {}).get("horizontal", ())
    ]
    size = (widget["width"] * COLUMN_PIXELS - 32, widget["height"] * ROW_PIXELS - TITLE_PIXELS)
    return chart(lines, limits, size, properties.get("yAxis", {}).get("left", {}).get("min"))


def _value(properties: Json, line: Line) -> str:
    values = [value for _, value in line.points]
    shown = values[-1]
    if properties.get("setPeriodToTimeRange"):
        # An expression has none, and sums or compares what has one.
        stats = [row[-1]["stat"] for row in properties["metrics"] if "stat" in row[-1]]
        shown = _OVER_ALL[stats[0]](values)
    return f'<div class="number">{number(shown)}</div>'
