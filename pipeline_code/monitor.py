"""Compares what an endpoint was asked and answered in some hours with what its version was registered with.

Run: python3 code.zip monitor --endpoint <name> --namespace <of the metrics> --last-hour <hh>
--window-hours <n>; reads <base>/processing/input/{captured,baseline}, writes <base>/processing/output/report.
The hours lie within one day, whose folder `captured` is; `baseline` is the version's folder. Three
comparisons share what is read: of the distribution of each column, of how groups fare, and of what moves the
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import attribution_drift
from bias_drift import Fares, Outcomes, Registered
from captured import Captured
from data_quality import FALSE_ALARMS_A_YEAR, Comparison, Table, categories_of, describe
from monitor_page import Findings, write_page
from window import Json, Window, inputs, read, write

Found = TypeVar("Found")


def main(argv: Sequence[str]) -> None:
    """Write statistics.json, constraint_violations.json, metrics.json and report.html of the hours."""
    window = Window.of(Window.arguments("monitor").parse_args(list(argv)))
    captured = Captured.like(baseline("constraints"))
    for path in window.captured():
        captured.read(path)
    compare(window, captured)


def baseline(name: str) -> Json:
    """A file of the version's columns."""
    return read(inputs() / "baseline" / "data-quality" / f"{name}.json")


def compare(window: Window, captured: Captured) -> None:
    """Write what a monitor says of rows and answers."""
    version, registered, counted = inputs() / "baseline", baseline("statistics"), window.counted
    table = captured.table()
    statistics = describe(table, categories_of(registered)) if captured.rows else {"features": []}
    comparison = Comparison.of(registered, baseline("constraints"), statistics, window.a_year)
    others = OtherComparisons()
    groups = others.tried("groups", lambda: _groups(version, table, window))
    rankings = others.tried("attributions", lambda: attribution_drift.rank(version, table)) or []
    violations = [
        *(comparison.violations() if captured.rows else ()),
        *(each.violation() for each in groups or () if each.beyond),
        *(each.violation() for each in rankings if each.at_best < attribution_drift.LEAST),
    ]
    values: dict[str, float] = {
        counted: captured.requests,
        f"unreadable_{counted}": captured.unreadable,
        "violations": len(violations),
        **{f"feature_baseline_drift_{name}": value for name, value in comparison.distances.items()},
        **({"bias_drift": max(each.beyond for each in groups)} if groups else {}),
        **({"attribution_agreement_at_best": min(each.at_best for each in rankings)} if rankings else {}),
    }
    write("statistics", statistics)
    write("constraint_violations", {"violations": violations})
    window.leave_metrics(values)
    found = Findings(values, violations, comparison, groups, rankings, others.failed)
    write_page(window, len(captured.rows), found)
    print(" ".join(f"{name}={values[name]};" for name in (counted, f"unreadable_{counted}", "violations")))


def _groups(version: Path, table: Table, window: Window) -> list[Fares] | None:
    """None where the version compares none."""
    registered = Registered.of(version / "evaluation")
    if registered is None:
        return None
    answers = next(iter(table.values()))
    return registered.compare(table, Outcomes(answers), FALSE_ALARMS_A_YEAR / window.a_year)


@dataclass(frozen=True)
class OtherComparisons:
    """Those that read what an older version may have left otherwise: its columns are compared in any case."""

    failed: dict[str, str] = field(default_factory=dict)
    """What could not be compared, and the kind of error; messages of errors can hold cells."""

    def tried(self, name: str, compare: Callable[[], Found]) -> Found | None:
        try:
            return compare()
        except Exception as error:
            self.failed[name] = type(error).__name__
            print(f"{name} could not be compared: {self.failed[name]};")
            return None
