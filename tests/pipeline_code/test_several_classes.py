"""A model of several classes answers with the likeliest one, and says how sure it is of each."""

from __future__ import annotations

import json
from pathlib import Path

import evaluate
import preprocess
import pytest
import train
from captured import Captured
from inference import model_fn, transform_fn
from model import Model

from tests.pipeline_code.conftest import packed, table, write_raw

LABELS = ("dinghy, small", "ketch", "yawl")
ARGUMENTS = ["--problem", "multiclass-classification", "--target", "Rig", "--numeric", "Length"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of mounts after an evaluation of boats whose rig follows from their length."""
    base = tmp_path_factory.mktemp("several")
    lines = [f'{number % 30},"{LABELS[number % 30 // 10]}",{number}' for number in range(600)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_BASE_DIR", str(base))
        write_raw(base, table(lines, "Length,Rig,Number"))
        preprocess.main([*ARGUMENTS, "--numeric", "Number"])
        packed(base, lambda: train.main([]))
        evaluate.main([])
    return base


@pytest.fixture(scope="module")
def model(trained: Path) -> Model:
    return model_fn(str(trained / "model"))


def ask(model: Model, accept: str) -> str:
    return transform_fn(model, "5,1\n15,2\n25,3\n", "text/csv", accept).get_data(as_text=True)


def test_it_answers_with_labels_in_quotes_where_they_need_them(model: Model) -> None:
    assert ask(model, "text/csv") == '"dinghy, small"\nketch\nyawl'


def test_json_has_the_probability_of_every_class(model: Model) -> None:
    content = json.loads(ask(model, "application/json"))
    assert content["predictions"] == list(LABELS)
    for label, probabilities in zip(LABELS, content["probabilities"], strict=True):
        assert set(probabilities) == set(LABELS)
        assert max(probabilities, key=lambda name: probabilities[name]) == label
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-5)


def test_what_is_captured_of_it_is_read_back(model: Model, tmp_path: Path) -> None:
    sides = {"endpointInput": "5,1\n15,2\n25,3", "endpointOutput": ask(model, "text/csv")}
    data = {side: {"encoding": "CSV", "data": text} for side, text in sides.items()}
    (tmp_path / "a.jsonl").write_text(json.dumps({"captureData": data}))
    captured = Captured(["Rig", "Length", "Number"])
    captured.read(tmp_path / "a.jsonl")
    assert captured.rows == [[LABELS[0], "5", "1"], [LABELS[1], "15", "2"], [LABELS[2], "25", "3"]]


def test_the_report_has_the_registrys_metrics_a_confusion_matrix_by_label_and_pictures(trained: Path) -> None:
    output = trained / "processing" / "output" / "evaluation"
    metrics = json.loads((output / "evaluation.json").read_text("utf-8"))["multiclass_classification_metrics"]
    matrix = metrics["confusion_matrix"]
    assert {label: set(row) for label, row in matrix.items()} == {label: set(LABELS) for label in LABELS}
    right = sum(matrix[label][label] for label in LABELS)
    rows = sum(count for row in matrix.values() for count in row.values())
    assert metrics["accuracy"]["value"] == pytest.approx(right / rows)
    assert metrics["balanced_accuracy"]["value"] > 0.9
    assert len(list(output.glob("*.png"))) == 4
    explained = json.loads((output / "explainability" / "analysis.json").read_text("utf-8"))
    by_label = explained["explanations"]["kernel_shap"]
    assert set(by_label) == set(LABELS)
    for shap in by_label.values():
        values = shap["global_shap_values"]
        assert values["Length"] > values["Number"]


def test_the_baseline_holds_the_labels_that_the_endpoint_answers(trained: Path) -> None:
    text = (trained / "processing" / "output" / "baseline" / "baseline.csv").read_text("utf-8")
    answers = {line.rsplit(",", 2)[0].strip('"') for line in text.splitlines()[1:]}
    assert answers == set(LABELS)
