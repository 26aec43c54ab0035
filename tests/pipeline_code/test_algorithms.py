"""Every algorithm goes the same way: it is trained, evaluated and served by the same scripts."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import evaluate
import numpy as np
import preprocess
import pytest
import train
from evaluation_page import PICTURES
from hyperparameters import ALGORITHMS, AUTO, RULES_OF, TRIED, WITH_OBJECTIVE, Value, defaults
from inference import model_fn, transform_fn
from light_trees import LightTrees
from linear import Linear
from metrics import measure
from model import KINDS, Model, actual_values
from neighbors import Neighbors
from served_answers import answers_of_csv
from tabular import ClassWeight, DataError, Part, Problem, Schema, TargetTransform
from train import fit
from trees import Trees

from config.models.tuning import objectives_of
from tests.config.test_tuning_mistakes import IMAGE
from tests.pipeline_code.conftest import packed, table, write_raw
from tools.local_aws.sagemaker.jobs.log_metrics import final_metrics, with_definitions

GENERATOR = np.random.default_rng(11)
ROWS = 420
LENGTH = GENERATOR.random(ROWS) * 10
AGE = np.where(np.arange(ROWS) % 9 == 0, np.nan, GENERATOR.integers(0, 40, ROWS))
HULL = np.array(["steel", "wood", "wood", "steel", "wood", "steel", None], dtype=object)[np.arange(ROWS) % 7]
WORTH = LENGTH * np.where(HULL == "steel", 1.5, 1.0) + GENERATOR.normal(0, 0.3, ROWS)
TARGETS: dict[Problem, Any] = {
    "regression": np.round(1000 * np.exp(WORTH / 5), 2),
    "binary-classification": np.where(WORTH > 8, "yes", "no").astype(object),
    "multiclass-classification": np.array(["dinghy", "ketch", "yawl"], dtype=object)[
        np.digitize(WORTH, [4, 8])
    ],
}
SINGLE = tuple(RULES_OF)
# (metric, what a model that has learnt nothing does not reach)
LEARNT: dict[Problem, tuple[str, float]] = {
    "regression": ("r2", 0.7),
    "binary-classification": ("auc", 0.9),
    "multiclass-classification": ("balanced_accuracy", 0.6),
}


def schema_of(problem: Problem, class_weight: ClassWeight) -> Schema:
    positive = "yes" if problem == "binary-classification" else None
    transform: TargetTransform = "log" if problem == "regression" else "none"
    columns = ("Length", "Age"), ("Hull",)
    return Schema(problem, "Target", transform, *columns, positive=positive, class_weight=class_weight)


def part(problem: Problem, rows: slice) -> Part:
    features = {"Length": LENGTH[rows], "Age": AGE[rows], "Hull": HULL[rows]}
    return Part(features, TARGETS[problem][rows])


def trained(
    algorithm: str,
    problem: Problem,
    given: Mapping[str, Value] = MappingProxyType({}),
    class_weight: ClassWeight = "none",
) -> Model:
    settings = {**defaults(algorithm, problem), **given}
    if algorithm in WITH_OBJECTIVE:
        settings |= {"n_estimators": 60, "learning_rate": 0.3}
    parts = part(problem, slice(320)), part(problem, slice(320, 380))
    return fit(schema_of(problem, class_weight), *parts, settings, algorithm=algorithm)


@pytest.mark.parametrize("problem", TARGETS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_learns_every_problem_and_answers_the_same_after_a_save(
    algorithm: str, problem: Problem, tmp_path: Path
) -> None:
    model, test = trained(algorithm, problem), part(problem, slice(380, None))
    predicted = model.predict(test.features)
    metric, least = LEARNT[problem]
    assert measure(problem, actual_values(model, test.target), predicted)[metric] > least
    if problem != "regression":
        assert (predicted >= 0).all()
        assert (predicted <= 1).all()
    model.save(tmp_path)
    assert [kind.FILE for kind in KINDS if (tmp_path / kind.FILE).exists()] == [model.learned.FILE]
    loaded = Model.load(tmp_path)
    assert np.array_equal(loaded.predict(test.features), predicted)
    alone = [{name: cells[row : row + 1] for name, cells in test.features.items()} for row in range(40)]
    assert np.array_equal(np.concatenate([loaded.predict(row) for row in alone]), predicted)


@pytest.mark.parametrize("algorithm", SINGLE)
@pytest.mark.parametrize("problem", ["binary-classification", "multiclass-classification"])
def test_balanced_classes_count_the_same_for_every_algorithm(algorithm: str, problem: Problem) -> None:
    features = part(problem, slice(380, None)).features
    plain = trained(algorithm, problem).predict(features)
    balanced = trained(algorithm, problem, class_weight="balanced").predict(features)
    assert not np.allclose(plain, balanced)


@pytest.mark.parametrize("problem", TARGETS)
@pytest.mark.parametrize("algorithm", SINGLE)
def test_no_number_of_a_client_is_too_large_for_an_answer(algorithm: str, problem: Problem) -> None:
    """An answer of 500 would count as the model's mistake, and could roll a deployment back."""
    model = trained(algorithm, problem)
    for sign in ("", "-"):
        rows = "".join(f"{sign}{number},3,steel\n" for number in ("1e3", "1e30", "1e308"))
        answer = transform_fn(model, rows, "text/csv", None)
        assert answer.status_code == 200
        assert len(set(answer.get_data(as_text=True).splitlines())) == 1


@pytest.mark.parametrize("problem", TARGETS)
@pytest.mark.parametrize("algorithm", ["xgboost", "lightgbm", "linear"])
def test_contributions_add_up_to_the_answer_before_it_becomes_a_probability(
    algorithm: str, problem: Problem
) -> None:
    model, features = trained(algorithm, problem), part(problem, slice(380, None)).features
    found = model.contributions(features)
    assert found is not None
    answers = 3 if problem == "multiclass-classification" else 1
    assert found.shape == (40, answers, len(model.transform.sources) + 1)
    assert np.ptp(found[:, :, -1], axis=0) == pytest.approx(0)
    sums, predicted = found.sum(axis=2), model.predict(features)
    if problem == "regression":
        told = np.exp(sums[:, 0])
    elif problem == "binary-classification":
        told = 1 / (1 + np.exp(-sums[:, 0]))
    else:
        told = np.exp(sums) / np.exp(sums).sum(axis=1, keepdims=True)
    assert np.allclose(told, predicted, rtol=1e-4)


def test_neighbors_cannot_tell_what_each_feature_contributed() -> None:
    rows = part("regression", slice(380, None)).features
    assert trained("knn", "regression").contributions(rows) is None


@pytest.mark.parametrize("algorithm", SINGLE)
def test_what_nothing_rests_on_is_of_no_importance(algorithm: str) -> None:
    model = trained(algorithm, "regression")
    shares = evaluate.importance(model, part("regression", slice(380, None)).features)
    assert next(iter(shares)) == "Length"
    assert shares["Age"] < 0.35 * shares["Length"]
    assert sum(shares.values()) == pytest.approx(1)


def test_the_validation_part_chooses_what_is_not_given(capsys: pytest.CaptureFixture[str]) -> None:
    for algorithm, name, few, value in (("linear", "l2_penalty", 1e6, 10.0), ("knn", "n_neighbors", 300, 5)):
        chosen, worse = trained(algorithm, "regression"), trained(algorithm, "regression", {name: few})
        assert getattr(worse.learned, name) == few
        rows = part("regression", slice(320, 380))
        errors = [np.abs(np.log(m.predict(rows.features) / rows.target)).mean() for m in (chosen, worse)]
        assert errors[0] < errors[1]
        assert getattr(trained(algorithm, "regression", {name: value}).learned, name) == value
    assert "n_neighbors=5;" in capsys.readouterr().out


def test_auto_keeps_the_best_and_says_how_good_each_was(capsys: pytest.CaptureFixture[str]) -> None:
    for given, best in (({}, None), ({"l2_penalty": 1e9, "n_neighbors": 300}, Trees)):
        model = trained(AUTO, "regression", dict(given))
        printed = capsys.readouterr().out
        losses = re.findall(r"^candidate=(\w+); .+; validation_rmse=([\d.]+);$", printed, re.MULTILINE)
        assert [name for name, _ in losses] == list(TRIED)
        least = min(losses, key=lambda each: float(each[1]))[0]
        assert f"algorithm={least};" in printed
        kinds = dict(zip(TRIED, (Trees, Linear, Neighbors), strict=True))
        assert isinstance(model.learned, kinds[least])
        assert best in (None, kinds[least])


def test_knn_keeps_as_many_rows_as_it_may_and_needs_as_many_as_it_asks() -> None:
    learned = trained("knn", "regression", {"sample_size": 50}).learned
    assert isinstance(learned, Neighbors)
    assert learned.rows.shape[0] == learned.says.shape[0] == 50
    with pytest.raises(DataError, match="n_neighbors=51 is more than the 50 rows"):
        trained("knn", "regression", {"sample_size": 50, "n_neighbors": 51})


def test_no_file_of_what_was_learnt_can_run_anything(tmp_path: Path) -> None:
    np.savez(tmp_path / "objects.npz", rows=np.array([print], dtype=object))
    (tmp_path / "objects.npz").rename(tmp_path / Neighbors.FILE)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        Neighbors.load(tmp_path)
    assert (Linear.FILE, LightTrees.FILE) == ("linear.json", "light_trees.txt")


WAYS: list[tuple[str, Problem]] = [
    ("linear", "regression"),
    ("lightgbm", "binary-classification"),
    ("knn", "binary-classification"),
    (AUTO, "multiclass-classification"),
]


@pytest.fixture(scope="module", params=WAYS, ids=[algorithm for algorithm, _ in WAYS])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder of mounts after preparation, training and evaluation, and what training has printed."""
    algorithm, problem = request.param
    base = tmp_path_factory.mktemp(algorithm)
    lines = [
        f"{length:.3f},{'' if np.isnan(age) else age},{hull or ''},{target}"
        for length, age, hull, target in zip(LENGTH, AGE, HULL, TARGETS[problem], strict=True)
    ]
    arguments = ["--problem", problem, "--target", "Target"]
    arguments += ["--numeric", "Length,Age", "--categorical", "Hull"]
    if problem == "binary-classification":
        arguments.append("--positive=yes")
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_BASE_DIR", str(base))
        write_raw(base, table(lines, "Length,Age,Hull,Target"))
        preprocess.main(arguments)
        patch.setattr("sys.stdout", printed)
        packed(base, lambda: train.main(["--algorithm", algorithm]))
        evaluate.main([])
    return base, printed.getvalue()


def test_the_endpoint_answers_what_the_baseline_holds(served: tuple[Path, str]) -> None:
    base, _ = served
    baseline = base / "processing" / "output" / "baseline" / "baseline.csv"
    _, *rows = csv.reader(baseline.open(encoding="utf-8", newline=""))
    request = io.StringIO()
    csv.writer(request).writerows(row[1:] for row in rows)
    model = model_fn(str(base / "model"))
    answer = transform_fn(model, request.getvalue(), "text/csv", None)
    assert answer.status_code == 200
    assert answers_of_csv(answer.get_data(as_text=True)) == [row[0] for row in rows]


def test_the_report_has_metrics_and_pictures(served: tuple[Path, str]) -> None:
    output = served[0] / "processing" / "output" / "evaluation"
    (metrics,) = [
        content
        for name, content in json.loads((output / "evaluation.json").read_text("utf-8")).items()
        if name.endswith("_metrics")
    ]
    assert all(np.isfinite(metrics[name]["value"]) for name in metrics if name != "confusion_matrix")
    assert {*PICTURES} <= {path.name for path in output.iterdir()}
    assert "What the model looks at" in (output / "evaluation.html").read_text("utf-8")


def test_sagemaker_finds_the_metrics_in_the_log_as_those_of_its_image(
    served: tuple[Path, str], request: pytest.FixtureRequest
) -> None:
    definitions = with_definitions({"TrainingImage": IMAGE})["MetricDefinitions"]
    found = {each["MetricName"] for each in final_metrics(definitions, served[1].splitlines())}
    _, problem = request.node.callspec.params["served"]
    assert {*objectives_of(problem)} <= found


def test_the_same_data_give_the_same_artifact(
    served: tuple[Path, str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, _ = served
    files = [path for path in (base / "model").iterdir() if path.is_file()]
    first = [path.read_bytes() for path in files]
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(base))
    train.main(["--algorithm", request.node.callspec.params["served"][0]])
    assert [path.read_bytes() for path in files] == first
