"""The entry point, and the whole life of two real models: a zip, a folder of mounts, one process per step."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ROOT / "pipeline_code"
HOUSE_NUMBERS = [
    "Lot_Frontage,Lot_Area,Year_Built,Year_Remod_Add,Mas_Vnr_Area,Bsmt_Unf_SF,Total_Bsmt_SF,First_Flr_SF",
    "Gr_Liv_Area,Bsmt_Full_Bath,Bsmt_Half_Bath,Full_Bath,Half_Bath,TotRms_AbvGrd,Fireplaces,Garage_Cars",
    "Garage_Area",
    "Wood_Deck_SF,Open_Porch_SF,Enclosed_Porch,Three_season_porch,Screen_Porch,Mo_Sold,Year_Sold,Longitude,Latitude",
]
HOUSE_CATEGORIES = [
    "MS_SubClass,MS_Zoning,Neighborhood,Overall_Cond,Exter_Cond,Foundation,Bsmt_Cond,Bsmt_Exposure,BsmtFin_Type_1",
    "Heating_QC,Central_Air,Functional,Garage_Type,Garage_Finish",
]
CHURN_NUMBERS = [
    "account_length,number_vmail_messages,total_day_minutes,total_day_calls,total_eve_minutes,total_eve_calls",
    "total_night_minutes,total_night_calls,total_intl_minutes,total_intl_calls,number_customer_service_calls",
]
CHURN_CATEGORIES = ["state,area_code,international_plan,voice_mail_plan"]


@pytest.fixture(scope="module")
def code_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asset") / "0123abcd.zip"
    with zipfile.ZipFile(path, "w") as code:
        for module in sorted(CODE.glob("*.py")):
            code.write(module, module.name)
    return path


def step(code: Path, base: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base)}
    command = [sys.executable, str(code), *arguments]
    return subprocess.run(command, env=environment, cwd=base, capture_output=True, text=True, check=False)


def succeed(code: Path, base: Path, *arguments: str) -> str:
    done = step(code, base, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def flags(flag: str, chunks: list[str]) -> list[str]:
    return [word for chunk in chunks for word in (flag, chunk)]


def live(code: Path, base: Path, data: str, arguments: list[str]) -> dict[str, dict[str, dict[str, float]]]:
    """Preprocess, train and evaluate, every output mounted as the next step's input; answers the report."""
    processing = base / "processing"
    (processing / "input" / "raw").mkdir(parents=True)
    shutil.copy(ROOT / "data" / data, processing / "input" / "raw")
    succeed(code, base, "preprocess", *arguments)
    for channel in ("train", "validation"):
        shutil.copytree(processing / "output" / channel, base / "input" / "data" / channel)
    (base / "input" / "config").mkdir()
    hyperparameters = {"learning_rate": "0.1", "n_estimators": "400", "early_stopping_rounds": "30"}
    (base / "input" / "config" / "hyperparameters.json").write_text(
        json.dumps(hyperparameters), encoding="utf-8"
    )
    assert re.search(r"\[\d+\]\ttrain-\w+:\S+.*\tvalidation-\w+:\d", succeed(code, base, "train"))
    (processing / "input" / "model").mkdir()
    with tarfile.open(processing / "input" / "model" / "model.tar.gz", "w:gz") as tar:
        tar.add(base / "model", arcname=".")
    for part in ("validation", "test"):
        shutil.copytree(processing / "output" / part, processing / "input" / part)
    succeed(code, base, "evaluate")
    report = processing / "output" / "evaluation" / "evaluation.json"
    return dict(json.loads(report.read_text(encoding="utf-8")))


SERVE = """
import json, sys
from inference import model_fn, transform_fn
model = model_fn(sys.argv[1])
print(transform_fn(model, sys.stdin.read(), "text/csv", "application/json").get_data(as_text=True))
"""


def serve(base: Path) -> tuple[list[str], list[float]]:
    """The test part's targets, and what the artifact's own code answers to its rows in a clean process."""
    with (base / "processing" / "output" / "test" / "test.csv").open(encoding="utf-8", newline="") as file:
        lines = file.read().splitlines()[1:]
    body = "\n".join(line.split(",", 1)[1] for line in lines)
    environment = {**os.environ, "PYTHONPATH": str(base / "model" / "code")}
    command = [sys.executable, "-c", SERVE, str(base / "model")]
    done = subprocess.run(
        command, env=environment, cwd=base, input=body, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [next(csv.reader([line]))[0] for line in lines], json.loads(done.stdout)["predictions"]


def test_house_prices_live_from_raw_csv_to_served_predictions(code_zip: Path, tmp_path: Path) -> None:
    arguments = ["--problem", "regression", "--target", "Sale_Price", "--target-transform", "log"]
    arguments += flags("--numeric", HOUSE_NUMBERS) + flags("--categorical", HOUSE_CATEGORIES)
    arguments += ["--split", "0.7", "0.2", "0.1", "--features-module", "features_house_prices"]
    metrics = live(code_zip, tmp_path, "house_prices.csv", arguments)["regression_metrics"]
    assert metrics["within_10_percent"]["value"] >= 0.65
    assert metrics["median_absolute_percentage_error"]["value"] <= 0.07
    targets, predictions = serve(tmp_path)
    errors = [
        abs(float(target) - prediction) for target, prediction in zip(targets, predictions, strict=True)
    ]
    assert sum(errors) / len(errors) == pytest.approx(metrics["mae"]["value"], rel=1e-12)


def test_churn_lives_from_raw_csv_to_served_probabilities(tmp_path: Path) -> None:
    arguments = ["--problem", "binary-classification", "--target", "churn", "--positive=yes"]
    arguments += flags("--numeric", CHURN_NUMBERS) + flags("--categorical", CHURN_CATEGORIES)
    metrics = live(CODE, tmp_path, "churn.csv", arguments)["binary_classification_metrics"]
    assert metrics["auc"]["value"] >= 0.85
    targets, probabilities = serve(tmp_path)
    assert all(0 <= probability <= 1 for probability in probabilities)
    right = [(p >= 0.5) == (target == "yes") for target, p in zip(targets, probabilities, strict=True)]
    assert sum(right) / len(right) == pytest.approx(metrics["accuracy"]["value"])
    pictures = (tmp_path / "processing" / "output" / "evaluation").glob("*.png")
    assert sorted(path.name for path in pictures) == [
        "contributions.png",
        "importance.png",
        "predicted_against_actual.png",
        "residuals.png",
    ]


def test_a_step_that_fails_leaves_its_reason_where_sagemaker_reads_it(code_zip: Path, base: Path) -> None:
    done = step(
        code_zip, base, "preprocess", "--problem", "regression", "--target", "Price", "--numeric", "Age"
    )
    assert done.returncode == 1
    message = (base / "output" / "message").read_text(encoding="utf-8")
    assert message.startswith("preprocess: no *.csv file below ")
    assert "Traceback" not in done.stderr


def entry_point() -> object:
    spec = importlib.util.spec_from_file_location("pipeline_entry", CODE / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def test_training_writes_its_reason_to_the_failure_file(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main = entry_point()
    assert callable(main)
    assert main(["train"]) == 1
    assert "schema.json does not exist" in (base / "output" / "failure").read_text(encoding="utf-8")
    assert main(["train", "--epochs", "3"]) == 1
    assert "unrecognized arguments: --epochs 3" in (base / "output" / "failure").read_text(encoding="utf-8")


def test_an_unforeseen_error_names_its_place_and_the_way_there_but_not_its_text(
    base: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(_argv: list[str]) -> None:
        raise RuntimeError("SECRET")

    monkeypatch.setattr("evaluate.main", break_down)
    main = entry_point()
    assert callable(main)
    assert main(["evaluate"]) == 1
    reason = (base / "output" / "message").read_text(encoding="utf-8")
    assert reason.startswith("evaluate: RuntimeError in ")
    assert "SECRET" not in reason
    logged = capsys.readouterr().err
    assert "in break_down" in logged
    assert "SECRET" not in logged.replace('raise RuntimeError("SECRET")', "")


def test_an_unknown_step_is_refused_and_the_known_ones_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    main = entry_point()
    assert callable(main)
    assert main(["deploy"]) == 2
    assert main([]) == 2
    assert (
        "unknown step 'deploy'; steps are preprocess, libraries, spark_cluster, spark_preprocess, baseline, "
        "train, evaluate, record, monitor" in capsys.readouterr().err
    )
