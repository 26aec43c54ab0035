"""Figures of the full story that are no lines over time, as SVG."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tools.rehearse.full.record import Step

WIDTH = 1240
_LANE_PIXELS, _LANE_LEFT, _FOOT = 30, 120, 22
_LETTER_PIXELS = 6.2
_NODE, _BETWEEN = (158, 40), (20, 16)
_BINS_OF_A_DECADE, _DECADES = 10, (0, 4)
_HISTOGRAM = (600, 220)
_TICK_SECONDS = 20


@dataclass(frozen=True)
class Bar:
    """Something that somebody does for some seconds; for none it is a dot."""

    lane: str
    at: float
    seconds: float
    told: str
    kind: str = ""
    """A class of the page's style."""


def timeline(lanes: Sequence[str], bars: Sequence[Bar], seconds: float) -> str:
    """A lane for each of those who act, from the first second to the last."""
    height = len(lanes) * _LANE_PIXELS + _FOOT
    scale = (WIDTH - _LANE_LEFT - 10) / max(seconds, 1.0)
    parts = [*_lanes(lanes), *_seconds(seconds, scale, height)]
    for place, lane in enumerate(lanes):
        own = sorted((bar for bar in bars if bar.lane == lane), key=lambda bar: bar.at)
        ends = [*(bar.at for bar in own[1:]), seconds]
        for bar, end in zip(own, ends, strict=False):
            left = (_LANE_LEFT + bar.at * scale, place * _LANE_PIXELS)
            drawn = _bar(bar, left, scale, (end - bar.at) * scale)
            parts.append(f"<g><title>{bar.at:.0f} s: {escape(bar.told)}</title>{drawn}</g>")
    return _svg(WIDTH, height, parts)


def _lanes(lanes: Sequence[str]) -> Iterator[str]:
    for place, lane in enumerate(lanes):
        y = place * _LANE_PIXELS
        yield f'<rect class="lane{place % 2}" x="0" y="{y}" width="{WIDTH}" height="{_LANE_PIXELS}"/>'
        yield _text(8, y + 19, lane, "start", "lane")


def _seconds(seconds: float, scale: float, height: float) -> Iterator[str]:
    for second in range(0, int(seconds) + 1, _TICK_SECONDS):
        x = _LANE_LEFT + second * scale
        yield f'<path class="grid" d="M{x:.1f} 0V{height - _FOOT}"/>'
        yield _text(x, height - 6, f"{second} s", "middle")


def _bar(bar: Bar, left: tuple[float, float], scale: float, room: float) -> str:
    """With as much of what is told as there is room before the next one."""
    x, y = left
    if not bar.seconds:
        return f'<circle class="{bar.kind}" cx="{x:.1f}" cy="{y + _LANE_PIXELS / 2}" r="6"/>'
    width = max(bar.seconds * scale, 3.0)
    letters = int((room - 8) / _LETTER_PIXELS)
    told = bar.told if len(bar.told) <= letters else f"{bar.told[: letters - 1]}…"
    label = _text(x + 5, y + 19, told, "start", "inside") if letters > 5 else ""
    return (
        f'<rect class="bar {bar.kind}" x="{x:.1f}" y="{y + 4}" width="{width:.1f}" '
        f'height="{_LANE_PIXELS - 8}" rx="4"/>{label}'
    )


def graph(steps: Sequence[Step]) -> str:
    """The steps of an execution from left to right, each behind those that it waits for."""
    after = _direct({step.name: list(step.after) for step in steps})
    depths: dict[str, int] = {}
    for name in after:
        depths[name] = _depth(name, after)
    columns: dict[int, list[str]] = {}
    for name, depth in depths.items():
        columns.setdefault(depth, []).append(name)
    rows = max(len(names) for names in columns.values())
    places = {
        name: (2 + depth * (_NODE[0] + _BETWEEN[0]), 2 + row * (_NODE[1] + _BETWEEN[1]))
        for depth, names in columns.items()
        for row, name in enumerate(names)
    }
    parts = [_edge(places[before], places[name]) for name in after for before in after[name]]
    parts += [_node(step, *places[step.name]) for step in steps]
    width = (max(columns) + 1) * (_NODE[0] + _BETWEEN[0])
    return _svg(max(width, WIDTH), rows * (_NODE[1] + _BETWEEN[1]), parts)


def _direct(after: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Without those that are waited for anyway."""
    known = {name: [each for each in before if each in after] for name, before in after.items()}

    def all_before(name: str) -> set[str]:
        return {each for before in known[name] for each in (before, *all_before(before))}

    return {
        name: [
            each for each in before if not any(each in all_before(other) for other in before if other != each)
        ]
        for name, before in known.items()
    }


def _depth(name: str, after: Mapping[str, Sequence[str]]) -> int:
    return 1 + max((_depth(each, after) for each in after[name]), default=-1)


def _edge(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + _NODE[0], start[1] + _NODE[1] / 2
    to_x, to_y = end[0], end[1] + _NODE[1] / 2
    half = (to_x - x) / 2
    return f'<path class="edge" d="M{x} {y}C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}"/>'


def _node(step: Step, x: float, y: float) -> str:
    return (
        f'<rect class="node {escape(step.status)}" x="{x}" y="{y}" width="{_NODE[0]}" height="{_NODE[1]}" '
        f'rx="6"/>{_text(x + 10, y + 17, step.name, "start", "name")}'
        f"{_text(x + 10, y + 32, f'{step.status}, {step.seconds:.1f} s', 'start')}"
    )


def histogram(seconds: Sequence[float], limit_ms: float) -> str:
    """How many answers took so long; milliseconds on a logarithmic axis."""
    first, last = _DECADES
    counts = [0] * ((last - first) * _BINS_OF_A_DECADE)
    for each in seconds:
        place = (math.log10(max(each * 1000, 1.0)) - first) * _BINS_OF_A_DECADE
        counts[min(int(place), len(counts) - 1)] += 1
    width, height = _HISTOGRAM
    foot, most = height - _FOOT, max([*counts, 1])
    wide = width / len(counts)
    parts = []
    for place, number in enumerate(counts):
        high = (foot - 20) * number / most
        kind = "slow" if place >= (math.log10(limit_ms) - first) * _BINS_OF_A_DECADE else "quick"
        x = place * wide
        if number:
            parts.append(
                f'<rect class="{kind}" x="{x + 1:.1f}" y="{foot - high:.1f}" width="{wide - 2:.1f}" '
                f'height="{high:.1f}"/>{_text(x + wide / 2, foot - high - 4, str(number), "middle")}'
            )
    for decade in range(first, last):
        parts.append(_text(decade * _BINS_OF_A_DECADE * wide + 2, height - 6, f"{10**decade:,} ms", "start"))
    at = (math.log10(limit_ms) - first) * _BINS_OF_A_DECADE * wide
    parts.append(f'<path class="limit" d="M{at:.1f} 0V{foot}"/><path class="grid" d="M0 {foot}H{width}"/>')
    parts.append(_text(at + 5, 12, f"limit {limit_ms:,.0f} ms", "start", "told"))
    return _svg(width, height, parts)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img">{"".join(parts)}</svg>'


def _text(x: float, y: float, told: str, anchor: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(told)}</text>'
