"""Compares what an endpoint was asked and answered in some hours with the rows that its model learned from.

Run: python3 code.zip monitor --endpoint <name> --namespace <of the metrics> --last-hour <hh>
--window-hours <n>; reads <base>/processing/input/{captured,baseline}, writes <base>/processing/output/report.
The hours lie within one day, whose folder `captured` is. A job without a network cannot publish metrics, so
that it leaves them as a request for whoever started it:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from captured import Captured
from data_quality import Comparison, describe
from tabular import Arguments, DataError, base_dir

Json = dict[str, Any]


def main(argv: Sequence[str]) -> None:
    """Write statistics.json, constraint_violations.json and metrics.json of the hours' requests."""
    parser = Arguments(prog="monitor", allow_abbrev=False)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--last-hour", type=int, required=True)
    parser.add_argument("--window-hours", type=int, required=True)
    arguments = parser.parse_args(list(argv))
    inputs = base_dir() / "processing" / "input"
    baseline, constraints = (
        _read(inputs / "baseline" / f"{name}.json") for name in ("statistics", "constraints")
    )
    columns = [constraint["name"] for constraint in constraints["features"]]
    missing, personal = constraints.get("missing_values", ()), constraints.get("personal", {})
    captured = Captured(columns, frozenset(missing), personal)
    for hour in range(arguments.last_hour - arguments.window_hours + 1, arguments.last_hour + 1):
        for path in sorted((inputs / "captured" / f"{hour:02}").rglob("*.jsonl")):
            captured.read(path)
    statistics = describe(captured.table()) if captured.rows else {"features": []}
    comparison = Comparison.of(baseline, constraints, statistics)
    violations = comparison.violations() if captured.rows else []
    values: dict[str, float] = {
        "requests": captured.requests,
        "unreadable_requests": captured.unreadable,
        "violations": len(violations),
        **{f"feature_baseline_drift_{name}": value for name, value in comparison.distances.items()},
    }
    _write("statistics", statistics)
    _write("constraint_violations", {"violations": violations})
    _write("metrics", _request(arguments.namespace, arguments.endpoint, values))
    print(" ".join(f"{name}={values[name]};" for name in ("requests", "unreadable_requests", "violations")))


def _request(namespace: str, endpoint: str, values: Mapping[str, float]) -> Json:
    dimensions = [{"Name": "Endpoint", "Value": endpoint}]
    data = [{"MetricName": name, "Value": value, "Dimensions": dimensions} for name, value in values.items()]
    return {"Namespace": namespace, "MetricData": data}


def _read(path: Path) -> Json:
    if not path.is_file():
        raise DataError(f"{path} does not exist")
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    return content


def _write(name: str, content: Json) -> None:
    folder = base_dir() / "processing" / "output" / "report"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, indent=2, allow_nan=False), encoding="utf-8")
