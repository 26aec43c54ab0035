"""Metrics over time as SVG: lines, or bars where there is one moment only."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#bcbd22")
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 14, 20
_LINES_OF_GRID, _TIMES = 4, 4
_LEGEND_PIXELS = 18
_WIDEST_BAR = 56


@dataclass(frozen=True)
class Line:
    """A metric or an expression over time; it has a point at least."""

    label: str
    points: Sequence[tuple[datetime, float]]


@dataclass(frozen=True)
class Limit:
    """A horizontal annotation."""

    value: float
    label: str
    color: str


@dataclass(frozen=True)
class Frame:
    """Where moments and values lie in a picture of so many pixels."""

    width: int
    height: int
    start: datetime
    end: datetime
    ticks: Sequence[float]

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return _LEFT + share * (self.width - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM)


def number(value: float) -> str:
    """Three digits that matter."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:.3g}"


def chart(lines: Sequence[Line], limits: Sequence[Limit], size: tuple[int, int], least: float | None) -> str:
    """The lines with their legend; `least` is where the axis begins, if not where values do."""
    rows = -(-len(lines) // 2) * _LEGEND_PIXELS
    moments = {moment for line in lines for moment, _ in line.points}
    draw, first = (_drawn, least) if len(moments) > 1 else (_bar, 0)
    frame = _frame(lines, limits, (size[0], size[1] - rows), first)
    parts = [*_grid(frame), *_times(frame, 1 if draw is _bar else _TIMES)]
    for place, line in enumerate(lines):
        parts += draw(frame, line, (place, len(lines)))
        parts.append(_legend(frame, line, place))
    parts += _drawn_limits(frame, limits)
    return f'<svg viewBox="0 0 {size[0]} {size[1]}" role="img">{"".join(parts)}</svg>'


def _frame(
    lines: Sequence[Line], limits: Sequence[Limit], size: tuple[int, int], least: float | None
) -> Frame:
    moments = [moment for line in lines for moment, _ in line.points]
    values = [value for line in lines for _, value in line.points] + [limit.value for limit in limits]
    around = max((max(moments) - min(moments)) / 8, timedelta(minutes=5))
    low = min(values) if least is None else min(least, *values)
    return Frame(*size, min(moments) - around, max(moments) + around, _ticks(low, max(values)))


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, so that all values lie between the first and the last."""
    high = high if high > low else low + (abs(low) or 1.0)
    rough = (high - low) / _LINES_OF_GRID
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= rough)
    first = math.floor(low / step)
    last = math.ceil(high / step)
    return [each * step for each in range(first, last + 1)]


def _grid(frame: Frame) -> Iterator[str]:
    for value in frame.ticks:
        y = frame.y(value)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{frame.width - _RIGHT}"/>'
        yield _text(_LEFT - 6, y + 4, number(value), "end")


def _times(frame: Frame, count: int) -> Iterator[str]:
    span = frame.end - frame.start
    for step in range(1, count + 1):
        moment = frame.start + span * step / (count + 1)
        told = moment.strftime(_clock(span))
        yield _text(frame.x(moment), frame.height - 5, told, "middle")


def _clock(span: timedelta) -> str:
    """How moments of so long a time are told."""
    if span > timedelta(days=300):
        return "%b %Y"
    return "%d %b" if span > timedelta(days=3) else "%H:%M"


def _drawn_limits(frame: Frame, limits: Sequence[Limit]) -> Iterator[str]:
    for limit in limits:
        y = frame.y(limit.value)
        yield f'<path class="limit" stroke="{limit.color}" d="M{_LEFT} {y:.1f}H{frame.width - _RIGHT}"/>'
        yield _text(frame.width - _RIGHT, y - 4, limit.label, "end", limit.color)


def _drawn(frame: Frame, line: Line, place: tuple[int, int]) -> Iterator[str]:
    color = _color(place[0])
    places = [(frame.x(moment), frame.y(value)) for moment, value in line.points]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield f'<path class="line" stroke="{color}" d="M{path}"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>' for x, y in places)


def _bar(frame: Frame, line: Line, place: tuple[int, int]) -> Iterator[str]:
    number_of_it, count = place
    room = (frame.width - _LEFT - _RIGHT) / count
    width = min(room * 0.6, _WIDEST_BAR)
    middle, (_, value) = _LEFT + (number_of_it + 0.5) * room, line.points[0]
    top, foot = sorted((frame.y(value), frame.y(0)))
    yield (
        f'<rect x="{middle - width / 2:.1f}" y="{top:.1f}" width="{width:.1f}" height="{foot - top:.1f}" '
        f'fill="{_color(number_of_it)}"/>'
    )
    yield _text(middle, top - 4, number(value), "middle")


def _legend(frame: Frame, line: Line, place: int) -> str:
    x = _LEFT + (place % 2) * (frame.width - _LEFT) / 2
    y = frame.height + _LEGEND_PIXELS * (place // 2) + 12
    square = f'<rect x="{x:.0f}" y="{y - 9}" width="10" height="10" rx="2" fill="{_color(place)}"/>'
    return square + _text(x + 15, y, f"{line.label}: {number(line.points[-1][1])}", "start")


def _color(place: int) -> str:
    return COLORS[place % len(COLORS)]


def _text(x: float, y: float, told: str, anchor: str, color: str = "") -> str:
    fill = f' style="fill:{color}"' if color else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{fill}>{escape(told)}</text>'
