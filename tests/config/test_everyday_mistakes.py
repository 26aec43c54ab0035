"""What people get wrong every day, each with the remedy: in values, in files, in what files name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.checks.use_case import check_use_case
from config.mistakes.documents import Document
from config.models.use_case import UseCase
from tests.config.catalogue import Set, elsewhere, in_dev, in_rents, refuse
from tests.config.conftest import RENTS as RENT_FILE
from tests.config.conftest import Workspace

RENTS, DEV = "use_cases/rents", "environments/dev"
MODEL = "use_cases.rents.model"
CLASSES = (
    Set(RENTS, "problem", "binary-classification"),
    Set(RENTS, "success", {"metric": "auc", "at_least": 0.8}),
)
VALUES = [
    in_rents("hyperparameters.eta: 0.1", "hyperparameters.eta", 0.1, "change: write learning_rate"),
    in_rents("hyperparameters.num_round: 9", "hyperparameters.num_round", 9, "change: write n_estimators"),
    in_dev(f'{MODEL}: "v3"', MODEL, "v3", "write the number without quotes: 3"),
    in_dev(f'{MODEL}: "Version 12"', MODEL, "Version 12", "write the number without quotes: 12"),
    in_rents(
        'success.metric: "auc"',
        "success",
        {"metric": "auc", "at_least": 0.8},
        "is no metric of regression",
        "or write problem: binary-classification",
    ),
    in_dev("catalog: null", "catalog", None, "is empty", "remove the key, or write catalog: {}"),
    in_rents("drop.Floor: null", "drop.Floor", None, "write it after the colon"),
    in_dev(
        'alerts.email: ["a@example.com", "b@example.com"]',
        "alerts",
        {"email": ["a@example.com", "b@example.com"]},
        "write one text, in quotes, without brackets",
    ),
    in_rents('target: "${TARGET}"', "target", "${TARGET}", "holds a variable", "write the value"),
    elsewhere("use_cases/rents.yaml: positive: (missing)", CLASSES, "is required for two classes"),
    elsewhere(
        "use_cases/rents.yaml: positive: true",
        (*CLASSES, Set(RENTS, "positive", True)),
        'change: quote it: "true"',
    ),
    in_rents('positive: "yes"', "positive", "yes", "says nothing about regression"),
    in_rents("decision_threshold: 0.7", "decision_threshold", 0.7, "binary-classification only"),
    in_rents('class_weight: "balanced"', "class_weight", "balanced", "there are no classes"),
    elsewhere(
        "use_cases/rents.yaml: hyperparameters.scale_pos_weight: 6",
        (
            *CLASSES,
            Set(RENTS, "positive", "yes"),
            Set(RENTS, "class_weight", "balanced"),
            Set(RENTS, "hyperparameters", {"scale_pos_weight": 6}),
        ),
        "weighs what class_weight does",
    ),
    in_rents('missing_values: ["NA", ""]', "missing_values", ["NA", ""], "an empty cell is missing anyway"),
    in_rents('missing_values: ["a|b"]', "missing_values", ["a|b"], "texts without |"),
    in_rents(
        'sample.file: "rents.csv"',
        "sample",
        {"file": "rents.csv", "later": {"column": "Area", "value": "1"}},
        "is not in data/",
    ),
    in_rents(
        'sample.file: "../rents.csv"',
        "sample",
        {"file": "../rents.csv", "later": {"column": "Area", "value": "1"}},
        "is no file of sample data",
    ),
    elsewhere(
        "use_cases/rents.yaml: sample.later: (missing)",
        (Set(RENTS, "sample", {"file": "rents.csv", "later": {"column": "state"}}),),
        "does not say which rows",
        lines=2,
    ),
]


@pytest.mark.parametrize("number", range(len(VALUES)), ids=[each.beginning[7:60] for each in VALUES])
def test_a_mistake_is_told_with_what_to_write(number: int, workspace: Workspace) -> None:
    refuse(VALUES[number], workspace)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("target: Rent", "<<<<<<< HEAD\ntarget: Rent\n=======\ntarget: Rate\n>>>>>>> other", "lines 2, 4, 6"),
        ("target: Rent", "target: @Rent", "put the value in line 2 in quotes"),
        ("target: Rent", "target: [* 3 * * *]", "put the value in line 2 in quotes"),
        ("target: Rent", "target: a: b", "indent line 2 like the keys beside it, or put its text in quotes"),
        ("target: Rent", "  target: Rent", "indent line 2 like the keys beside it"),
        ("  - Rooms", "\t- Rooms", "indent line 6 with spaces, not with a tab"),
    ],
)
def test_a_file_that_is_no_yaml_names_the_line_and_the_remedy(
    workspace: Workspace, old: str, new: str, words: str
) -> None:
    workspace.replace(RENTS, old, new)
    (line,) = workspace.mistakes()
    assert line.startswith("config/use_cases/rents.yaml: (file): (unreadable): ")
    assert words in line


def test_a_use_case_that_no_environment_names_is_told(workspace: Workspace) -> None:
    workspace.copy(RENTS, "use_cases/flats")
    (line,) = workspace.mistakes()
    assert line.startswith("config/use_cases/flats.yaml: (file): ")
    assert "no environment names this use case" in line
    assert "add `flats: {model: latest-approved}` to the use_cases of an environment" in line


Check = Callable[[dict[str, object]], list[str]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """The mistakes of rents with other keys, beside a sample and a module of their own."""
    rows = ["Rent,Area,Rooms,District,Contract", "9,50,2,west,yes", "8,50,2,east,yes", "7,50,2,west,NA"]
    (tmp_path / "rents.csv").write_text("\n".join(rows))

    def found(keys: dict[str, object]) -> list[str]:
        sample = {"file": "rents.csv", "later": {"column": "Area", "at_least": 50.0}}
        model = UseCase.model_validate({**RENT_FILE, "name": "rents", "sample": sample, **keys})
        document = Document("rents.yaml", model, frozenset())
        return [str(mistake) for mistake in check_use_case(document, tmp_path, tmp_path)]

    return found


def test_names_that_the_sample_has_are_right(check: Check) -> None:
    assert check({}) == []


@pytest.mark.parametrize(("column", "change"), [("Area", "add it to features"), ("Aer", "remove it")])
def test_a_feature_that_the_sample_lacks_is_told_and_its_typo_is_never_proposed(
    check: Check, column: str, change: str
) -> None:
    features = {"numeric": ["Aera", "Rooms"], "categorical": ["District"]}
    lines = check({"features": features, "drift": {"features": [column], "threshold": 0.1}})
    drift, typo = sorted(lines)
    assert 'features.numeric[0]: "Aera": is no column of data/rents.csv' in typo
    assert "did you mean Area?" in typo
    assert f'drift.features[0]: "{column}": is no feature' in drift
    assert "Aera" not in drift
    assert change in drift


@pytest.mark.parametrize(
    ("positive", "words"),
    [
        ("west", []),
        (
            "West",
            ["is no cell of District in data/rents.csv; allowed: west, east; change: did you mean west?"],
        ),
        ("1", ["allowed: west, east; change: write one of these, as in the data"]),
        ("east", ["allowed: west; change: did you mean west?"]),
    ],
)
def test_a_positive_label_that_no_row_of_the_sample_has_is_told_with_those_there_are(
    check: Check, positive: str, words: list[str]
) -> None:
    classes: dict[str, object] = {
        "problem": "binary-classification",
        "target": "District",
        "features": {"numeric": ["Area", "Rooms"]},
        "success": {"metric": "auc", "at_least": 0.8},
        "positive": positive,
        "missing_values": ["east"] if positive == "east" else [],
    }
    lines = check(classes)
    assert len(lines) == len(words), lines
    assert all(
        word in line and line.startswith("rents.yaml: positive: ")
        for word, line in zip(words, lines, strict=True)
    )


@pytest.mark.parametrize(("group", "found"), [("west", 0), ("wst", 1)])
def test_a_group_that_no_row_of_the_sample_is_in_is_told(check: Check, group: str, found: int) -> None:
    facets = [{"column": "District", "values": [group]}]
    lines = check({"bias": {"facets": facets, "positive_above": 10}})
    assert len(lines) == found, lines
    for line in lines:
        assert 'bias.facets[0].values[0]: "wst": is no cell of District in data/rents.csv' in line
        assert "did you mean west?" in line


@pytest.mark.parametrize(("value", "found"), [("west", 0), ("wst", 1)])
def test_rows_that_come_later_and_are_not_in_the_sample_are_told(
    check: Check, value: str, found: int
) -> None:
    lines = check({"sample": {"file": "rents.csv", "later": {"column": "District", "value": value}}})
    assert len(lines) == found, lines
    for line in lines:
        assert 'sample.later.value: "wst": is no cell of District in data/rents.csv' in line
        assert "did you mean west?" in line


@pytest.mark.parametrize(("decided", "found"), [("west", 0), ("wst", 1)])
def test_a_mistake_that_costs_and_that_no_row_of_the_sample_can_be_is_told(
    check: Check, decided: str, found: int
) -> None:
    mistake = {"actual": "east", "decided": decided, "cost": 3}
    classes: dict[str, object] = {
        "problem": "multiclass-classification",
        "target": "District",
        "features": {"numeric": ["Area", "Rooms"]},
        "success": {"metric": "accuracy", "at_least": 0.8},
        "costs": {"mistake": 1, "mistakes_between": [mistake]},
    }
    lines = check(classes)
    assert len(lines) == found, lines
    for line in lines:
        assert 'costs.mistakes_between[0].decided: "wst": is no cell of District' in line
        assert "did you mean west?" in line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import numpy as np\nfrom tabular import Schema\ndef derive(rows): return {}\n", []),
        ("import polars\ndef derive(rows): return {}\n", ["imports polars, which the container"]),
        ("def derive(rows:\n", ["is not Python in line 1"]),
        ("def derived(rows): return {}\n", ["has no function derive"]),
    ],
)
def test_a_features_module_that_a_container_could_not_import_is_told(
    check: Check, tmp_path: Path, text: str, words: list[str]
) -> None:
    (tmp_path / "tabular.py").touch()
    (tmp_path / "features_rents.py").write_text(text)
    lines = check({"features_module": "features_rents"})
    assert len(lines) == len(words), lines
    assert all(word in line for word, line in zip(words, lines, strict=True))
