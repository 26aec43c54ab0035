"""The last block of the story tells of any kind of problem, and of an endpoint that nobody watches."""

from pathlib import Path

from tools.rehearse.acts import Results
from tools.rehearse.pipeline import Criterion
from tools.rehearse.samples import CHURN
from tools.rehearse.summary import summary_lines

CRITERION = Criterion("binary_classification_metrics", "auc", "at least", 0.8)


def test_a_probability_stands_beside_what_came_true() -> None:
    drift = {"constraint_check_type": "baseline_drift_check", "feature_name": "state", "description": "far"}
    results = Results({"auc": 0.9, "f1": 0.5}, [(0.25, "no"), (0.875, "yes")], [drift], "ALARM")
    text = "\n".join(summary_lines("dev-churn", CHURN, CRITERION, results, Path("pictures")))
    assert "auc = 0.900 (at least 0.8)" in text
    assert [line.split() for line in text.splitlines()[3:6]] == [
        ["Predictions", "predicted", "churn"],
        ["0.250", "no"],
        ["0.875", "yes"],
    ]
    assert "state: baseline_drift_check: far" in text
    assert "Drift alarm      ALARM" in text


def test_an_endpoint_that_nobody_watches_has_no_alarm() -> None:
    lines = summary_lines("dev-churn", CHURN, CRITERION, Results({"auc": 0.9}), Path("pictures"))
    assert "Violations       nobody watches the endpoint" in lines
    assert not [line for line in lines if line.startswith("Drift alarm")]
