"""Baselines and data quality checks."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tools.local_aws.sagemaker.analyzer.__main__ import main
from tools.local_aws.sagemaker.analyzer.dataset import read_csv
from tools.local_aws.sagemaker.analyzer.distance import feature_distance
from tools.local_aws.sagemaker.analyzer.statistics import describe, inferred_type

NAMES = ["price", "area", "rooms", "zone"]


def rows(count: int, shift: float = 0.0, zones: str = "AB", seed: int = 1) -> list[list[str]]:
    source = random.Random(seed)
    return [
        [
            f"{source.gauss(100, 10):.2f}",
            f"{source.gauss(50 + shift, 5):.3f}",
            str(source.randint(1, 6)),
            source.choice(zones),
        ]
        for _ in range(count)
    ]


def line(row: list[str]) -> str:
    sides = {"endpointOutput": row[:1], "endpointInput": row[1:]}
    data = {name: {"encoding": "CSV", "data": ",".join(values)} for name, values in sides.items()}
    return json.dumps({"captureData": data}) + "\n"


class Bench:
    """Folders that stand for a job's, and a run of the analyzer over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        self.source.mkdir()

    def baseline(self, data: list[list[str]]) -> None:
        (self.source / "data.csv").write_text("\n".join([",".join(NAMES), *(",".join(row) for row in data)]))
        form = json.dumps({"csv": {"header": True}})
        assert main(self._environment(dataset_format=form, output_path=str(self.folder / "baseline"))) == 0
        (self.source / "data.csv").unlink()

    def check(self, data: list[list[str]]) -> dict[str, str]:
        (self.source / "a.jsonl").write_text("".join(map(line, data)))
        status = main(
            self._environment(
                dataset_format=json.dumps({"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput"]}}),
                output_path=str(self.folder / "result"),
                baseline_constraints=str(self.folder / "baseline/constraints.json"),
                baseline_statistics=str(self.folder / "baseline/statistics.json"),
                publish_cloudwatch_metrics="Enabled",
                sagemaker_endpoint_name="houses",
                sagemaker_monitoring_schedule_name="hourly",
            )
        )
        assert status == 0, self.message
        found = json.loads((self.folder / "result/constraint_violations.json").read_text())["violations"]
        return {
            f"{item['feature_name']}: {item['constraint_check_type']}": item["description"] for item in found
        }

    def read(self, path: str) -> Any:
        return json.loads((self.folder / path).read_text())

    @property
    def message(self) -> str:
        return (self.folder / "output/message").read_text()

    def _environment(self, **changes: str) -> dict[str, str]:
        return {"SAGEMAKER_BASE_DIR": str(self.folder), "dataset_source": str(self.source)} | changes


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.baseline(rows(500))
    return bench


def test_a_baseline_has_statistics_and_constraints(bench: Bench) -> None:
    features = {item["name"]: item for item in bench.read("baseline/constraints.json")["features"]}
    assert {name: item["inferred_type"] for name, item in features.items()} == {
        "price": "Fractional",
        "area": "Fractional",
        "rooms": "Integral",
        "zone": "String",
    }
    assert features["rooms"]["num_constraints"] == {"is_non_negative": True}
    assert sorted(features["zone"]["string_constraints"]["domains"]) == ["A", "B"]
    statistics = bench.read("baseline/statistics.json")
    assert statistics["dataset"] == {"item_count": 500}
    price = statistics["features"][0]["numerical_statistics"]
    assert price["common"] == {"num_present": 500, "num_missing": 0}
    assert sum(bucket["count"] for bucket in price["distribution"]["kll"]["buckets"]) == 500


def test_the_same_distribution_has_no_violations(bench: Bench) -> None:
    assert bench.check(rows(300, seed=2)) == {}
    assert bench.message == "Completed: Job completed successfully with no violations."


def test_a_shifted_feature_is_a_drift_and_is_measured(bench: Bench) -> None:
    found = bench.check(rows(300, shift=5, seed=2))
    assert list(found) == ["area: baseline_drift_check"]
    assert "exceeds threshold: 0.1" in found["area: baseline_drift_check"]
    assert bench.message == "CompletedWithViolations: Job completed successfully with 1 violations."
    metrics = [
        json.loads(text) for text in (bench.folder / "output/metrics/cloudwatch").read_text().splitlines()
    ]
    drift = {item["MetricName"]: item for item in metrics}["feature_baseline_drift_area"]
    assert drift["Value"] > 0.1
    assert drift["Dimensions"] == [
        {"Name": "Endpoint", "Value": "houses"},
        {"Name": "MonitoringSchedule", "Value": "hourly"},
    ]


def test_a_few_requests_are_never_a_drift(bench: Bench) -> None:
    assert bench.check(rows(3, shift=100)) == {}


def test_new_categories_missing_values_and_wrong_types_are_found(bench: Bench) -> None:
    data = rows(40)
    data[0][3], data[1][1], data[2][2] = "C", "", "many"
    assert list(bench.check(data)) == [
        "area: completeness_check",
        "rooms: data_type_check",
        "zone: categorical_values_check",
    ]


def test_columns_too_few_or_too_many_are_found(bench: Bench) -> None:
    assert list(bench.check([row[:3] for row in rows(20)])) == ["Missing columns: missing_column_check"]
    assert list(bench.check([[*row, "1"] for row in rows(20)])) == ["Extra columns: extra_column_check"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "-2", None], "Integral"),
        (["1", "2.5", "1e5"], "Fractional"),
        (["1", "x"], "String"),
        ([None, None], "Unknown"),
    ],
)
def test_the_type_of_a_column_is_the_narrowest_that_fits(values: list[str | None], expected: str) -> None:
    assert inferred_type(values) == expected


def test_a_sketch_of_many_values_keeps_the_distance(tmp_path: Path) -> None:
    def statistics(count: int, shift: float) -> Any:
        path = tmp_path / f"{count}-{shift}"
        path.mkdir()
        text = "\n".join(str(number / count + shift) for number in range(count))
        (path / "a.csv").write_text(f"x\n{text}")
        return describe(read_csv(path, header=True))["features"][0]

    simple = feature_distance(statistics(10_001, 0.0), statistics(5_000, 0.25), robust=False)
    assert simple == pytest.approx(0.25, abs=0.01)
    corrected = feature_distance(statistics(10_002, 0.0), statistics(5_001, 0.25), robust=True)
    assert corrected == pytest.approx(0.25 - 1.8 * (15_003 / (10_002 * 5_001)) ** 0.5, abs=0.01)
