"""The pictures of an evaluation, drawn without a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from explanations import Explanation
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from tabular import Features

# A column may be called Price_$_per_$; that is no formula.
rcParams["text.parse_math"] = False

BLUE, ORANGE, GREY = "#2b6cb0", "#dd6b20", "#718096"
FEATURES_SHOWN, FEATURES_WITH_DOTS = 20, 14
BAND = 0.10
BINS = 10
FAR = 0.5


def predicted_against_actual(actual: np.ndarray, predicted: np.ndarray, target: str, path: Path) -> None:
    """Every row as a dot; a perfect model puts all of them on the diagonal."""
    figure, axes = _figure(6.4, 6.0, "Predicted against actual")
    low, high = _limits(np.concatenate([actual, predicted]))
    line = np.array([low, high])
    if low >= 0:
        axes.fill_between(
            line, line * (1 - BAND), line * (1 + BAND), color=GREY, alpha=0.15, label="within 10 %"
        )
    axes.plot(line, line, color=GREY, linewidth=1, label="perfect")
    axes.scatter(
        actual, predicted, s=16, color=BLUE, alpha=0.6, linewidths=0, label=f"{len(actual)} test rows"
    )
    axes.set(xlim=(low, high), ylim=(low, high), xlabel=f"actual {target}", ylabel=f"predicted {target}")
    axes.set_aspect("equal")
    axes.xaxis.set_major_formatter(FuncFormatter(_short))
    axes.yaxis.set_major_formatter(FuncFormatter(_short))
    axes.legend(loc="upper left", frameon=False)
    _save(figure, path)


def residuals(actual: np.ndarray, predicted: np.ndarray, target: str, path: Path) -> None:
    """The relative error over the predicted value; a trend or a funnel shows where the model is weak."""
    figure, axes = _figure(7.2, 4.4, "Residuals: how far a prediction is off")
    known = actual != 0
    error, predicted = (predicted[known] - actual[known]) / np.abs(actual[known]), predicted[known]
    far = np.abs(error) > FAR
    axes.axhspan(-BAND, BAND, color=GREY, alpha=0.15, label="within 10 %")
    axes.axhline(0, color=GREY, linewidth=1)
    axes.scatter(predicted[~far], error[~far], s=16, color=BLUE, alpha=0.6, linewidths=0)
    if far.any():
        # Drawn at the edge: one row that is 300 % off would squash all the others into a line.
        name = f"more than {FAR:.0%} off ({int(far.sum())} rows)"
        edge = np.clip(error[far], -FAR, FAR)
        axes.scatter(
            predicted[far], edge, s=30, color=ORANGE, marker="D", label=name, clip_on=False, zorder=3
        )
    axes.set(ylim=(-FAR, FAR), xlabel=f"predicted {target}", ylabel="(predicted - actual) / actual")
    axes.xaxis.set_major_formatter(FuncFormatter(_short))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(loc="lower right", frameon=False, title=f"median {np.median(error):+.1%}")
    _save(figure, path)


def probabilities_by_class(actual: np.ndarray, predicted: np.ndarray, label: str, path: Path) -> None:
    """How the predicted probabilities of the two classes overlap."""
    figure, axes = _figure(7.2, 4.4, f"Predicted probability of {label}, by actual class")
    bins = [step / (2 * BINS) for step in range(2 * BINS + 1)]
    for value, color, name in ((0, BLUE, "actually not"), (1, ORANGE, "actually so")):
        chosen = predicted[actual == value]
        weights = np.full(len(chosen), 1 / max(len(chosen), 1))
        axes.hist(
            chosen, bins=bins, weights=weights, color=color, alpha=0.6, label=f"{name} ({len(chosen)} rows)"
        )
    axes.set(xlim=(0, 1), xlabel="predicted probability", ylabel="share of the class")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(frameon=False)
    _save(figure, path)


def claimed_against_actual(counts: Mapping[str, Mapping[str, int]], target: str, path: Path) -> None:
    """How many rows of each class are taken for which; a perfect model fills the diagonal only."""
    size = 2.4 + 0.5 * len(counts)
    figure, axes = _figure(size + 0.8, size, f"Predicted against actual {target}")
    table = np.array([[*row.values()] for row in counts.values()])
    axes.imshow(table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(table.shape):
        shade = "white" if table[row, column] > table[row].sum() / 2 else "black"
        axes.text(column, row, str(table[row, column]), ha="center", va="center", color=shade, fontsize=8)
    axes.set_xticks(range(len(counts)), [*counts], rotation=45, ha="right")
    axes.set_yticks(range(len(counts)), [*counts])
    axes.set(xlabel=f"predicted {target}", ylabel=f"actual {target}")
    axes.grid(visible=False)
    _save(figure, path)


def calibration(actual: np.ndarray, predicted: np.ndarray, label: str, path: Path) -> None:
    """The label's actual share where the model says 10 %, 20 %, ...; larger dots stand for more rows."""
    figure, axes = _figure(6.0, 5.6, f"Residuals: is a probability of {label} to be believed?")
    groups = np.minimum((predicted * BINS).astype(int), BINS - 1)
    filled = [group for group in range(BINS) if np.any(groups == group)]
    said = [float(np.mean(predicted[groups == group])) for group in filled]
    was = [float(np.mean(actual[groups == group])) for group in filled]
    rows = [int(np.sum(groups == group)) for group in filled]
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, label="perfect")
    axes.plot(said, was, color=BLUE, linewidth=1)
    axes.scatter(said, was, s=[20 + 300 * count / len(actual) for count in rows], color=BLUE, alpha=0.7)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel="predicted probability", ylabel="actual share")
    axes.legend(frameon=False)
    _save(figure, path)


def importance(shares: Mapping[str, float], of_what: str, path: Path) -> None:
    """The features that bring most."""
    shown = list(shares.items())[:FEATURES_SHOWN][::-1]
    figure, axes = _figure(7.2, 1.2 + 0.28 * len(shown), f"Importance: share of {of_what}")
    bars = axes.barh([name for name, _ in shown], [share for _, share in shown], color=BLUE)
    axes.bar_label(bars, labels=[f"{share:.1%}" for _, share in shown], padding=3, fontsize=8, color=GREY)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.margins(x=0.1, y=0.02)
    axes.grid(axis="y", visible=False)
    _save(figure, path)


def contributions(explanation: Explanation, path: Path) -> None:
    """How every row is moved by the features that move predictions most; several answers as bars."""
    names = explanation.order[:FEATURES_WITH_DOTS][::-1]
    title = f"SHAP values in {explanation.unit}"
    figure, axes = _figure(7.6, 1.2 + 0.32 * len(names), title)
    if len(explanation.values) == 1:
        (values,) = explanation.values.values()
        _dots(axes, names, values[:, [explanation.names.index(name) for name in names]], explanation.features)
    else:
        _stacked(axes, names, explanation.means)
    axes.grid(axis="y", visible=False)
    axes.margins(y=0.02)
    _save(figure, path)


def _dots(axes: Axes, names: Sequence[str], values: np.ndarray, features: Features) -> None:
    axes.axvline(0, color=GREY, linewidth=1)
    for place, name in enumerate(names):
        height = place + 0.4 * _apart(values[:, place])
        # Categories have no order that a color could show.
        cells = features[name]
        shades = _ranks(cells) if cells.dtype != object else np.full(len(cells), np.nan)
        known = np.isfinite(shades)
        axes.scatter(values[~known, place], height[~known], s=7, color=GREY, alpha=0.6, linewidths=0)
        dots = axes.scatter(
            values[known, place],
            height[known],
            s=7,
            c=shades[known],
            cmap="coolwarm",
            vmin=0,
            vmax=1,
            linewidths=0,
        )
    axes.set_yticks(range(len(names)), names)
    bar = axes.figure.colorbar(dots, ax=axes, ticks=[0, 1], fraction=0.03, pad=0.02)
    bar.ax.set_yticklabels(["low", "high"])
    bar.set_label("the number; gray: a category, or missing")


def _apart(values: np.ndarray) -> np.ndarray:
    """From -1 to 1, so that dots which lie close beside one another do not hide each other."""
    bins = np.digitize(values, np.linspace(values.min(), values.max(), 90))
    order = np.argsort(bins, kind="stable")
    rank = np.arange(len(values)) - np.searchsorted(bins[order], bins[order])
    height = np.empty(len(values))
    height[order] = (rank + 1) // 2 * np.where(rank % 2, 1.0, -1.0)
    return height / max(float(np.abs(height).max()), 1.0)


def _ranks(numbers: np.ndarray) -> np.ndarray:
    """Where each number stands among the others, from 0 to 1; NaN where one is missing."""
    known = np.isfinite(numbers)
    ordered = np.sort(numbers[known])
    ranks = np.searchsorted(ordered, numbers, side="left") / max(len(ordered) - 1, 1)
    return np.where(known, np.minimum(ranks, 1.0), np.nan)


def _stacked(axes: Axes, names: Sequence[str], means: Mapping[str, Mapping[str, float]]) -> None:
    left = np.zeros(len(names))
    for answer, by_feature in means.items():
        width = np.array([by_feature[name] for name in names])
        axes.barh(names, width, left=left, label=answer)
        left += width
    axes.set(xlabel="mean size")
    # What moves predictions least is at the bottom, where bars leave room.
    axes.legend(frameon=False, loc="lower right")


def _figure(width_inches: float, height_inches: float, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width_inches, height_inches), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e2e8f0", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _limits(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.03 * ((high - low) or abs(high) or 1.0)
    return (max(low - margin, 0.0) if low >= 0 else low - margin), high + margin


def _short(value: float, _position: int) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g}"


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=140, metadata={"Software": None})
