"""What the pages of evaluation and monitor have in common: how they look, and how they are written."""

from __future__ import annotations

import math
from typing import Any

from jinja2 import Environment, StrictUndefined

STYLE = """\
  body { font: 15px/1.5 system-ui, sans-serif; color: #1a202c; max-width: 62rem; margin: 2rem auto;
    padding: 0 1rem }
  h1 { font-size: 1.6rem; margin-bottom: 0 }
  h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem }
  p { margin: .3rem 0; color: #4a5568 }
  table { border-collapse: collapse; margin: .6rem 0 }
  th { text-align: left; color: #4a5568; font-weight: 600 }
  th, td { padding: .2rem 1.2rem .2rem 0; border-bottom: 1px solid #e2e8f0 }
  .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
"""


def render(template: str, **values: Any) -> str:
    """The page, in which nothing that is told is read as HTML."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"thousands": "{:,}".format, "percent": "{:.1%}".format, "figure": figure}
    return environment.from_string(template).render(values)


def figure(value: float) -> str:
    """Four digits that matter, never an exponent; nothing where there is no number."""
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
