"""A table that nobody here has seen becomes a use case that loads, trains and answers, without an edit."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import evaluate
import pandas as pd
import preprocess
import pytest
import train
from inference import model_fn, transform_fn
from served_answers import answers_of_csv

from config.loader import load
from config.models.use_case import UseCase
from stacks.training.pipeline_definition import preprocess_arguments
from tests.pipeline_code.conftest import packed
from tests.tools.new_use_case import tables
from tools.new_use_case.__main__ import main
from tools.rehearse import samples
from tools.rehearse.samples import Sample

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Example:
    """A table, and what its use case must say."""

    write: Callable[[Path], Path]
    target: str
    problem: str
    dropped: dict[str, str]
    said: dict[str, object]


EXAMPLES = {
    "loans": Example(
        tables.loans,
        "Repaid In Time",
        "binary-classification",
        {
            "Loan ID": "identifies rows",
            "Customer e-mail": "personal data",
            "Closed": "is a date, but not as 2026-01-31",
            "Score x2": "repeats Score, perfectly correlated",
        },
        {"positive": "Yes", "missing_values": ("NA",), "personal_data": {"Customer e-mail": "drop"}},
    ),
    "wine-quality": Example(
        tables.wine,
        "quality",
        "multiclass-classification",
        {"constant": "the same in all rows"},
        {"missing_values": ("-",), "positive": None},
    ),
    "claims": Example(
        tables.claims,
        "Charges",
        "regression",
        {"row": "identifies rows", "paid": "may leak the target"},
        {"target_transform": "log", "rows_without_target": "drop"},
    ),
}
every_example = pytest.mark.parametrize("name", EXAMPLES)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Configuration and data of a fork."""
    shutil.copytree(ROOT / "tests" / "sample", tmp_path / "fork" / "config")
    (tmp_path / "fork" / "pipeline_code").symlink_to(ROOT / "pipeline_code")
    (tmp_path / "fork" / "data").mkdir()
    shutil.copy(ROOT / "data" / "house_prices.csv", tmp_path / "fork" / "data")
    return tmp_path / "fork"


def made(name: str, repository: Path) -> UseCase:
    example = EXAMPLES[name]
    table = example.write(repository.parent)
    assert main(["--name", name, "--data", str(table), "--target", example.target], repository) == 0
    environments, use_cases = load(repository / "config", repository)
    assert name in environments[0].use_cases
    return next(use_case for use_case in use_cases if use_case.name == name)


@every_example
def test_what_was_seen_is_what_the_use_case_says(name: str, repository: Path) -> None:
    use_case, example = made(name, repository), EXAMPLES[name]
    assert use_case.problem == example.problem
    assert use_case.drop.keys() == example.dropped.keys()
    for column, reason in example.dropped.items():
        assert reason in use_case.drop[column]
    assert {key: getattr(use_case, key) for key in example.said} == example.said


@every_example
def test_its_pipeline_ends_in_a_model_that_reaches_the_criterion_and_answers(
    name: str, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr(samples, "DATA_FOLDER", repository / "data")
    use_case = made(name, repository)
    assert use_case.sample is not None
    later = use_case.sample.later
    sample = Sample(
        name, use_case.sample.file, use_case.target, later.column, later.value or "", later.at_least or 0.0
    )
    raw = tmp_path / "processing" / "input" / "raw"
    raw.mkdir(parents=True)
    (raw / "table.csv").write_bytes(sample.delivery())
    preprocess.main(preprocess_arguments(use_case))
    packed(tmp_path, lambda: train.main([]))
    evaluate.main([])
    report = json.loads((tmp_path / "processing/output/evaluation/evaluation.json").read_text("utf-8"))
    (section,) = [content for key, content in report.items() if key.endswith("_metrics")]
    assert section[use_case.success.metric]["value"] >= use_case.success.threshold
    row = sample.drifted_rows()[0]
    request = ",".join(row[column] for column in use_case.columns[1:])
    answer = transform_fn(model_fn(str(tmp_path / "model")), request, "text/csv", None)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (told,) = answers_of_csv(answer.get_data(as_text=True))
    assert told in ("4", "5", "6") if name == "wine-quality" else float(told) > 0


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_table_of_another_format_says_the_same_and_becomes_a_sample(suffix: str, repository: Path) -> None:
    from_csv = made("loans", repository)
    frame = pd.read_csv(repository / "data" / "loans.csv", dtype=str, keep_default_na=False)
    numbers = {
        name: frame[name].astype(float) for name in from_csv.features.numeric if "NA" not in set(frame[name])
    }
    table = repository.parent / f"other{suffix}"
    if suffix == ".parquet":
        frame.assign(**numbers).to_parquet(table)
    else:
        frame.assign(**numbers).to_json(table, orient="records", lines=True)
    assert main(["--name", "other", "--data", str(table), "--target", "Repaid In Time"], repository) == 0
    _, use_cases = load(repository / "config", repository)
    (use_case,) = (each for each in use_cases if each.name == "other")
    assert use_case.features == from_csv.features
    assert use_case.sample is not None
    assert use_case.sample.file == "other.csv"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xlsx", b"PK", "write the table as one of these first: .csv, .jsonl, .parquet"),
        ("a.parquet", b"PK", "cannot be read as plain values"),
        ("a.jsonl", b'{"a": 1}\n{"a": ', "Nothing was written"),
        ("a.jsonl", b'{"a": [1]}', "a list or an object in it"),
        ("a.jsonl", b"[null]", "1 of 1 lines are no object"),
        ("a.csv", b"", "0 of 0 rows"),
        ("a.csv", b"a;b\n1;2\n", "fields are separated by ';'; write the table with commas"),
        ("a.csv", b"a\tb\n1\t2\n", "fields are separated by '\\t'"),
    ],
)
def test_a_file_that_is_no_table_is_told(
    repository: Path, name: str, content: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository.parent / name).write_bytes(content)
    arguments = ["--name", "odd", "--data", str(repository.parent / name), "--target", "a"]
    assert main(arguments, repository) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "target", "words"),
    [
        ("Loans", "Repaid In Time", "lower-case words"),
        ("loans", "repaid", "repaid is no column; there are Loan ID"),
        ("loans", "repaid in time", "TARGET=repaid in time is no column; did you mean Repaid In Time?"),
        ("loans", "Loan ID", "neither a quantity nor 2 to 100 classes"),
        ("house-prices", "Score", "is there already"),
    ],
)
def test_what_cannot_be_written_says_why_and_writes_nothing(
    repository: Path, name: str, target: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(repository.rglob("*"))
    table = tables.loans(repository.parent)
    assert main(["--name", name, "--data", str(table), "--target", target], repository) == 1
    assert words in capsys.readouterr().err
    assert sorted(repository.rglob("*")) == before


def test_columns_that_cannot_be_configured_are_named(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tables.write(repository.parent / "odd.csv", ["a,b", " c", "target"], iter([[1, 2, 3]]))
    assert main(["--name", "odd", "--data", str(table), "--target", "target"], repository) == 1
    assert "rename these columns: 'a,b', ' c'" in capsys.readouterr().err


def test_all_that_is_wrong_with_what_was_asked_for_is_told_at_once(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--name", "Odd", "--data", "nothing.csv", "--target", "a", "--environment", "staging"]
    assert main(arguments, repository) == 1
    assert capsys.readouterr().err.splitlines() == [
        "Nothing was written.",
        "NAME=Odd: write lower-case words and numbers joined by single dashes",
        "DATA=nothing.csv: there is no such file",
        "ENVIRONMENT=staging: there is no such environment; there are dev, prod",
    ]


def test_the_first_environment_that_is_no_production_runs_it(repository: Path) -> None:
    environments = repository / "config" / "environments"
    (environments / "dev.yaml").rename(environments / "sandbox.yaml")
    table = tables.loans(repository.parent)
    assert main(["--name", "loans", "--data", str(table), "--target", "Repaid In Time"], repository) == 0
    running = {each.name: each.use_cases.keys() for each in load(repository / "config", repository)[0]}
    assert [name for name, use_cases in running.items() if "loans" in use_cases] == ["sandbox"]


def test_in_production_it_serves_nothing_yet_and_no_instance_would_be_alone(repository: Path) -> None:
    table = tables.loans(repository.parent)
    arguments = [
        "--name",
        "loans",
        "--data",
        str(table),
        "--target",
        "Repaid In Time",
        "--environment",
        "prod",
    ]
    assert main(arguments, repository) == 0
    (prod,) = (each for each in load(repository / "config", repository)[0] if each.name == "prod")
    assert (prod.use_cases["loans"].model, prod.use_cases["loans"].endpoint.instances.min) == ("none", 2)
