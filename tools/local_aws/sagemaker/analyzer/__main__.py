"""Stands for the container image `sagemaker-model-monitor-analyzer`: baselines and data quality checks.

It makes a baseline from a dataset, or checks a dataset against a baseline. It reads and writes the files that
Model Monitor documents, and takes the environment variables of the real image: dataset_format,
dataset_source, output_path, and for a check baseline_constraints, baseline_statistics,
publish_cloudwatch_metrics, sagemaker_endpoint_name, sagemaker_monitoring_schedule_name.

What the image does not document comes from Deequ, the library that it is built on: the types of values, when
a text column has a domain, and the robust distance of two distributions. One difference shows: numbers with
an exponent are numbers here, and text there.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.local_aws.sagemaker.analyzer.checks import Comparison
from tools.local_aws.sagemaker.analyzer.constraints import suggest
from tools.local_aws.sagemaker.analyzer.dataset import DataError, Dataset, read_capture, read_csv
from tools.local_aws.sagemaker.analyzer.metrics import write_metrics
from tools.local_aws.sagemaker.analyzer.statistics import describe

Members = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """What the environment asks for."""

    environment: Mapping[str, str]

    def path(self, name: str) -> Path | None:
        """A path, if it is given."""
        return Path(self.environment[name]) if self.environment.get(name) else None

    def required(self, name: str) -> str:
        """A value; raises `DataError` when it is not given."""
        if not self.environment.get(name):
            raise DataError(f"The environment variable {name} is missing.")
        return self.environment[name]

    @property
    def base(self) -> Path:
        """What stands for /opt/ml."""
        return Path(self.environment.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def main(environment: Mapping[str, str]) -> int:
    """Analyzes and returns the exit status; the message for the job's description is left in a file."""
    settings = Settings(environment)
    try:
        message, status = _analyze(settings), 0
    except DataError as error:
        message, status = str(error), 1
    print(message)
    path = settings.base / "output" / "message"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(message)
    return status


def _analyze(settings: Settings) -> str:
    constraints_path = settings.path("baseline_constraints")
    constraints = json.loads(constraints_path.read_text()) if constraints_path else None
    output = Path(settings.required("output_path"))
    output.mkdir(parents=True, exist_ok=True)
    dataset = _read(settings, constraints)
    types = {item["name"]: item["inferred_type"] for item in constraints["features"]} if constraints else None
    statistics = describe(dataset, types)
    _write(output / "statistics.json", statistics)
    _write(output / "constraints.json", suggest(statistics))
    if constraints is None:
        return "Completed: Job completed successfully with no violations."
    return _check(settings, constraints, statistics, dataset)


def _read(settings: Settings, constraints: Members | None) -> Dataset:
    source = Path(settings.required("dataset_source"))
    form = json.loads(settings.required("dataset_format"))
    if "csv" in form:
        return read_csv(source, bool(form["csv"].get("header")))
    if "sagemakerCaptureJson" in form:
        names = [item["name"] for item in constraints["features"]] if constraints else []
        dataset = read_capture(source, names)
        if not dataset.item_count:
            raise DataError("Job inputs had no data")
        return dataset
    raise DataError(f"dataset_format {sorted(form)} is not known; it may be csv or sagemakerCaptureJson.")


def _check(settings: Settings, constraints: Members, statistics: Members, dataset: Dataset) -> str:
    statistics_path = settings.path("baseline_statistics")
    baseline = json.loads(statistics_path.read_text())["features"] if statistics_path else []
    current = {item["name"]: item for item in statistics["features"]}
    comparison = Comparison(constraints, {item["name"]: item for item in baseline}, current, dataset)
    violations = comparison.violations()
    output = Path(settings.required("output_path"))
    _write(output / "constraint_violations.json", {"violations": violations})
    emits = constraints.get("monitoring_config", {}).get("emit_metrics", "Enabled") == "Enabled"
    if emits and settings.environment.get("publish_cloudwatch_metrics") == "Enabled":
        dimensions = {
            "Endpoint": settings.required("sagemaker_endpoint_name"),
            "MonitoringSchedule": settings.required("sagemaker_monitoring_schedule_name"),
        }
        time = datetime.now(UTC).isoformat()
        path = settings.base / "output" / "metrics" / "cloudwatch"
        write_metrics(path, current, comparison.distances(), dimensions, time)
    if not violations:
        return "Completed: Job completed successfully with no violations."
    return f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."


def _write(path: Path, document: Members) -> None:
    path.write_text(json.dumps(document, indent=2))


if __name__ == "__main__":
    sys.exit(main(os.environ))
