"""Compares what an endpoint was asked and answered in some hours with the rows that its model learned from.

Run: python3 code.zip monitor --endpoint <name> --namespace <of the metrics> --last-hour <hh>
--window-hours <n>; reads <base>/processing/input/{captured,baseline}, writes <base>/processing/output/report.
The hours lie within one day, whose folder `captured` is.
"""

from __future__ import annotations

from collections.abc import Sequence

from captured import Captured
from data_quality import TEXT, Comparison, describe
from window import Window, inputs, read, write


def main(argv: Sequence[str]) -> None:
    """Write statistics.json, constraint_violations.json and metrics.json of the hours' requests."""
    window = Window.of(Window.arguments("monitor").parse_args(list(argv)))
    baseline, constraints = (
        read(inputs() / "baseline" / f"{name}.json") for name in ("statistics", "constraints")
    )
    columns = [constraint["name"] for constraint in constraints["features"]]
    missing, personal = constraints.get("missing_values", ()), constraints.get("personal", {})
    captured = Captured(columns, frozenset(missing), personal)
    for path in window.captured():
        captured.read(path)
    texts = [each["name"] for each in constraints["features"] if each["inferred_type"] == TEXT]
    statistics = describe(captured.table(), texts) if captured.rows else {"features": []}
    comparison = Comparison.of(baseline, constraints, statistics, window.a_year)
    violations = comparison.violations() if captured.rows else []
    values: dict[str, float] = {
        "requests": captured.requests,
        "unreadable_requests": captured.unreadable,
        "violations": len(violations),
        **{f"feature_baseline_drift_{name}": value for name, value in comparison.distances.items()},
    }
    write("statistics", statistics)
    write("constraint_violations", {"violations": violations})
    window.leave_metrics(values)
    print(" ".join(f"{name}={values[name]};" for name in ("requests", "unreadable_requests", "violations")))
