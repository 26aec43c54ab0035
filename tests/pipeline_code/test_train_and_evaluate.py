from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import evaluate
import numpy as np
import preprocess
import pytest
import train
from archive import load_archive
from evaluate import HELD_OUT
from inference import model_fn, transform_fn
from model import Model, actual_values
from served_answers import answers_of_csv
from served_code import copy_code
from tabular import DataError, Part, Schema, read_part

from tests.pipeline_code.conftest import ARGUMENTS, BOATS, boat_lines, table, write_raw


@pytest.fixture
def channels(base: Path) -> Path:
    """Preprocessed boats where training and evaluation find them."""
    write_raw(base, table(boat_lines(300)))
    preprocess.main(ARGUMENTS)
    output = base / "processing" / "output"
    for channel in ("train", "validation"):
        shutil.copytree(output / channel, base / "input" / "data" / channel)
    for part in ("validation", "test"):
        shutil.copytree(output / part, base / "processing" / "input" / part)
    config = base / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text('{"n_estimators": "60"}', encoding="utf-8")
    return base


def pack(base: Path) -> Path:
    archive = base / "processing" / "input" / "model" / "model.tar.gz"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(base / "model", arcname=".")
    return archive


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_training_prints_its_metrics_and_is_the_same_to_the_byte_when_repeated(
    channels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train.main([])
    first = contents(channels / "model")
    shutil.rmtree(channels / "model")
    train.main([])
    assert contents(channels / "model") == first
    printed = capsys.readouterr().out
    # The expression by which SageMaker reads the log of its XGBoost image; a tab is #011 in CloudWatch.
    assert re.search(r".*\[[0-9]+\].*#011train-rmse:(\S+)", printed.replace("\t", "#011"))
    assert re.search(r".*\[[0-9]+\].*#011validation-rmse:(\S+)", printed.replace("\t", "#011"))


def test_the_model_carries_the_code_that_serves_it(channels: Path) -> None:
    train.main([])
    names = {path.name for path in (channels / "model" / "code").iterdir()}
    assert {"inference.py", "model.py", "fast_transform.py", "features_house_prices.py"} <= names
    assert "__main__.py" not in names


def test_code_is_copied_out_of_a_zip_as_out_of_a_folder(tmp_path: Path) -> None:
    source = Path(train.__file__).parent
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as code:
        for path in source.glob("*.py"):
            code.write(path, path.name)
    copy_code(source, tmp_path / "folder")
    copy_code(archive, tmp_path / "zip")
    contents = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("folder", "zip")
    ]
    assert contents[0] == contents[1]


def test_evaluation_writes_the_registrys_format_three_pictures_and_a_page(channels: Path) -> None:
    train.main([])
    pack(channels)
    evaluate.main([])
    output = channels / "processing" / "output" / "evaluation"
    content = json.loads((output / "evaluation.json").read_text(encoding="utf-8"))
    metrics = content["regression_metrics"]
    assert set(metrics["within_10_percent"]) == {"value", "standard_deviation"}
    assert {"rmse", "mae", "r2", "median_absolute_percentage_error", "within_5_percent"} <= set(metrics)
    assert metrics["r2"]["value"] > 0.5
    for picture in ("predicted_against_actual.png", "residuals.png", "importance.png"):
        assert (output / picture).read_bytes().startswith(b"\x89PNG")
    page = (output / "evaluation.html").read_text(encoding="utf-8")
    assert "Evaluation of Price" in page
    assert page.count("data:image/png;base64,") == 4
    shap = json.loads((output / "explainability" / "analysis.json").read_text(encoding="utf-8"))
    assert set(shap["explanations"]["kernel_shap"]["Price"]["global_shap_values"]) == {
        "Length",
        "Age",
        "Hull",
    }
    limits = json.loads((output / "constraints.json").read_text(encoding="utf-8"))["regression_constraints"]
    assert limits.keys() == metrics.keys()
    for name, limit in limits.items():
        value, is_least = metrics[name]["value"], limit["comparison_operator"] == "LessThanThreshold"
        assert limit["threshold"] < value if is_least else limit["threshold"] > value, name
    assert not (output / "bias").exists()
    assert "How groups fare" not in page


def test_with_facets_the_training_part_is_looked_at_too(channels: Path) -> None:
    train.main([])
    pack(channels)
    asked = ["--facet", "Hull", "=steel|wood", "--facet", "Age", ">20", "--positive-above", "9000"]
    with pytest.raises(DataError, match="the train part must hold exactly this file"):
        evaluate.main(asked)
    shutil.copytree(channels / "input" / "data" / "train", channels / "processing" / "input" / "train")
    evaluate.main(asked)
    output = channels / "processing" / "output" / "evaluation"
    report = json.loads((output / "bias" / "analysis.json").read_text(encoding="utf-8"))
    assert report["post_training_bias_metrics"]["facets"].keys() == {"Hull", "Age"}
    assert json.loads((output / "bias" / "analysis_config.json").read_text("utf-8"))["label"] == "Price"
    page = (output / "evaluation.html").read_text(encoding="utf-8")
    assert "<h3>Hull: steel,wood</h3>" in page
    assert "Difference in Positive Proportions in Labels (DPL)" in page


def test_the_baseline_has_rows_that_were_held_out_with_the_answers_of_the_endpoint(channels: Path) -> None:
    train.main([])
    pack(channels)
    evaluate.main([])
    baseline = channels / "processing" / "output" / "baseline"
    assert [path.name for path in baseline.iterdir()] == ["baseline.csv"]
    header, *rows = csv.reader((baseline / "baseline.csv").open(encoding="utf-8", newline=""))
    assert header == list(BOATS.columns)
    request = io.StringIO()
    csv.writer(request).writerows(row[1:] for row in rows)
    model = model_fn(str(channels / "model"))
    answer = transform_fn(model, request.getvalue(), "text/csv", None).get_data(as_text=True)
    assert answers_of_csv(answer) == [row[0] for row in rows]
    held_out = sum(len(read_part(channels / "processing" / "input" / n, n, BOATS).target) for n in HELD_OUT)
    assert len(rows) == held_out


def test_importance_is_a_share_by_original_feature(boat_model: Model, boat_part: Part) -> None:
    shares = evaluate.importance(boat_model, boat_part.features)
    assert set(shares) == {"Length", "Age", "Hull"}
    assert sum(shares.values()) == pytest.approx(1)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_channels_of_different_executions_are_refused(channels: Path) -> None:
    replace(BOATS, target_transform="none").write(channels / "input" / "data" / "validation")
    with pytest.raises(DataError, match="different schemas"):
        train.main([])


def test_a_test_part_of_another_schema_is_refused(channels: Path) -> None:
    train.main([])
    pack(channels)
    replace(BOATS, numeric=("Age", "Length")).write(channels / "processing" / "input" / "test")
    with pytest.raises(DataError, match="another schema"):
        evaluate.main([])


def test_a_channel_that_is_missing_empty_or_different_is_refused(channels: Path) -> None:
    path = channels / "input" / "data" / "validation" / "validation.csv"
    path.write_text("Price,Length,Age,Hull\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"validation\.csv has no rows"):
        train.main([])
    path.write_text("Price,Age,Length,Hull\n1,2,3,steel\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"other columns than schema\.json"):
        train.main([])
    path.unlink()
    with pytest.raises(DataError, match="does not exist"):
        train.main([])


def test_a_model_archive_that_is_missing_broken_or_incomplete_is_refused(channels: Path) -> None:
    archive = channels / "processing" / "input" / "model" / "model.tar.gz"
    with pytest.raises(DataError, match="does not exist; training must have written it"):
        evaluate.main([])
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"this is no archive")
    with pytest.raises(DataError, match="cannot be unpacked"):
        evaluate.main([])
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(channels / "input" / "data" / "train" / "schema.json", arcname="schema.json")
    with pytest.raises(DataError, match=r"lacks transform\.json, labels\.json, trees\.ubj"):
        evaluate.main([])


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path, boat_model: Model) -> None:
    archive = tmp_path / "model.tar.gz"
    boat_model.save(tmp_path)
    with tarfile.open(archive, "w:gz") as tar:
        for name in contents(tmp_path):
            tar.add(tmp_path / name, arcname=f"./{name}")
        evil = tarfile.TarInfo("../escaped.txt")
        evil.size = 4
        tar.addfile(evil, io.BytesIO(b"evil"))
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    assert load_archive(archive, folder).schema == BOATS
    assert not (tmp_path / "a" / "escaped.txt").exists()


def test_a_label_that_training_did_not_see_is_refused_in_evaluation(boat_model: Model) -> None:
    schema = Schema("binary-classification", "Sold", "none", ("Length",), ())
    model = replace(boat_model, schema=schema, labels=("no", "yes"))
    with pytest.raises(DataError, match="Sold has a label that training did not see in 1 rows"):
        actual_values(model, np.array(["no", "maybe"], dtype=object))
