"""Instances, saturation and cost of some endpoints over a trace, side by side."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np

from benchmarks.scaling.replay import Run

_COLORS = ("#1f77b4", "#2ca02c", "#d62728")
_MOST_SATURATED = 3.0
"""More is drawn as this much."""


def draw(path: Path, endpoints: Sequence[tuple[str, Sequence[Run]]], begin: datetime) -> None:
    """A column per endpoint with its runs; the first run of each is the one that scales."""
    figure, axes = plt.subplots(
        3, len(endpoints), figsize=(6 * len(endpoints), 8), sharex=True, squeeze=False, layout="constrained"
    )
    for column, (title, runs) in zip(axes.T, endpoints, strict=True):
        moments = [begin + timedelta(minutes=each) for each in range(len(runs[0].instances))]
        column[0].set_title(title)
        # What scales is drawn last, above the others.
        for run, color in reversed(list(zip(runs, _COLORS, strict=True))):
            style = {"color": color, "label": run.name, "linewidth": 1.1}
            column[0].step(moments, run.instances, where="post", **style)
            column[1].plot(moments, np.minimum(run.saturation, _MOST_SATURATED), **style, alpha=0.7)
            column[2].plot(moments, np.cumsum(run.paid) / 60 * run.hourly, **style)
        column[0].legend(fontsize="small", loc="upper right")
        column[0].set_ylim(bottom=0)
        column[1].axhline(1, color="black", linewidth=0.8, linestyle="--")
        column[1].set_ylim(0, _MOST_SATURATED * 1.05)
        column[2].set_ylim(bottom=0)
        column[2].xaxis.set_major_formatter(mdates.DateFormatter("%a"))
    for row, name in zip(axes, ("instances in service", "saturation", "USD so far"), strict=True):
        row[0].set_ylabel(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    plt.close(figure)
