"""The page of a full story: one file without scripts, and without anything that it loads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from statistics import median

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tools.rehearse.charts import Limit, Line, chart
from tools.rehearse.full.figures import Bar, graph, histogram, timeline
from tools.rehearse.full.record import MACHINES, PEOPLE, Moment, Record, Rollout, Version

_RED = "#c53030"
_CHART = (606, 300)
_COLUMNS_SHOWN, _METRICS_SHOWN = 16, 4
_LANES = (MACHINES, *PEOPLE, "clients", "monitor", "mail")


@dataclass(frozen=True)
class Cell:
    """How far a column had moved in a window."""

    distance: float
    shade: int
    """From 0 to 9, the limit being 3."""
    is_named: bool


def write_page(record: Record, file: Path) -> None:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"thousands": "{:,}".format, "figure": "{:.3f}".format, "clock": "{:.0f} s".format}
    file.write_text(environment.get_template("page.html").render(page=Page(record), record=record), "utf-8")


@dataclass(frozen=True)
class Page:
    """What the template shows of a record."""

    record: Record

    @cached_property
    def timeline(self) -> Markup:
        bars = [Bar(moment.who, moment.at, moment.seconds, moment.what) for moment in self.record.moments]
        bars += [_asking(rollout) for rollout in self.record.rollouts]
        bars += [
            Bar("mail", mail.at, 0, mail.subject, "alarm" if mail.is_alarm else "told")
            for mail in self.record.mails
        ]
        return Markup(timeline(_LANES, bars, self.record.seconds))  # noqa: S704 - its texts are escaped

    def graph(self, version: Version) -> Markup:
        return Markup(graph(version.steps))  # noqa: S704

    def histogram(self, rollout: Rollout) -> Markup:
        seconds = [each.seconds for each in rollout.asked]
        return Markup(histogram(seconds, self.record.latency_limit_ms))  # noqa: S704

    @cached_property
    def decisions(self) -> list[tuple[Moment, str]]:
        """What people did, with their names."""
        return [
            (moment, self.record.people[moment.who])
            for moment in self.record.moments
            if moment.told.startswith(tuple(f"The {person}" for person in PEOPLE))
        ]

    @cached_property
    def metrics(self) -> list[str]:
        """The one that decides, and some others that are shares."""
        shares = (name for name, value in self.record.versions[0].metrics.items() if abs(value) <= 1)
        return list(dict.fromkeys([self.record.criterion.metric, *shares]))[:_METRICS_SHOWN]

    @cached_property
    def moved(self) -> list[tuple[str, list[Cell]]]:
        """Columns that have moved most in any window, with each window's distance."""
        windows, limit = self.record.windows, self.record.drift_limit
        most = {
            name: max(window.distances.get(name, 0.0) for window in windows)
            for name in dict.fromkeys(name for window in windows for name in window.distances)
        }
        shown = sorted(most, key=lambda name: -most[name])[:_COLUMNS_SHOWN]
        return [
            (
                name,
                [
                    Cell(distance, min(9, int(3 * distance / limit)), name in window.named)
                    for window in windows
                    for distance in [max(window.distances.get(name, 0.0), 0.0)]
                ],
            )
            for name in shown
        ]

    @cached_property
    def drift(self) -> Markup:
        lines = [
            Line(name, [(window.month, max(window.distances[name], 0.0)) for window in self.record.windows])
            for name, _ in self.moved[:6]
        ]
        limit = Limit(self.record.drift_limit, f"alarm above {self.record.drift_limit:g}", _RED)
        return _chart(lines, [limit], 0)

    @cached_property
    def quality(self) -> Markup:
        criterion, windows = self.record.criterion, self.record.windows
        told = f"{criterion.comparison} {criterion.threshold:g}"
        lines = [
            Line(f"{criterion.metric}, live", [(window.month, window.live) for window in windows]),
            Line("at best, if chance was against it", [(window.month, window.at_best) for window in windows]),
        ]
        return _chart(lines, [Limit(criterion.threshold, told, _RED)], None)

    @cached_property
    def market(self) -> Markup:
        """By the month of the sale, how far prices were from what was answered."""
        months: dict[datetime, list[float]] = {}
        for each in self.record.asked:
            if each.answer is not None and each.actual:
                months.setdefault(each.month, []).append(100 * (each.answer / each.actual - 1))
        middle = [(month, median(found)) for month, found in sorted(months.items())]
        size = [(month, median(map(abs, found))) for month, found in sorted(months.items())]
        lines = [Line("median difference, %", middle), Line("its median size, %", size)]
        return _chart(lines, [Limit(0, "", _RED)], None)

    @cached_property
    def slowest(self) -> float:
        return max((each.seconds for each in self.record.asked), default=0.0)

    @cached_property
    def missed(self) -> list[str]:
        """The windows whose answers miss the criterion, and not by chance."""
        criterion = self.record.criterion
        sign = 1 if criterion.comparison == "at least" else -1
        return [
            window.told
            for window in self.record.windows
            if sign * window.at_best < sign * criterion.threshold
        ]

    @cached_property
    def alarms(self) -> int:
        return sum(mail.is_alarm for mail in self.record.mails)

    def new_names(self) -> Iterator[tuple[str, Sequence[str]]]:
        """By window, what it names and the one before has not."""
        before: set[str] = set()
        for window in self.record.windows:
            yield window.told, [name for name in window.named if name not in before]
            before = {*window.named}


def _asking(rollout: Rollout) -> Bar:
    began = min(each.at for each in rollout.asked)
    ended = max(each.at + each.seconds for each in rollout.asked)
    return Bar("clients", began, ended - began, f"{len(rollout.asked)} requests, {rollout.failed} failed")


def _chart(lines: Sequence[Line], limits: Sequence[Limit], least: float | None) -> Markup:
    return Markup(chart(lines, limits, _CHART, least))  # noqa: S704
