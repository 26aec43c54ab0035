"""The last block of the story tells of any kind of problem, and of an endpoint that nobody watches."""

from pathlib import Path

from tools.rehearse.acts import Evaluation, LiveQuality, Results
from tools.rehearse.batches import BatchFindings
from tools.rehearse.pipeline import Criterion
from tools.rehearse.samples import Sample
from tools.rehearse.summary import summary_lines

CRITERION = Criterion("binary_classification_metrics", "auc", "at least", 0.8)
CHURN = Sample("churn", "churn.csv", "churn", "international_plan", "yes")


def test_a_probability_stands_beside_what_came_true() -> None:
    drift = {"constraint_check_type": "baseline_drift_check", "feature_name": "state", "description": "far"}
    evaluation = Evaluation({"auc": 0.9, "f1": 0.5}, "yes", 0.7)
    results = Results(evaluation, [("0.25", "no"), ("0.875", "yes")], 72, [drift], "ALARM")
    text = "\n".join(summary_lines("dev-churn", CHURN, CRITERION, results, Path("pictures")))
    assert "auc = 0.900 (at least 0.8)" in text
    assert "of churn = yes, from a probability of 0.7 on" in text
    assert [line.split() for line in text.splitlines()[4:7]] == [
        ["Predictions", "predicted", "churn"],
        ["0.250", "no"],
        ["0.875", "yes"],
    ]
    assert "none in 72 rows that are like the delivery" in text
    assert "state: baseline_drift_check: far" in text
    assert "Drift alarm      ALARM" in text


def test_a_class_stands_beside_the_actual_one() -> None:
    criterion = Criterion("multiclass_classification_metrics", "accuracy", "at least", 0.8)
    results = Results(Evaluation({"accuracy": 0.9}), [("Iris setosa", "Iris virginica")])
    text = "\n".join(summary_lines("dev-iris", CHURN, criterion, results, Path("pictures")))
    assert " Iris setosa Iris virginica" in text


def test_an_endpoint_that_nobody_watches_has_no_alarm() -> None:
    lines = summary_lines("dev-churn", CHURN, CRITERION, Results(Evaluation({"auc": 0.9})), Path("pictures"))
    assert "Violations       nobody watches the endpoint" in lines
    assert not [line for line in lines if line.startswith("Drift alarm")]


def test_what_really_happened_stands_beside_the_criterion() -> None:
    live = LiveQuality(80, {"auc": 0.7, "auc_at_best": 0.75}, [{"metric_name": "auc"}])
    results = Results(Evaluation({"auc": 0.9}), live=live)
    lines = summary_lines("dev-churn", CHURN, CRITERION, results, Path("pictures"))
    assert "Live quality     auc = 0.700 on 80 requests whose outcome was told" in lines
    assert lines[
        lines.index("Live quality     auc = 0.700 on 80 requests whose outcome was told") + 1
    ].endswith("the criterion is missed: at best 0.750, if chance was against the model")


def test_batches_are_told_where_somebody_watches_them() -> None:
    drift = {"constraint_check_type": "baseline_drift_check", "feature_name": "state", "description": "far"}
    results = Results(Evaluation({"auc": 0.9}), batches=BatchFindings(72, [drift], "ALARM"))
    lines = summary_lines("dev-churn", CHURN, CRITERION, results, Path("pictures"))
    told = lines.index("Batches          no violation in 72 rows that are like the delivery")
    assert [line.strip() for line in lines[told + 1 : told + 3]] == [
        "1 in a batch of rows that came later",
        "their drift alarm: ALARM",
    ]
