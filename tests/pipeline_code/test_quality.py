"""The model quality monitor: captured answers beside what really happened."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import quality
from metrics import measure

Json = dict[str, Any]
REGRESSION: Json = {"regression_metrics": {}, "dataset": {"item_count": 9}}
BINARY: Json = {
    "binary_classification_metrics": {"confusion_matrix": {"0": {}, "1": {}}},
    "positive": {"label": "yes", "other_label": "no", "from_probability": 0.7},
}
CLASSES: Json = {
    "multiclass_classification_metrics": {"confusion_matrix": {"oak": {}, "elm, wych": {}, "ash": {}}}
}


def answered(identifier: str, answers: list[str], *, own: bool = True) -> str:
    metadata = {"eventId": f"event-{identifier}"} | ({"inferenceId": identifier} if own else {})
    output = {"encoding": "CSV", "data": "\n".join(f'"{answer}"' for answer in answers)}
    return json.dumps({"captureData": {"endpointOutput": output}, "eventMetadata": metadata})


def happened(identifier: str, labels: list[str]) -> str:
    data = {"encoding": "CSV", "data": "\n".join(f'"{label}"' for label in labels)}
    return json.dumps(
        {"groundTruthData": data, "eventMetadata": {"eventId": identifier}, "eventVersion": "0"}
    )


def put(base: Path, place: str, lines: list[str]) -> None:
    path = base / "processing" / "input" / place / "a.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(base: Path, evaluation: Json, *criterion: str, rows: int = 3) -> tuple[Json, list[Json]]:
    """The metrics by name, and the violations."""
    folder = base / "processing" / "input" / "baseline" / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(evaluation), encoding="utf-8")
    window = [
        "--endpoint",
        "dev-rents",
        "--namespace",
        "Example",
        "--last-hour",
        "23",
        "--window-hours",
        "24",
    ]
    quality.main([*window, "--metric", *criterion, "--rows", str(rows)])
    report = base / "processing" / "output" / "report"
    request = json.loads((report / "metrics.json").read_text())
    violations = json.loads((report / "constraint_violations.json").read_text())["violations"]
    return {item["MetricName"]: item["Value"] for item in request["MetricData"]}, violations


def priced(base: Path, count: int, error: float) -> None:
    """Half of the requests have ids of their own; every answer is wrong by this share."""
    prices = [100.0 + number for number in range(count)]
    put(base, "captured/07", [answered(str(n), [repr(p)], own=n % 2 == 0) for n, p in enumerate(prices)])
    labels = [
        happened(str(n) if n % 2 == 0 else f"event-{n}", [repr(p / (1 + error))])
        for n, p in enumerate(prices)
    ]
    put(base, "labels/07", labels)


WITHIN = ("within_10_percent", "--at-least", "0.7")


def test_answers_are_measured_against_what_happened_as_the_evaluation_does(base: Path) -> None:
    priced(base, 40, 0.02)
    metrics, violations = run(base, REGRESSION, *WITHIN)
    prices = np.arange(100.0, 140.0)
    expected = measure("regression", prices / 1.02, prices)
    assert {name: metrics[name] for name in expected} == pytest.approx(expected)
    assert metrics["labelled_requests"] == metrics["labelled_rows"] == metrics["requests"] == 40
    assert violations == []


@pytest.mark.parametrize(
    ("criterion", "kind"),
    [(WITHIN, "LessThanThreshold"), (("mae", "--at-most", "5"), "GreaterThanThreshold")],
)
def test_a_criterion_that_is_missed_is_a_violation(base: Path, criterion: tuple[str, ...], kind: str) -> None:
    priced(base, 40, 0.2)
    metrics, (violation,) = run(base, REGRESSION, *criterion)
    assert (violation["constraint_check_type"], violation["metric_name"]) == (kind, criterion[0])
    assert "40 labelled rows" in violation["description"]
    assert metrics["violations"] == 1


def test_what_chance_does_to_a_few_rows_calls_nobody(base: Path) -> None:
    """A model that reaches 0.75 on average has days below 0.7."""
    generator = np.random.default_rng(7)
    missed = called = 0
    for _ in range(60):
        wrong = generator.random(50) > 0.75
        answers = [repr(100.0 * (1.5 if bad else 1.0)) for bad in wrong]
        put(base, "captured/07", [answered(str(n), [answer]) for n, answer in enumerate(answers)])
        put(base, "labels/07", [happened(str(n), ["100"]) for n in range(50)])
        metrics, violations = run(base, REGRESSION, *WITHIN)
        missed += metrics["within_10_percent"] < 0.7
        called += bool(violations)
    assert missed >= 5
    assert called <= 1


def test_too_few_labels_are_told_and_not_measured(base: Path) -> None:
    priced(base, 4, 0.5)
    metrics, violations = run(base, REGRESSION, *WITHIN, rows=5)
    assert violations == []
    assert metrics["labelled_requests"] == 4
    assert "within_10_percent" not in metrics


def test_labels_that_come_without_a_request_twice_or_broken_are_counted(base: Path) -> None:
    put(base, "captured/07", [answered("1", ["5", "6"]), answered("2", ["7"]), "{", answered("3", ["many"])])
    late = [happened("9", ["5"]), happened("1", ["5"]), happened("2", ["dear"]), "[]", happened("2", ["9"])]
    put(base, "labels/07", [happened("2", ["8"]), happened("1", ["5", "6"]), *late])
    metrics, _ = run(base, REGRESSION, "mae", "--at-most", "9")
    counts = {name: metrics[name] for name in quality.COUNTS}
    assert counts == {
        "requests": 4,
        "unreadable_requests": 2,
        "labelled_requests": 2,
        "labelled_rows": 3,
        "unmatched_labels": 1,
        "unreadable_labels": 3,
    }
    assert metrics["mae"] == pytest.approx(2 / 3)


def decided(base: Path, answers: list[str], labels: list[str]) -> None:
    put(base, "captured/07", [answered(str(n), [answer]) for n, answer in enumerate(answers)])
    put(base, "labels/07", [happened(str(n), [label]) for n, label in enumerate(labels)])


def test_a_label_of_two_is_decided_from_the_versions_threshold_on(base: Path) -> None:
    decided(base, ["0.6", "0.8", "0.9", "0.1"] * 10, ["no", "yes", "yes", "yes"] * 10)
    metrics, _ = run(base, BINARY, "recall", "--at-least", "0.5")
    assert metrics["precision"] == 1
    assert metrics["recall"] == pytest.approx(2 / 3)


def test_a_label_that_the_model_does_not_know_is_counted_and_stops_nothing(base: Path) -> None:
    decided(base, ["0.8", "0.1"] * 20, ["yes", "no"] * 19 + ["Yes", "No"])
    metrics, violations = run(base, BINARY, "recall", "--at-least", "0.5")
    assert (metrics["labelled_rows"], metrics["unreadable_labels"]) == (38, 2)
    assert metrics["recall"] == 1
    assert violations == []


@pytest.mark.parametrize("metric", ["recall", "f1", "precision", "auc"])
def test_a_perfect_model_of_a_rare_class_calls_nobody(base: Path, metric: str) -> None:
    """Of too few positive rows a share of them is not measured."""
    generator = np.random.default_rng(3)
    for share in (0.0, 0.02, 0.1):
        positive = generator.random(60) < share
        decided(
            base, ["0.9" if is_so else "0.1" for is_so in positive], np.where(positive, "yes", "no").tolist()
        )
        metrics, violations = run(base, BINARY, metric, "--at-least", "0.75", rows=50)
        assert violations == []
        assert metrics["labelled_rows"] == 60
        assert metrics.get(metric, 1.0) == 1.0


def test_classes_are_compared_without_probabilities(base: Path) -> None:
    answers = ["oak", "elm, wych", "ash", "oak"]
    put(base, "captured/07", [answered(str(n), [answer]) for n, answer in enumerate(answers)])
    labels = ["oak", "elm, wych", "oak", "yew"]
    put(base, "labels/07", [happened(str(n), [label]) for n, label in enumerate(labels)])
    metrics, _ = run(base, CLASSES, "accuracy", "--at-least", "0.5")
    assert metrics["accuracy"] == pytest.approx(2 / 3)
    assert metrics["unreadable_labels"] == 1
    assert "log_loss" not in metrics
