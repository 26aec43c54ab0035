"""The evaluation as one HTML page that needs no network: numbers, pictures, where the model is weak."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from alike import Alike
from bias import Bias
from explanations import Explanation
from live import Comparison
from page import STYLE, render
from slices import LEAST_ROWS, LOSSES, Slice
from tabular import Schema
from thresholds import Decided

SLICES_SHOWN = 15
PICTURES = {
    "predicted_against_actual.png": "Predictions against what was so",
    "residuals.png": "How far predictions are off",
    "importance.png": "What the model looks at",
}
CONTRIBUTIONS = "contributions.png"
_PAGE = (
    """\
{% macro row(texts, numbers, cell="td", marked=false) %}
<tr{% if marked %} class="marked"{% endif %}>
{%- for text in texts %}<{{ cell }}>{{ text }}</{{ cell }}>{% endfor %}
{%- for number in numbers %}<{{ cell }} class="number">{{ number }}</{{ cell }}>{% endfor %}
</tr>
{% endmacro %}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation of {{ schema.target }}</title>
<style>
"""
    + STYLE
    + """\
  .marked td { background: #feebc8; font-weight: 600 }
  .pictures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
  h3 { font-size: 1rem; margin: 1.4rem 0 .2rem }
  .wide { max-width: 44rem; width: 100% }
  .pictures img { max-width: 30rem; width: 100% }
</style>
</head>
<body>
<h1>Evaluation of {{ schema.target }}</h1>
<p>{{ schema.problem }}, on {{ rows | thousands }} rows that nothing has learnt from.
{% if schema.positive is not none %}
A row counts as {{ schema.target }} = {{ schema.positive }}
from a probability of {{ schema.decision_threshold }} on.
{% endif %}
</p>

<h2>Metrics</h2>
<table>
{{ row(["metric"], ["value", "95 % interval"], "th") }}
{% for name, value in found.metrics.items() %}
{% set low, high = found.intervals[name] %}
{{ row([name], [value | figure, (low | figure) ~ " to " ~ (high | figure)]) }}
{% endfor %}
</table>
<p>The interval is that of bootstrap resamples: what another test part of this size would show.</p>

{% if found.live and found.live.live.version != "none" %}

<h2>Beside the live version</h2>
{% if found.live.is_made %}
<table>
{% set both = ["this version", "version " ~ found.live.live.version] %}
{{ row(["metric", ""], both + ["difference, 95 % interval"], "th") }}
{% set low, high = found.live.interval %}
{% set numbers = [found.live.value | figure, found.live.live_value | figure,
  (low | figure) ~ " to " ~ (high | figure)] %}
{% set worse = "worse" if found.live.is_worse else "" %}
{{ row([found.live.live.metric, worse], numbers, marked=found.live.is_worse) }}
</table>
<p>Both answer the same {{ found.live.rows | thousands }} rows, the live version by the code that it carries.
Marked: worse, by more than chance.</p>
{% else %}
<p>Version {{ found.live.live.version }} cannot be compared: {{ found.live.why_not }}.</p>
{% endif %}
{% endif %}

<h2>Pictures</h2>
<div class="pictures">
{% for title, data in pictures.items() %}
<img alt="{{ title }}" src="data:image/png;base64,{{ data }}">
{% endfor %}
</div>

<h2>Where it is worst</h2>
{% if worst %}
<p>The {{ loss }} of rows that have something in common, from {{ least_rows }} rows on; over all rows it is
{{ found.loss | figure }}. Marked: worse than all together, by more than chance.</p>
<table>
{{ row(["feature", "value"], ["rows", loss, "of that of all"], "th") }}
{% for each in worst %}
{% set numbers = [each.rows | thousands, each.loss | figure, (each.loss / found.loss) | percent] %}
{{ row([each.feature, each.value], numbers, marked=each.is_worse) }}
{% endfor %}
</table>
{% else %}
<p>No {{ least_rows }} rows or more have something in common.</p>
{% endif %}

<h2>What moves predictions</h2>
{% if found.explanation %}
<p>SHAP values of {{ found.explanation.rows | thousands }} rows, in {{ found.explanation.unit }}:
how far each feature moves a prediction away from what all begin with. They add up to the prediction.</p>
<p><img class="wide" alt="SHAP values" src="data:image/png;base64,{{ contributions }}"></p>
{% else %}
<p>A model of this algorithm does not tell.</p>
{% endif %}
{% if found.left_out %}

<h2>What was left out</h2>
<p>Numbers whose correlation with others is {{ schema.drop_correlated_above | figure }} and more.
Clients still send them.</p>
<table>
{{ row(["feature", "says what this says"], ["correlation"], "th") }}
{% for each in found.left_out %}
{{ row([each.name, each.kept], [each.correlation | figure]) }}
{% endfor %}
</table>
{% endif %}
{% if found.bias %}

<h2>How groups fare</h2>
<p>The positive outcome is {{ found.bias.label }} = {{ found.bias.told }}.
Each group is compared with all other rows. Marked: it fares otherwise, by more than chance.</p>
{% for before, after in groups %}
<h3>{{ before.facet.column }}: {{ before.told }}</h3>
<p>{{ before.rows | thousands }} of {{ before.all_rows | thousands }} rows of the training part,
{{ after.rows | thousands }} of {{ after.all_rows | thousands }} of the test part.
{% if after.rows < least_rows %}
So few rows of the test part say little.
{% endif %}
</p>
<table>
{{ row(["part", "metric"], ["value", "95 % interval", "when equal"], "th") }}
{% for part, watched in [("training", before), ("test", after)] %}
{% for each in watched.measured %}
{% set low, high = each.interval %}
{% set equal = "" if each.metric.equal is none else each.metric.equal | figure %}
{% set numbers = [each.value | figure, (low | figure) ~ " to " ~ (high | figure), equal] %}
{{ row([part, each.metric.description], numbers, marked=each.is_unequal) }}
{% endfor %}
{% endfor %}
</table>
{% endfor %}
{% endif %}
{% if found.decisions %}

<h2>Other decision thresholds</h2>
<table>
{% set cost = [] if found.cheapest is none else ["cost per row"] %}
{{ row([], ["from a probability of", "precision", "recall", "rows claimed"] + cost, "th") }}
{% for each in found.decisions %}
{% set cost = [] if each.cost is none else [each.cost | figure] %}
{% set shares = [each.precision | percent, each.recall | percent, each.claimed | percent] + cost %}
{{ row([], [each.threshold | figure] + shares, marked=each.threshold == schema.decision_threshold) }}
{% endfor %}
</table>
{% if found.cheapest is not none %}
<p>These rows cost least from {{ found.cheapest.threshold | figure }} on: {{ found.cheapest.cost | figure }}
per row, and {{ found.metrics["cost_per_row"] | figure }} from {{ schema.decision_threshold }} on.
Other rows cost somewhat more there, because it was chosen by these.</p>
{% endif %}
{% for each in found.most_found %}
<p>A precision of {{ each.precision | percent }} finds {{ each.recall | percent }} of the positive rows, from
{{ each.threshold | figure }} on.</p>
{% endfor %}
{% endif %}
</body>
</html>
"""
)


@dataclass(frozen=True)
class Findings:
    """What an evaluation has found out."""

    metrics: Mapping[str, float]
    deviations: Mapping[str, float]
    """By metric, of bootstrap resamples."""
    intervals: Mapping[str, tuple[float, float]]
    """By metric, from and to."""
    loss: float
    """The mean over all rows."""
    slices: Sequence[Slice]
    """Worst first."""
    decisions: Sequence[Decided] = field(default=())
    most_found: Sequence[Decided] = field(default=())
    cheapest: Decided | None = None
    costs: np.ndarray | None = None
    """None where nobody says what mistakes cost."""
    importance: Mapping[str, float] = field(default_factory=dict)
    """By feature its share, largest first."""
    live: Comparison | None = None
    explanation: Explanation | None = None
    """None of a model that cannot tell."""
    left_out: Sequence[Alike] = ()
    """Columns that training has left out."""
    bias: Bias | None = None
    """None without facets."""


def write_page(schema: Schema, rows: int, found: Findings, folder: Path) -> None:
    """Write `<folder>/evaluation.html`, with the pictures that lie there."""
    page = render(
        _PAGE,
        schema=schema,
        rows=rows,
        found=found,
        pictures={title: _encoded(folder / name) for name, title in PICTURES.items()},
        contributions=_encoded(folder / CONTRIBUTIONS) if found.explanation else None,
        groups=list(zip(found.bias.before, found.bias.after, strict=True)) if found.bias else [],
        # Of a perfect model no rows are worse than others.
        worst=found.slices[:SLICES_SHOWN] if found.loss else (),
        least_rows=LEAST_ROWS,
        loss=LOSSES[schema.problem],
    )
    (folder / "evaluation.html").write_text(page, encoding="utf-8")


def _encoded(picture: Path) -> str:
    return base64.b64encode(picture.read_bytes()).decode("ascii")
