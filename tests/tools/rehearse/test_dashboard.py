"""The dashboard as a page: what is deployed, with what CloudWatch answers."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse.charts import Limit, Line, chart
from tools.rehearse.dashboard import Dashboard, interval
from tools.rehearse.people import Person

NAME = "dev-house-prices"
HOUR = datetime(2026, 11, 22, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def dashboard(people: dict[str, Person]) -> Dashboard:
    return Dashboard(people["MLOps engineer"], NAME, datetime.now(UTC) + timedelta(minutes=1))


@pytest.fixture(scope="module")
def page(kept: Kept) -> str:
    return (kept.folder / "dashboard-house-prices.html").read_text("utf-8")


def test_somebody_publishes_every_metric_that_is_shown(dashboard: Dashboard) -> None:
    """But those of failures: none has happened. No batch is run there, and what has retrained rests."""
    since = dashboard.until - timedelta(days=7)
    shown = [widget["properties"] for widget in dashboard.body["widgets"] if widget["type"] == "metric"]
    assert len(shown) > 8
    for properties in shown:
        visible = {**properties, "metrics": [_visible(row) for row in properties["metrics"]]}
        silent = {line.label for line in dashboard.lines(visible, since) if not line.points}
        expected = {"batch succeeded", "retraining succeeded"}
        unexpected = {label for label in silent - expected if not label.endswith(" failed")}
        assert unexpected == set(), properties["title"]


def _visible(row: list[Any]) -> list[Any]:
    return [each | {"visible": True} if isinstance(each, dict) else each for each in row]


def test_the_page_has_every_widget_at_its_place(dashboard: Dashboard, page: str) -> None:
    found = re.findall(r"grid-column:(\d+)/span (\d+);grid-row:(\d+)/span (\d+)", page)
    expected = [
        (widget["x"] + 1, widget["width"], widget["y"] + 1, widget["height"])
        for widget in dashboard.body["widgets"]
    ]
    assert [tuple(map(int, each)) for each in found] == expected
    assert "No data" not in page


def test_the_page_tells_what_the_story_has_told(page: str) -> None:
    assert "<h1>house-prices in dev</h1>" in page
    assert re.search(
        r'<div class="alarm"><b>ALARM</b> monitoring-Drift[\w-]+<br>dev-house-prices: live', page
    )
    assert re.search(r"Requests</h3>.*?>203<", page)
    assert re.search(r"Year_Sold: 0\.287", page)
    assert "alarm above 0.1" in page


def test_the_page_loads_nothing_and_runs_nothing(page: str) -> None:
    assert not re.findall(r"<script|<link|<img|src=|@import|url\(", page)


def _svg(*lines: Line, limits: tuple[Limit, ...] = ()) -> ElementTree.Element:
    return ElementTree.fromstring(chart(lines, limits, (400, 200), 0))


def test_what_a_start_does_not_say_in_days_or_hours_is_not_guessed() -> None:
    assert [interval(start) for start in ("-P7D", "-PT3H")] == [timedelta(days=7), timedelta(hours=3)]
    with pytest.raises(KeyError):
        interval("-P1M")


def test_a_metric_over_time_is_a_line_that_rises_where_it_does() -> None:
    line = Line("requests", [(HOUR, 1.0), (HOUR + timedelta(hours=1), 3.0), (HOUR + timedelta(hours=2), 2.0)])
    first, second, third = (
        (float(each.attrib["cx"]), float(each.attrib["cy"])) for each in _svg(line).iter("circle")
    )
    assert first[0] < second[0] < third[0]
    assert second[1] < third[1] < first[1]


def test_a_single_moment_is_a_bar_for_each_metric_as_high_as_its_value() -> None:
    svg = _svg(Line("a", [(HOUR, 1.0)]), Line("b", [(HOUR, 2.0)]))
    low, high = (float(each.attrib["height"]) for each in svg.iter("rect") if each.attrib["width"] != "10")
    assert high == pytest.approx(2 * low, rel=0.01)


def test_a_limit_lies_at_its_value_and_is_told() -> None:
    svg = _svg(Line("a", [(HOUR, 1.0)]), limits=(Limit(1.0, "alarm above 1", "#d62728"),))
    (limit,) = [each for each in svg.iter("path") if each.attrib["class"] == "limit"]
    bar = next(each for each in svg.iter("rect") if each.attrib["width"] != "10")
    assert f"46 {float(bar.attrib['y']):.1f}H" in limit.attrib["d"]
    assert "alarm above 1" in [text.text for text in svg.iter("text")]


def test_letters_of_markup_in_labels_are_letters() -> None:
    assert "<b>" in [
        text.text for text in _svg(Line("a", [(HOUR, 1.0)]), limits=(Limit(1, "<b>", "red"),)).iter("text")
    ]
