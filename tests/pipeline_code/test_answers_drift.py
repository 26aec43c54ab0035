"""Groups that fare worse and other features that move the answers are told, and what chance does is not."""

from __future__ import annotations

import base64
import csv
import json
import re
import shutil
import tarfile
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attribution_drift
import baseline
import bias_drift
import captured as captured_module
import monitor
import numpy as np
import pytest
import quality
import registry_files
from bias import Facet, Question, compare
from bias_drift import Group, Outcomes, Registered
from captured import Captured
from data_quality import FALSE_ALARMS_A_YEAR, HOURS_OF_A_YEAR
from explanations import explain
from model import Model
from registry_files import write_json
from scipy.stats import binom
from sklearn.metrics import ndcg_score
from tabular import Part, numbers_of

from stacks.monitoring.answers import LEAST_AGREEMENT

Json = dict[str, Any]
QUESTION = Question((Facet("Hull", ("steel",)), Facet("Age", above=20.0)), above=9000.0)
HOURLY = FALSE_ALARMS_A_YEAR / HOURS_OF_A_YEAR
COLUMNS = ("Price", "Length", "Age", "Hull")


@pytest.fixture(scope="module")
def rows(boat_model: Model, boat_part: Part) -> list[list[str]]:
    """Answer and features of 300 boats, as they are captured."""
    features, answers = boat_part.features, boat_model.predict(boat_part.features)
    columns = [
        ["" if cell is None or cell != cell else str(cell) for cell in cells]
        for cells in (answers, features["Length"], features["Age"], features["Hull"])
    ]
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.fixture(scope="module")
def version(
    boat_model: Model, boat_part: Part, rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A version's folder, as the release leaves it."""
    folder = tmp_path_factory.mktemp("version")
    (folder / "saved").mkdir()
    boat_model.save(folder / "saved")
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        archive.add(folder / "saved", arcname=".")
    evaluation = folder / "evaluation"
    found = compare(QUESTION, boat_model, boat_part, boat_part, boat_model.predict(boat_part.features))
    bias = evaluation / "bias"
    write_json(registry_files.bias(found), bias / "analysis.json")
    write_json(registry_files.bias_intervals(found), bias / "intervals.json")
    write_json(registry_files.bias_configuration(QUESTION, boat_model.schema), bias / "analysis_config.json")
    explanations = registry_files.explanations(explain(boat_model, boat_part.features))
    write_json(explanations, evaluation / "explainability" / "analysis.json")
    write_json({"regression_metrics": {}, "dataset": {"item_count": 300}}, evaluation / "evaluation.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_BASE_DIR", str(folder / "job"))
        place = folder / "job" / "processing" / "input" / "baseline"
        place.mkdir(parents=True)
        with (place / "baseline.csv").open("w", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *rows])
        baseline.main(["--threshold", "0.1"])
    shutil.move(folder / "job" / "processing" / "output" / "data-quality", folder / "data-quality")
    return folder


@pytest.fixture(scope="module")
def registered(version: Path) -> Registered:
    found = Registered.of(version / "evaluation")
    assert found
    return found


def _table(rows: Sequence[Sequence[str]]) -> dict[str, Sequence[str]]:
    return dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))


def _moved(registered: Registered, rows: list[list[str]], labels: list[str] | None = None) -> set[str]:
    table = _table(rows)
    found = registered.compare(table, Outcomes(table["Price"], labels), HOURLY)
    return {f"{each.group.name} {each.metric}" for each in found if each.beyond}


def _drawn(rows: list[list[str]], count: int, seed: int) -> list[list[str]]:
    return [rows[place] for place in np.random.default_rng(seed).integers(0, len(rows), count)]


def test_quiet_windows_raise_nothing(version: Path, registered: Registered, rows: list[list[str]]) -> None:
    for seed in range(100):
        drawn = _drawn(rows, (60, 200)[seed % 2], seed)
        labels = [row[0] for row in _drawn(rows, len(drawn), seed)]
        assert _moved(registered, drawn) == _moved(registered, drawn, labels) == set(), seed
    for seed in range(5):
        (ranking,) = attribution_drift.rank(version, _table(_drawn(rows, 60, seed)))
        assert ranking.at_best >= ranking.agreement >= attribution_drift.LEAST


@pytest.mark.parametrize(
    ("positive", "others", "of_the_group"),
    [(0.05, 2000, 100), (0.05, 2000, 150), (0.15, 5000, 40), (0.5, 300, 10)],
)
def test_a_year_of_a_small_group_that_fares_alike_raises_no_alarm(
    positive: float, others: int, of_the_group: int
) -> None:
    """In some of its hours a small group has no positive row at all."""
    equal = {"DPPL": 0.0, "DI": 1.0}
    intervals = {"Hull steel": {name: (value, value) for name, value in equal.items()}}
    registered = Registered((Group("Hull", ("steel",)),), ("yes",), None, {"Hull steel": equal}, intervals)
    hulls, answers = ["steel"] * of_the_group + ["wood"] * others, ["no"] * (of_the_group + others)
    answers[-round(positive * others) :] = ["yes"] * round(positive * others)
    alarms = 0.0
    for count in range(of_the_group + 1):
        hours = HOURS_OF_A_YEAR * binom.pmf(count, of_the_group, positive)
        answers[:count] = ["yes"] * count
        if hours > 0.001:
            found = registered.compare({"Hull": hulls}, Outcomes(answers), HOURLY)
            alarms += hours * sum(each.beyond > 0 for each in found)
    print(f"bias_false_alarms_a_year={alarms:.3f}")
    assert alarms <= FALSE_ALARMS_A_YEAR


def test_one_long_text_needs_no_memory_for_every_row() -> None:
    cells = [*["steel"] * 300, "x" * 100_000]
    tracemalloc.start()
    try:
        assert Group("Hull", ("steel",)).has(cells).sum() == 300
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_group_that_fares_farther_from_equal_is_named(
    registered: Registered, rows: list[list[str]]
) -> None:
    window = [[("20000" if row[3] == "steel" else "1000"), *row[1:]] for row in _drawn(rows, 200, 1)]
    assert {"Hull steel DPPL"} <= _moved(registered, window) <= {"Hull steel DPPL", "Hull steel DI"}
    violation = next(
        each.violation()
        for each in registered.compare(_table(window), Outcomes(_table(window)["Price"]), HOURLY)
        if each.beyond
    )
    assert violation["constraint_check_type"] == "bias_drift_check"
    assert (violation["facet"], violation["facet_value"]) == ("Hull", "steel")


def test_a_group_that_fares_as_all_others_is_no_drift(registered: Registered, rows: list[list[str]]) -> None:
    assert _moved(registered, [["20000", *row[1:]] for row in _drawn(rows, 200, 1)]) == set()


def test_by_what_happened_also_those_are_named_who_are_answered_wrongly(
    registered: Registered, rows: list[list[str]]
) -> None:
    window = _drawn(rows, 200, 1)
    labels = [
        ("1000" if float(row[0]) > 9000 else "20000") if row[3] == "steel" else row[0] for row in window
    ]
    assert _moved(registered, window) == set()
    assert "Hull steel AD" in _moved(registered, window, labels)


def test_few_rows_of_a_group_say_nothing(registered: Registered, rows: list[list[str]]) -> None:
    steel = [["20000", *row[1:]] for row in rows if row[3] == "steel"][: bias_drift.FEWEST_ROWS - 1]
    others = [["1000", *row[1:3], "wood"] for row in rows if row[3] != "steel"]
    found = registered.compare(_table(steel + others), Outcomes(_table(steel + others)["Price"]), HOURLY)
    assert {each.group.column for each in found} == {"Age"}


def test_the_agreement_of_two_orders_is_that_of_scikit_learn() -> None:
    """With the example of Clarify's documentation first."""
    generator = np.random.default_rng(0)
    pairs = [(np.array([0.7, 0.5, 0.05]), np.array([0.1, 0.2, 0.7])), *generator.random((20, 2, 6))]
    for scores, now in pairs:
        ours = attribution_drift.agreement(scores, now)
        assert float(ours) == pytest.approx(ndcg_score(scores[None], now[None]))
    assert attribution_drift.agreement(*pairs[0]) < attribution_drift.LEAST


def test_other_features_that_move_the_answers_are_a_drift(version: Path, rows: list[list[str]]) -> None:
    """Boats of one middling length, either new or old: age and hull decide now."""
    window = [[row[0], "9.6", ("0", "39")[place % 2], row[3]] for place, row in enumerate(rows)]
    (ranking,) = attribution_drift.rank(version, _table(window))
    assert max(ranking.registered, key=lambda name: ranking.registered[name]) == "Length"
    assert max(ranking.now, key=lambda name: ranking.now[name]) == "Age"
    assert ranking.at_best < 1
    assert attribution_drift.rank(version, _table(window[:40])) == []


def _watch(base: Path, version: Path, rows: list[list[str]]) -> tuple[dict[str, float], str]:
    """The metrics by name, and the page."""
    given = base / "processing" / "input"
    shutil.copytree(version, given / "baseline", dirs_exist_ok=True)
    (given / "captured" / "07").mkdir(parents=True)
    sides = {"endpointInput": [row[1:] for row in rows], "endpointOutput": [row[:1] for row in rows]}
    data = {
        side: {"encoding": "CSV", "data": "\n".join(",".join(row) for row in cells)}
        for side, cells in sides.items()
    }
    line = json.dumps({"captureData": data, "eventMetadata": {"eventId": "1"}})
    (given / "captured" / "07" / "a.jsonl").write_text(line + "\n" if rows else "")
    window = ["--last-hour", "7", "--window-hours", "1"]
    monitor.main(["--endpoint", "dev-<boats>", "--namespace", "Example", *window])
    report = base / "processing" / "output" / "report"
    data = json.loads((report / "metrics.json").read_text())["MetricData"]
    return {item["MetricName"]: item["Value"] for item in data}, (report / "report.html").read_text()


def test_one_job_compares_columns_groups_and_features_and_draws_them(
    base: Path, version: Path, rows: list[list[str]]
) -> None:
    window = [[("20000" if row[3] == "steel" else "1000"), *row[1:]] for row in _drawn(rows, 200, 1)]
    metrics, page = _watch(base, version, window)
    assert metrics["bias_drift"] > 0
    assert metrics["attribution_agreement_at_best"] > 0.9
    assert metrics["feature_baseline_drift_Price"] > 0.1
    assert metrics["violations"] >= 2
    for text in ("baseline_drift_check", "bias_drift_check", "kolmogorov-smirnov", "jensen-shannon", "steel"):
        assert text in page, text
    assert "dev-&lt;boats&gt;" in page
    assert "No data" not in page
    assert page.count('<summary class="marked">') == 1
    assert re.findall(r"(?:src|href|url)\b", page.partition("</style>")[2]) == []
    assert "<script" not in page


def test_a_window_without_requests_is_no_data_and_no_violation(base: Path, version: Path) -> None:
    metrics, page = _watch(base, version, [])
    assert metrics == {"requests": 0, "unreadable_requests": 0, "violations": 0}
    assert "No data" in page


def test_a_version_without_groups_and_explanations_is_watched_as_before(
    base: Path, version: Path, rows: list[list[str]]
) -> None:
    older = base / "older"
    shutil.copytree(version / "data-quality", older / "data-quality")
    metrics, page = _watch(base, older, rows[:60])
    assert not {"bias_drift", "attribution_agreement_at_best"} & metrics.keys()
    assert "compares no groups" in page


def test_what_an_older_version_left_otherwise_stops_no_other_comparison(
    base: Path, version: Path, rows: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    older = base / "older"
    shutil.copytree(version, older)
    (older / "model.tar.gz").write_bytes(b"a format of tomorrow")
    (older / "evaluation" / "bias" / "analysis_config.json").write_text("{}")
    window = [["20000", *row[1:]] for row in _drawn(rows, 200, 1)]
    metrics, page = _watch(base, older, window)
    assert metrics["feature_baseline_drift_Price"] > 0.1
    assert not {"bias_drift", "attribution_agreement_at_best"} & metrics.keys()
    assert "groups could not be compared: KeyError;" in capsys.readouterr().out
    assert page.count("Could not be compared: ") == 2


def test_no_more_rows_are_parsed_than_are_explained_and_no_model_is_unpacked_for_nothing(
    version: Path, rows: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[int] = []
    monkeypatch.setattr(attribution_drift, "MOST_ROWS", 100)

    def counting(cells: Sequence[str]) -> Any:
        parsed.append(len(cells))
        return numbers_of(cells)

    monkeypatch.setattr(attribution_drift, "numbers_of", counting)
    assert attribution_drift.rank(version, _table(rows))
    assert parsed == [100, 100]
    write_json({}, tmp_path / "evaluation" / "explainability" / "analysis.json")
    assert attribution_drift.rank(tmp_path, _table(rows)) == []


def _judge(
    base: Path, version: Path, rows: list[list[str]], fewest: int = 20
) -> tuple[dict[str, float], set[str]]:
    """The metrics, and those that are violated, when the model is always wrong about steel."""
    given = base / "processing" / "input"
    shutil.copytree(version, given / "baseline")
    (given / "captured" / "07").mkdir(parents=True)
    (given / "labels").mkdir()
    asked, told = [], []
    for number, (answer, *features) in enumerate(rows):
        data = {
            "endpointInput": {"encoding": "CSV", "data": ",".join(features)},
            "endpointOutput": {"encoding": "CSV", "data": answer},
        }
        metadata = {"eventId": str(number)}
        asked.append(json.dumps({"captureData": data, "eventMetadata": metadata}))
        wrong = "1000" if float(answer) > 9000 else "20000"
        truth = {"encoding": "CSV", "data": wrong if features[-1] == "steel" else answer}
        told.append(json.dumps({"groundTruthData": truth, "eventMetadata": metadata}))
    (given / "captured" / "07" / "a.jsonl").write_text("\n".join(asked))
    (given / "labels" / "a.jsonl").write_text("\n".join(told))
    window = ["--last-hour", "23", "--window-hours", "24", "--metric", "rmse", "--at-most", "1e9"]
    quality.main(["--endpoint", "dev-boats", "--namespace", "Example", *window, "--rows", str(fewest)])
    report = base / "processing" / "output" / "report"
    violations = json.loads((report / "constraint_violations.json").read_text())["violations"]
    metrics = json.loads((report / "metrics.json").read_text())["MetricData"]
    return {each["MetricName"]: each["Value"] for each in metrics}, {
        each["metric_name"] for each in violations
    }


def test_quality_tells_of_groups_by_what_happened(base: Path, version: Path, rows: list[list[str]]) -> None:
    metrics, violated = _judge(base, version, _drawn(rows, 200, 1))
    assert "AD" in violated
    assert metrics["bias_drift"] > 0


def test_of_a_request_that_cannot_be_read_the_answer_counts_and_only_its_group_is_not_known(
    base: Path, version: Path, rows: list[list[str]]
) -> None:
    drawn = _drawn(rows, 200, 1)
    metrics, violated = _judge(base, version, [*drawn, *([row[0], "half", *row] for row in drawn[:50])])
    assert (metrics["unreadable_requests"], metrics["labelled_rows"]) == (0, 250)
    assert "AD" in violated


def test_groups_are_judged_by_no_fewer_labels_than_the_model(
    base: Path, version: Path, rows: list[list[str]]
) -> None:
    metrics, violated = _judge(base, version, _drawn(rows, 200, 1), 201)
    assert (metrics["labelled_rows"], "bias_drift" in metrics, violated) == (200, False, set())


def test_a_baseline_of_aws_does_not_say_what_requests_are_and_quality_is_measured_all_the_same(
    base: Path, version: Path, rows: list[list[str]]
) -> None:
    analyzed = base / "analyzed"
    shutil.copytree(version, analyzed)
    constraints = json.loads((analyzed / "data-quality" / "constraints.json").read_text())
    own = ("missing_values", "personal")
    theirs = {name: value for name, value in constraints.items() if name not in own}
    write_json(theirs, analyzed / "data-quality" / "constraints.json")
    metrics, violated = _judge(base, analyzed, _drawn(rows, 200, 1))
    assert (metrics["labelled_rows"], "rmse" in metrics, violated) == (200, True, set())


def test_the_alarm_rings_where_the_job_tells_of_a_drift() -> None:
    assert LEAST_AGREEMENT == attribution_drift.LEAST


def test_memory_is_bounded_and_no_row_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured_module, "MOST_ROWS", 200)
    sides = {"endpointInput": "\n".join(map(str, range(1000))), "endpointOutput": "\n".join(["1"] * 1000)}
    data = {
        side: {
            "encoding": "BASE64",
            "observedContentType": "text/csv; charset=utf-8",
            "data": base64.b64encode(text.encode()).decode(),
        }
        for side, text in sides.items()
    }
    (tmp_path / "a.jsonl").write_text(json.dumps({"captureData": data}))
    captured = Captured(["Price", "Length"])
    captured.read(tmp_path / "a.jsonl")
    assert (captured.requests, captured.unreadable, captured.seen, len(captured.rows)) == (1, 0, 1000, 200)
    assert 420 < np.mean([float(row[1]) for row in captured.rows]) < 580
