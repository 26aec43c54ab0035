"""The metrics of a monitored dataset, as the file that SageMaker publishes to CloudWatch.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.local_aws.sagemaker.analyzer.statistics import common_of

Members = dict[str, Any]


def write_metrics(
    path: Path, features: dict[str, Members], distances: dict[str, float], dimensions: Members, time: str
) -> None:
    """Writes one JSON object per metric and line."""
    shown = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for name, feature in features.items():
            for metric in _metrics(name, feature, distances.get(name)):
                file.write(json.dumps(metric | {"Timestamp": time, "Dimensions": shown}) + "\n")


def _metrics(name: str, feature: Members, distance: float | None) -> Iterator[Members]:
    common = common_of(feature)
    yield {"MetricName": f"feature_non_null_{name}", "Value": float(common["num_present"])}
    yield {"MetricName": f"feature_null_{name}", "Value": float(common["num_missing"])}
    if distance is not None:
        yield {"MetricName": f"feature_baseline_drift_{name}", "Value": distance}
    numerical = feature.get("numerical_statistics", {})
    if "mean" in numerical:
        yield {
            "MetricName": f"feature_data_{name}",
            "StatisticValues": {
                "SampleCount": float(common["num_present"]),
                "Sum": numerical["sum"],
                "Minimum": numerical["min"],
                "Maximum": numerical["max"],
            },
        }
