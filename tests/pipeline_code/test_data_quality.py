"""The data quality monitor: a baseline of training rows, and hours of captured requests against it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import baseline
import monitor
import numpy as np
import pytest
from captured import rows_of_csv
from data_quality import describe
from hypothesis import given, settings
from hypothesis import strategies as st
from tabular import DataError
from window import Window

Json = dict[str, Any]
HEADER = ("Price", "Length", "Hull")


def lines(count: int, *, seed: int = 0, longer: float = 0.0, steel: float = 0.5) -> list[list[str]]:
    generator = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        length = generator.normal(10, 2) + longer
        hull = "steel" if generator.random() < steel else "wood"
        rows.append([repr(1000 * length), repr(length), hull])
    return rows


def captured(rows: list[list[str]], as_json: bool = False) -> str:
    """One request for each row, as SageMaker captures it."""
    content = []
    for answer, length, hull in rows:
        if as_json:
            given = json.dumps({"Hull": hull, "Length": float(length) if length else None})
            sides = [("JSON", given), ("JSON", json.dumps({"predictions": [float(answer)]}))]
        else:
            sides = [("CSV", f"{length},{hull}"), ("CSV", answer)]
        data = {
            side: {"encoding": encoding, "data": text}
            for side, (encoding, text) in zip(("endpointInput", "endpointOutput"), sides, strict=True)
        }
        content.append(json.dumps({"captureData": data, "eventMetadata": {"eventId": "1"}}))
    return "\n".join(content) + "\n"


@pytest.fixture
def learnt(base: Path) -> Path:
    """A folder of mounts with the baseline of 2,000 rows."""
    rows = [",".join(row) for row in [HEADER, *map(tuple, lines(2000))]]
    folder = base / "processing" / "input" / "baseline"
    folder.mkdir(parents=True)
    (folder / "baseline.csv").write_text("\n".join(rows) + "\n")
    register(base)
    return base


def register(base: Path, *arguments: str) -> None:
    """Make a baseline, and put it where a version's folder has it."""
    baseline.main(["--threshold", "0.1", *arguments])
    processing = base / "processing"
    target = processing / "input" / "baseline" / "data-quality"
    shutil.copytree(processing / "output" / "data-quality", target, dirs_exist_ok=True)


def watch(base: Path, last_hour: str, window_hours: int = 1) -> tuple[list[Json], dict[str, float]]:
    """The violations, and the metrics by name."""
    window = ["--last-hour", last_hour, "--window-hours", str(window_hours)]
    monitor.main(["--endpoint", "dev-boats", "--namespace", "Example", *window])
    report = base / "processing" / "output" / "report"
    request = json.loads((report / "metrics.json").read_text())
    assert request["Namespace"] == "Example"
    assert all(
        item["Dimensions"] == [{"Name": "Endpoint", "Value": "dev-boats"}] for item in request["MetricData"]
    )
    violations = json.loads((report / "constraint_violations.json").read_text())["violations"]
    return violations, {item["MetricName"]: item["Value"] for item in request["MetricData"]}


def capture(base: Path, hour: str, text: str) -> None:
    folder = base / "processing" / "input" / "captured" / hour
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "requests.jsonl").write_text(text)


@pytest.mark.parametrize("as_json", [False, True])
def test_rows_like_those_of_training_violate_nothing(learnt: Path, as_json: bool) -> None:
    capture(learnt, "07", captured(lines(300, seed=1), as_json))
    violations, metrics = watch(learnt, "07")
    assert violations == []
    assert metrics["requests"] == 300
    assert metrics["unreadable_requests"] == 0
    assert max(value for name, value in metrics.items() if "drift" in name) < 0.1


@pytest.mark.parametrize("count", [200, 5000])
def test_exactly_the_columns_that_moved_are_named_whatever_the_number_of_rows(
    learnt: Path, count: int
) -> None:
    capture(learnt, "07", captured(lines(count, seed=1, steel=0.95)))
    violations, metrics = watch(learnt, "07")
    assert [(item["feature_name"], item["constraint_check_type"]) for item in violations] == [
        ("Hull", "baseline_drift_check")
    ]
    assert metrics["feature_baseline_drift_Hull"] > 0.1 > metrics["feature_baseline_drift_Length"]


def test_a_few_requests_are_never_a_drift(learnt: Path) -> None:
    capture(learnt, "07", captured(lines(5, seed=1)))
    assert watch(learnt, "07")[0] == []


def test_only_the_hours_of_the_window_are_looked_at(learnt: Path) -> None:
    capture(learnt, "06", captured(lines(300, longer=8)))
    capture(learnt, "07", captured(lines(300, seed=1)))
    assert watch(learnt, "07")[1]["requests"] == 300
    violations, metrics = watch(learnt, "07", 2)
    assert metrics["requests"] == 600
    assert {item["feature_name"] for item in violations} == {"Price", "Length"}


def test_hours_without_requests_are_no_violation_and_say_so(learnt: Path) -> None:
    violations, metrics = watch(learnt, "07")
    assert violations == []
    assert metrics == {"requests": 0, "unreadable_requests": 0, "violations": 0}


def test_a_request_that_does_not_fit_is_counted_and_the_others_are_analyzed(learnt: Path) -> None:
    wrong = captured([["1", "2", "wood,new"]]) + captured([["1\n2", "3", "wood"]]) + "no JSON\n"
    capture(learnt, "07", captured(lines(100)) + wrong)
    metrics = watch(learnt, "07")[1]
    assert (metrics["requests"], metrics["unreadable_requests"]) == (103, 3)


def test_text_where_numbers_were_and_missing_values_are_violations(learnt: Path) -> None:
    capture(learnt, "07", captured([["1", "long", "wood"], *lines(50)]))
    assert "data_type_check" in {item["constraint_check_type"] for item in watch(learnt, "07")[0]}
    capture(learnt, "07", captured([["1", "", "wood"], *lines(50)]))
    violations = watch(learnt, "07")[0]
    assert [(item["feature_name"], item["constraint_check_type"]) for item in violations] == [
        ("Length", "completeness_check")
    ]


def test_texts_that_mean_missing_are_missing_in_requests_too(learnt: Path) -> None:
    rows = [
        [answer, "-" if number == 7 else length, hull]
        for number, (answer, length, hull) in enumerate(lines(300, seed=1))
    ]
    folder = learnt / "processing" / "input" / "baseline"
    text = (folder / "baseline.csv").read_text().splitlines()
    (folder / "baseline.csv").write_text("\n".join([*text, "1,,wood", "1,,wood"]) + "\n")
    for more, found in (([], {"data_type_check"}), (["--missing-values=-|NA"], set())):
        register(learnt, *more)
        capture(learnt, "07", captured(rows))
        assert {item["constraint_check_type"] for item in watch(learnt, "07")[0]} == found


@pytest.mark.parametrize("answer", ["1e200", "-1.7e308", "1e308"])
@pytest.mark.parametrize("column", [0, 1])
def test_one_huge_number_does_not_stop_the_comparison(learnt: Path, answer: str, column: int) -> None:
    rows = lines(300, seed=1, steel=0.95)
    rows[7][column] = answer
    capture(learnt, "07", captured(rows))
    violations, metrics = watch(learnt, "07")
    assert [each["feature_name"] for each in violations] == ["Hull"]
    assert metrics["requests"] == 300


@pytest.mark.parametrize(
    "cells", [["1e17"] * 60, ["1", "2", "1e200"], ["1e308", "-1e308"], ["0"], ["1e-320"]]
)
def test_statistics_of_whatever_numbers_are_numbers_too(cells: list[str]) -> None:
    statistics = describe({"Length": cells})
    json.dumps(statistics, allow_nan=False)
    buckets = statistics["features"][0]["numerical_statistics"]["distribution"]["kll"]["buckets"]
    assert sum(each["count"] for each in buckets) == len(cells)
    assert all(each["lower_bound"] < each["upper_bound"] for each in buckets)


def test_of_values_that_cloudwatch_refuses_it_gets_the_nearest(base: Path) -> None:
    values = {"requests": 3.0, "rmse": 1e150, "bias_drift": float("inf"), "auc": float("nan")}
    Window("dev-boats", "Example", range(1)).leave_metrics(values)
    written = json.loads((base / "processing" / "output" / "report" / "metrics.json").read_text())
    found = {each["MetricName"]: each["Value"] for each in written["MetricData"]}
    assert found == {"requests": 3.0, "rmse": 2.0**360, "bias_drift": 2.0**360}


def test_without_a_baseline_the_reason_names_the_file(base: Path) -> None:
    with pytest.raises(DataError, match=r"constraints\.json does not exist"):
        watch(base, "07")
    with pytest.raises(DataError, match=r"baseline\.csv does not exist"):
        baseline.main(["--threshold", "0.1"])


@settings(max_examples=200, deadline=None)
@given(st.text('ab ,"\n\r\0', max_size=12))
def test_lines_are_split_as_csv_reads_them(text: str) -> None:
    try:
        expected = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error:
        with pytest.raises(csv.Error):
            rows_of_csv(text)
        return
    assert [row.split(",") if isinstance(row, str) else row for row in rows_of_csv(text)] == expected
