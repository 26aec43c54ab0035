"""A run of the monitor as one HTML page that needs no network: then and now, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from attribution_drift import FEWEST_ROWS, LEAST, Ranking
from bias_drift import FEWEST_ROWS as FEWEST_OF_A_GROUP
from bias_drift import Fares
from data_quality import Comparison, completeness
from distances import categories, present, values_of
from page import STYLE, figure, render
from window import BATCH, Window, report_folder

Json = dict[str, Any]
CATEGORIES_SHOWN, FEATURES_SHOWN = 12, 20
_PAGE = (
    """\
{% macro bars(rows) %}
<table class="bars">
{% for label, then, now in rows %}
<tr><td>{{ label }}</td>
<td><div class="then" style="width:{{ (100 * then) | round(1) }}%"></div>
<div class="now" style="width:{{ (100 * now) | round(1) }}%"></div></td>
<td class="number">{{ then | percent }}</td><td class="number">{{ now | percent }}</td></tr>
{% endfor %}
</table>
{% endmacro %}
{% macro not_compared(error) %}
<p class="marked">Could not be compared: {{ error }}. What the version has left cannot be read.</p>
{% endmacro %}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
"""
    + STYLE
    + """\
  .marked { background: #feebc8; font-weight: 600 }
  .bars { width: 100% } .bars td { border: 0; padding: .05rem .8rem .05rem 0 }
  .bars td:nth-child(1) { width: 14rem } .bars td:nth-child(2) { width: 60% }
  .then, .now { height: .5rem } .then { background: #718096 } .now { background: #2b6cb0 }
  summary { cursor: pointer } .key { display: inline-block; width: 1rem }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<p>{{ found.values[counted] | thousands }} {{ counted }} {{ when }},
{{ found.values["unreadable_" + counted] | thousands }} of them cannot be read.
<span class="key then"></span> when the version was registered <span class="key now"></span> now</p>

<h2>Violations</h2>
{% if not rows %}
<p><strong>No data.</strong> {{ nothing }}: it is not known whether anything has changed.</p>
{% elif found.violations %}
<table>
{% for each in found.violations %}
<tr class="marked"><td>{{ each.feature_name }}</td><td>{{ each.constraint_check_type }}</td>
<td>{{ each.description }}</td></tr>
{% endfor %}
</table>
{% else %}
<p>None in {{ rows | thousands }} rows.</p>
{% endif %}
{% if rows %}

<h2>Columns</h2>
<p>How far each has moved beyond what chance explains; from {{ found.comparison.limit }} on it counts as
drifted. Quiet windows of so many rows do not exceed <em>by chance</em>. Those that have moved most come
first.</p>
{% for name, moved, missing, shares in columns %}
{% set has_drifted = moved and moved.beyond > found.comparison.limit %}
<details{% if has_drifted %} open{% endif %}>
<summary{% if has_drifted %} class="marked"{% endif %}><strong>{{ name }}</strong>
{% if moved %}
{{ moved.method }} {{ moved.distance | figure }}, by chance {{ moved.chance | figure }}
{% else %}
not compared: too few rows, or of another kind
{% endif %}
; missing {{ missing[0] | percent }}, now {{ missing[1] | percent }}</summary>
{{ bars(shares) }}
</details>
{% endfor %}

<h2>How groups fare</h2>
{% if "groups" in found.failed %}
{{ not_compared(found.failed.groups) }}
{% elif found.groups is none %}
<p>The version compares no groups, or is older than this comparison.</p>
{% elif not found.groups %}
<p><strong>No data.</strong> A group, or all others, have fewer than {{ fewest_of_a_group }} rows.</p>
{% else %}
<p>By the answers alone. Marked: farther from equal than when the version was registered, by more than
chance.</p>
<table>
<tr><th>group</th><th>metric</th><th>registered</th><th>now</th><th>by chance</th></tr>
{% for each in found.groups %}
<tr{% if each.beyond %} class="marked"{% endif %}><td>{{ each.group.name }}</td><td>{{ each.metric }}</td>
<td class="number">{{ each.registered | figure }}</td><td class="number">{{ each.value | figure }}</td>
<td class="number">{{ each.between[0] | figure }} to {{ each.between[1] | figure }}</td></tr>
{% endfor %}
</table>
{% endif %}

<h2>What moves predictions</h2>
{% for each in found.rankings %}
<p{% if each.at_best < least %} class="marked"{% endif %}>{{ each.label }}: the order of the features agrees
by {{ each.agreement | figure }} with the registered one, {{ each.at_best | figure }} at best; below
{{ least }} it counts as drifted. Shares of all that moves:</p>
{{ bars(moving(each)) }}
{% else %}
{% if "attributions" in found.failed %}
{{ not_compared(found.failed.attributions) }}
{% else %}
<p><strong>No data.</strong> There are fewer than {{ fewest_rows }} rows, or the model does not tell.</p>
{% endif %}
{% endfor %}
{% endif %}
</body>
</html>
"""
)
Bar = tuple[str, float, float]
"""A label, and the shares of rows then and now."""


@dataclass(frozen=True)
class Findings:
    """What a run has found out."""

    values: Mapping[str, float]
    """Of the metrics."""
    violations: Sequence[Json]
    comparison: Comparison
    groups: Sequence[Fares] | None
    """None where the version compares none."""
    rankings: Sequence[Ranking]
    failed: Mapping[str, str]
    """Of groups and attributions, those that could not be compared, and why."""


def write_page(window: Window, rows: int, found: Findings) -> None:
    """Write report.html beside the report."""
    page = render(
        _PAGE,
        **_told(window),
        rows=rows,
        found=found,
        columns=list(_columns(found.comparison)),
        moving=_moving,
        least=LEAST,
        fewest_rows=FEWEST_ROWS,
        fewest_of_a_group=FEWEST_OF_A_GROUP,
    )
    (report_folder() / "report.html").write_text(page, encoding="utf-8")


def _told(window: Window) -> Mapping[str, str]:
    """What the page says of what was looked at."""
    if window.dimension == BATCH:
        title, when = f"Monitor of batches of {window.name}", "of the batch"
        nothing = "No row of the batch has an answer that can be read"
    else:
        title = f"Monitor of {window.name}"
        when = f"of the hours {window.hours[0]} to {window.hours[-1]} (UTC)"
        nothing = "Nothing that can be read was captured in these hours"
    return {"title": title, "counted": window.counted, "when": when, "nothing": nothing}


def _columns(comparison: Comparison) -> Iterator[tuple[Any, ...]]:
    names = [name for name in comparison.live if name in comparison.baseline]
    for name in sorted(names, key=lambda each: -comparison.distances.get(each, 0.0)):
        both = comparison.baseline[name], comparison.live[name]
        missing = [1 - completeness(feature) for feature in both]
        yield name, comparison.moved.get(name), missing, _shares(*both)


def _shares(then: Json, now: Json) -> list[Bar]:
    if "numerical_statistics" in then and "numerical_statistics" in now:
        return _of_numbers(then, now)
    if "string_statistics" in then and "string_statistics" in now:
        return _of_categories(then, now)
    return []


def _of_numbers(then: Json, now: Json) -> list[Bar]:
    buckets = then["numerical_statistics"]["distribution"]["kll"]["buckets"]
    edges = [buckets[0]["lower_bound"], *(each["upper_bound"] for each in buckets)]
    # The largest value belongs to the last bucket.
    within = np.array([-np.inf, *edges[:-1], np.nextafter(edges[-1], np.inf), np.inf])
    counts = [np.histogram(values_of(feature), within)[0] for feature in (then, now)]
    labels = [f"below {figure(edges[0])}"]
    labels += [f"{figure(low)} to {figure(high)}" for low, high in pairwise(edges)]
    labels.append(f"above {figure(edges[-1])}")
    shares = [(part / part.sum()).tolist() for part in counts]
    return [bar for bar in zip(labels, *shares, strict=True) if bar[1] or bar[2] or bar[0][0] not in "ba"]


def _of_categories(then: Json, now: Json) -> list[Bar]:
    shares = [
        {name: count / present(feature) for name, count in categories(feature).items()}
        for feature in (then, now)
    ]
    most = sorted({*shares[0], *shares[1]}, key=lambda name: -max(each.get(name, 0.0) for each in shares))
    shown = [(name, shares[0].get(name, 0.0), shares[1].get(name, 0.0)) for name in most[:CATEGORIES_SHOWN]]
    others = [max(0.0, 1 - sum(each)) for each in ((bar[1] for bar in shown), (bar[2] for bar in shown))]
    return [*shown, ("all others", others[0], others[1])]


def _moving(ranking: Ranking) -> list[Bar]:
    totals = [sum(each.values()) or 1.0 for each in (ranking.registered, ranking.now)]
    most = sorted(ranking.now, key=lambda name: -max(ranking.registered.get(name, 0.0), ranking.now[name]))
    return [
        (name, ranking.registered.get(name, 0.0) / totals[0], ranking.now[name] / totals[1])
        for name in most[:FEATURES_SHOWN]
    ]
