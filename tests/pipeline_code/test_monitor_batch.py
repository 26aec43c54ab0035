"""The monitor of batches: files of rows and their answers, against a baseline of training rows."""

import json
import shutil
from pathlib import Path
from typing import Any

import baseline
import monitor_batch
import numpy as np
import pytest
from monitor_batch import Columns, selected
from tabular import DataError

from tools.local_aws.sagemaker.transform import records

Json = dict[str, Any]
NAMED = ("$[1:]", "Input", "$[0,-1]")
"""The first column says whose row it is, and is kept beside the answer."""


def boats(count: int, *, seed: int = 1, longer: float = 0.0) -> list[list[str]]:
    """Price, length and hull of boats."""
    generator = np.random.default_rng(seed)
    lengths = generator.normal(9 + longer, 1.5, count)
    hulls = generator.choice(["steel", 'wood, "oak"'], count, p=[0.4, 0.6])
    rows = zip(lengths, hulls, strict=True)
    return [[f"{1000 * length:.0f}", f"{length:.2f}", str(hull)] for length, hull in rows]


def as_csv(rows: list[list[str]], end: str = "\n") -> str:
    return "".join(line.decode() + end for line in records.lines_of(rows))


@pytest.fixture
def learnt(base: Path) -> Path:
    folder = base / "processing" / "input" / "baseline"
    folder.mkdir(parents=True)
    rows = as_csv([["Price", "Length", "Hull"], *boats(2000, seed=0)])
    (folder / "baseline.csv").write_text(rows)
    baseline.main(["--threshold", "0.1"])
    target = folder / "data-quality"
    shutil.copytree(base / "processing" / "output" / "data-quality", target)
    return base


def bring(base: Path, name: str, rows: str, answers: str | None) -> None:
    for folder, text, file in (("rows", rows, name), ("answers", answers, f"{name}.out")):
        path = base / "processing" / "input" / folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is not None:
            path.write_text(text, newline="")


def named(rows: list[list[str]]) -> tuple[str, str]:
    """Rows and answers of a transform job with `NAMED`."""
    asked = [[f"boat-{number}", *row[1:]] for number, row in enumerate(rows)]
    answers = [[f"boat-{number}", row[0]] for number, row in enumerate(rows)]
    return as_csv(asked), as_csv(answers)


def compare(base: Path, columns: tuple[str, str, str] = NAMED) -> tuple[list[str], dict[str, float], str]:
    """Columns with violations, the metrics by name, and the page."""
    filters = zip(("--input-filter", "--join-source", "--output-filter"), columns, strict=True)
    told = ["--batch", "dev-<boats>", "--namespace", "Example"]
    monitor_batch.main([*told, *(part for each in filters for part in each)])
    report = base / "processing" / "output" / "report"
    request = json.loads((report / "metrics.json").read_text())
    dimensions = [{"Name": "Batch", "Value": "dev-<boats>"}]
    assert all(item["Dimensions"] == dimensions for item in request["MetricData"])
    assert (report / "statistics.json").is_file()
    violations = json.loads((report / "constraint_violations.json").read_text())["violations"]
    metrics = {item["MetricName"]: item["Value"] for item in request["MetricData"]}
    return [each["feature_name"] for each in violations], metrics, (report / "report.html").read_text()


def test_rows_like_those_of_training_violate_nothing(learnt: Path) -> None:
    bring(learnt, "a.csv", *named(boats(300)))
    bring(learnt, "night/b.csv", *named(boats(200, seed=2)))
    violations, metrics, page = compare(learnt)
    assert violations == []
    assert (metrics["rows"], metrics["unreadable_rows"]) == (500, 0)
    assert "requests" not in metrics
    assert "Monitor of batches of dev-&lt;boats&gt;" in page
    assert "None in 500 rows" in page


def test_rows_that_differ_are_named_with_their_answers(learnt: Path) -> None:
    bring(learnt, "a.csv", *named(boats(300, longer=4)))
    violations, metrics, _ = compare(learnt)
    assert set(violations) == {"Price", "Length"}
    assert metrics["feature_baseline_drift_Length"] > 0.1 > metrics["feature_baseline_drift_Hull"]


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        (("$", "None", "$"), [1, 2]),
        (("$", "Input", "$"), [1, 2]),
        (("$", "Input", "$[-1]"), [1, 2]),
        (("$[0,1]", "Input", "$[2:]"), [1, 2]),
    ],
)
def test_rows_are_read_as_the_transform_job_has_filtered_and_joined_them(
    learnt: Path, columns: tuple[str, str, str], kept: list[int]
) -> None:
    """The transform jobs of the embedded AWS are the referee."""
    rows = boats(300, longer=4)
    asked = [[row[place] for place in kept] for row in rows]
    answers = [[row[0]] for row in rows]
    if columns[1] == "Input":
        both = zip(asked, rows, strict=True)
        answers = [records.selected(columns[2], [*given, row[0]]) for given, row in both]
    bring(learnt, "a.csv", as_csv(asked, "\r\n"), as_csv(answers))
    violations, metrics, _ = compare(learnt, columns)
    assert set(violations) == {"Price", "Length"}
    assert metrics["unreadable_rows"] == 0


@pytest.mark.parametrize("path", ["$", "$[1:]", "$[:2]", "$[1:2,0,-1]", "$[-2]", "$[3]", "$[2:9]"])
def test_columns_mean_what_they_mean_to_the_transform_job(path: str) -> None:
    row = ["a", "b", "c", "d"]
    assert selected(path, row) == records.selected(path, row)


def test_a_batch_without_answers_is_no_data_and_no_violation(learnt: Path) -> None:
    """The machine tells it without a job, where there is no file at all; a file can be empty."""
    bring(learnt, "a.csv", "", "")
    violations, metrics, page = compare(learnt)
    assert violations == []
    assert metrics == {"rows": 0, "unreadable_rows": 0, "violations": 0}
    assert "No row of the batch has an answer that can be read" in page


def test_rows_that_cannot_be_matched_with_answers_are_counted_and_say_nothing(learnt: Path) -> None:
    rows, answers = named(boats(300))
    bring(learnt, "changed.csv", rows + rows, answers)
    bring(learnt, "gone.csv", rows, answers)
    (learnt / "processing" / "input" / "rows" / "gone.csv").unlink()
    bring(learnt, "unanswered.csv", rows, None)
    strange = 'boat-1,9.5\nboat-2,9.5,steel,new\nboat-3,"9.5,steel\n'
    bring(learnt, "strange.csv", strange, "boat-1,1\nboat-2,1\nboat-3,1\n")
    bring(learnt, "narrow.csv", "boat-1,9.5,steel\n", "boat-1\n")
    bring(learnt, "good.csv", rows, answers)
    violations, metrics, _ = compare(learnt)
    assert violations == []
    assert (metrics["rows"], metrics["unreadable_rows"]) == (904, 604)


@pytest.mark.parametrize(("rows", "answers"), [("boat-1,9.5\n", "boat-1,1\n"), ("", "boat-1,1\n")])
def test_nobody_takes_it_for_a_quiet_night_that_no_answer_could_be_compared(
    learnt: Path, rows: str, answers: str
) -> None:
    """Its alarm says that nobody compared: metrics without drift would raise none."""
    bring(learnt, "a.csv", rows, answers)
    with pytest.raises(DataError, match="none of 1 rows with an answer can be compared"):
        compare(learnt)


def test_an_answer_that_is_not_kept_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="not in list"):
        Columns("$", is_joined=True, output_filter="$[0]").answer(["boat", "9.5"], ["boat"])
