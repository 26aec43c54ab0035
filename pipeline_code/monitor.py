"""Compares what an endpoint was asked and answered in some hours with what its version was registered with.

Run: python3 code.zip monitor --endpoint <name> --namespace <of the metrics> --last-hour <hh>
--window-hours <n>; reads <base>/processing/input/{captured,baseline}, writes <base>/processing/output/report.
The hours lie within one day, whose folder `captured` is; `baseline` is the version's folder. Three
comparisons share what is read: of the distribution of each column, of how groups fare, and of what moves the
answers.
"""

from __future__ import annotations

from collections.abc import Sequence

import attribution_drift
from bias_drift import Outcomes, Registered
from captured import Captured
from data_quality import FALSE_ALARMS_A_YEAR, Comparison, categories_of, describe
from monitor_page import Findings, write_page
from window import Window, inputs, read, write


def main(argv: Sequence[str]) -> None:
    """Write statistics.json, constraint_violations.json, metrics.json and report.html of the hours."""
    window = Window.of(Window.arguments("monitor").parse_args(list(argv)))
    version = inputs() / "baseline"
    baseline, constraints = (
        read(version / "data-quality" / f"{name}.json") for name in ("statistics", "constraints")
    )
    captured = Captured.like(constraints)
    for path in window.captured():
        captured.read(path)
    table = captured.table()
    statistics = describe(table, categories_of(baseline)) if captured.rows else {"features": []}
    comparison = Comparison.of(baseline, constraints, statistics, window.a_year)
    registered = Registered.of(version / "evaluation")
    answers = table[captured.columns[0]]
    rarely = FALSE_ALARMS_A_YEAR / window.a_year
    groups = registered.compare(table, Outcomes(answers), rarely) if registered else []
    rankings = attribution_drift.rank(version, table)
    violations = [
        *(comparison.violations() if captured.rows else ()),
        *(each.violation() for each in groups if each.beyond),
        *(each.violation() for each in rankings if each.at_best < attribution_drift.LEAST),
    ]
    values: dict[str, float] = {
        "requests": captured.requests,
        "unreadable_requests": captured.unreadable,
        "violations": len(violations),
        **{f"feature_baseline_drift_{name}": value for name, value in comparison.distances.items()},
        **({"bias_drift": max(each.beyond for each in groups)} if groups else {}),
        **({"attribution_agreement_at_best": min(each.at_best for each in rankings)} if rankings else {}),
    }
    write("statistics", statistics)
    write("constraint_violations", {"violations": violations})
    window.leave_metrics(values)
    found = Findings(values, violations, comparison, registered is not None, groups, rankings)
    write_page(window, len(captured.rows), found)
    print(" ".join(f"{name}={values[name]};" for name in ("requests", "unreadable_requests", "violations")))
