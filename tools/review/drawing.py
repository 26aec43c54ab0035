"""A small Mermaid flowchart as a picture: one column per distance from the first steps."""

import re
from html import escape
from typing import NamedTuple

_NODE = re.compile(r'^ +(?P<name>\w+)[\[{(]+"(?P<label>[^"]*)"', re.MULTILINE)
_ARROW = re.compile(r'^ +(?P<source>\w+) -->(?:\|"(?P<label>[^"]*)"\|)? (?P<target>\w+)$', re.MULTILINE)
_STYLE = re.compile(r"^ +style (?P<name>\w+) (?P<style>[\w#:,-]+)$", re.MULTILINE)

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 150, 44, 50, 20, 10
# Above the boxes, where arrows pass that leave columns out.
_BOW = 40


class _Place(NamedTuple):
    x: int
    y: int


def svg(flowchart: str) -> str:
    """What `pipeline_lines` writes, with styles; names and labels are escaped."""
    labels = {found["name"]: found["label"] for found in _NODE.finditer(flowchart)}
    arrows = [
        (found["source"], found["target"], found["label"] or "") for found in _ARROW.finditer(flowchart)
    ]
    styles = {found["name"]: found["style"].replace(",", ";") for found in _STYLE.finditer(flowchart)}
    places = _places(labels, arrows)
    width = max((place.x for place in places.values()), default=0) + _WIDTH + _MARGIN
    height = max((place.y for place in places.values()), default=0) + _HEIGHT + _MARGIN
    drawn = [_arrow(places[source], places[target], label) for source, target, label in arrows]
    drawn += [_node(places[name], label, styles.get(name, "")) for name, label in labels.items()]
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img">{"".join(drawn)}</svg>'


def _places(labels: dict[str, str], arrows: list[tuple[str, str, str]]) -> dict[str, _Place]:
    column = dict.fromkeys(labels, 0)
    for _ in labels:
        for source, target, _label in arrows:
            column[target] = max(column[target], min(column[source] + 1, len(labels)))
    row: dict[int, int] = {}
    places = {}
    for name in labels:
        at = column[name]
        row[at] = row.get(at, -1) + 1
        places[name] = _Place(_MARGIN + at * (_WIDTH + _GAP_X), _BOW + row[at] * (_HEIGHT + _GAP_Y))
    return places


def _arrow(source: _Place, target: _Place, label: str) -> str:
    x1, y1 = source.x + _WIDTH, source.y + _HEIGHT // 2
    x2, y2 = target.x, target.y + _HEIGHT // 2
    middle = (x1 + x2) // 2
    above = -_BOW if x2 - x1 > _GAP_X else 0
    bent = f"C{middle},{y1 + 2 * above} {middle},{y2 + 2 * above} {x2 - 6},{y2}"
    line = f'<path d="M{x1},{y1} {bent}" class="arrow"/>'
    head = f'<path d="M{x2},{y2} l-7,-4 v8 z" class="head"/>'
    word = f'<text x="{middle}" y="{(y1 + y2) // 2 - 4}" class="word">{escape(label)}</text>' if label else ""
    return line + head + word


def _node(place: _Place, label: str, style: str) -> str:
    first, _, second = label.partition("<br/>")
    x = place.x + _WIDTH // 2
    size = f'width="{_WIDTH}" height="{_HEIGHT}" rx="6"'
    return (
        f'<rect x="{place.x}" y="{place.y}" {size} style="{escape(style)}"/>'
        f'<text x="{x}" y="{place.y + 19}">{escape(first)}</text>'
        f'<text x="{x}" y="{place.y + 35}" class="type">{escape(second)}</text>'
    )
