from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from live import (
    FEWEST_OF_A_LABEL,
    FEWEST_ROWS,
    Comparison,
    Live,
    NotComparableError,
    Rows,
    answers_of,
    as_answered,
    compare,
)
from model import Model, actual_values
from numpy.typing import NDArray
from served_code import copy_code
from tabular import DataError, Part

CODE = Path(__file__).parents[2] / "pipeline_code"
METRIC = "within_10_percent"
Edit = Callable[[Path], object]


def _packed(model: Model, folder: Path, edit: Edit = lambda _: None) -> Path:
    """An artifact as training leaves it, with its own code; `edit` changes what it holds."""
    (folder / "model").mkdir()
    model.save(folder / "model")
    copy_code(CODE, folder / "model" / "code")
    edit(folder / "model")
    with tarfile.open(folder / "model.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(folder / "model", arcname=".")
    return folder / "model.tar.gz"


def _compared(
    model: Model, part: Part, archive: Path, predicted: NDArray[np.float64] | None = None
) -> Comparison:
    """A version that answers these rows so, against the one in the archive."""
    actual = actual_values(model, part.target)
    predicted = model.predict(part.features) if predicted is None else predicted
    return compare(Live("7", archive, METRIC), model, Rows(part.features, actual, predicted))


@pytest.fixture(scope="module")
def artifact(boat_model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _packed(boat_model, tmp_path_factory.mktemp("live"))


@pytest.fixture
def asked_once(answered: tuple[NDArray[np.float64], float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.answers_of", lambda *_: answered)


@pytest.fixture(scope="module")
def answered(boat_model: Model, boat_part: Part, artifact: Path) -> tuple[NDArray[np.float64], float]:
    return answers_of(Live("7", artifact, METRIC), boat_model, boat_part.features)


@pytest.mark.usefixtures("asked_once")
def test_a_version_beside_itself_differs_in_nothing(
    boat_model: Model, boat_part: Part, artifact: Path
) -> None:
    """So both are asked for the same rows, and answer in the same unit; a date or a gap is none."""
    found = _compared(boat_model, boat_part, artifact)
    assert found.why_not == ""
    assert (found.value, found.interval, found.is_worse) == (found.live_value, (0.0, 0.0), False)


@pytest.mark.usefixtures("asked_once")
@pytest.mark.parametrize(("share", "is_worse"), [(1.0, False), (1.001, False), (1.5, True)])
def test_a_version_is_worse_when_chance_does_not_explain_it(
    boat_model: Model, boat_part: Part, artifact: Path, share: float, is_worse: bool
) -> None:
    found = _compared(boat_model, boat_part, artifact, boat_model.predict(boat_part.features) * share)
    assert found.is_worse is is_worse
    assert found.content["is_worse"] == ("yes" if is_worse else "no")
    assert len(found.told) <= 256
    assert ("- worse" in found.told) is is_worse


@pytest.mark.usefixtures("asked_once")
def test_a_better_version_is_not_worse_whatever_the_metric_counts(
    boat_model: Model, boat_part: Part, artifact: Path
) -> None:
    better = actual_values(boat_model, boat_part.target)
    found = _compared(boat_model, boat_part, artifact, better)
    assert not found.is_worse
    assert found.interval[0] > 0
    errors = replace(found, live=replace(found.live, metric="rmse"))
    assert errors.is_worse
    # What a rule that approves looks at: the worse end of the interval, as a number in a text.
    assert float(found.better_by) == pytest.approx(found.interval[0], rel=1e-4)
    assert float(errors.better_by) == pytest.approx(-errors.interval[1], rel=1e-4)


@pytest.mark.parametrize(
    "comparison",
    [
        Comparison(Live("none", Path(), "rmse")),
        Comparison(Live("7", Path(), "rmse"), why_not="it has another target"),
        Comparison(Live("7", Path(), "r2"), FEWEST_ROWS - 1, 99, 1.0, 0.5, (0.5, 0.5)),
        Comparison(Live("7", Path(), "recall"), 1000, FEWEST_OF_A_LABEL - 1, 1.0, 0.5, (0.5, 0.5)),
        Comparison(Live("7", Path(), "auc"), 1000, 500, 1.0, 0.5, (np.nan, np.nan)),
        Comparison(Live("7", Path(), "rmse"), 1000, 1000, 1.0, 0.5, (-0.5, np.inf)),
    ],
    ids=[
        *("nothing is live", "not comparable", "too few rows", "too few of a label"),
        *("an end is no number", "an end is infinite"),
    ],
)
def test_how_much_better_a_version_is_may_be_unknown(comparison: Comparison) -> None:
    assert comparison.content["better_by"] == "unknown"


def test_of_several_classes_probabilities_stand_in_the_order_of_the_new_version(boat_model: Model) -> None:
    new = replace(boat_model, labels=("a", "b", "c"))
    answers = [{"predictions": ["c"], "probabilities": [{"c": 0.7, "b": 0.2, "a": 0.1}]}]
    assert as_answered(answers, new).tolist() == [[0.1, 0.2, 0.7]]
    with pytest.raises(NotComparableError, match="it knows other labels"):
        as_answered([{"predictions": ["c"], "probabilities": [{"c": 0.7, "b": 0.3}]}], new)


@pytest.fixture
def of_two_labels(boat_model: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    monkeypatch.setattr("live.DRAWS", 20)
    schema = replace(boat_model.schema, problem="binary-classification", positive="yes")
    return replace(boat_model, schema=schema, labels=("no", "yes"))


def test_of_two_classes_the_live_version_decides_by_its_own_threshold(
    of_two_labels: Model, boat_part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    actual, said = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.2, 0.3, 0.8, 0.1])
    monkeypatch.setattr("live.answers_of", lambda *_: (said, 0.25))
    rows = Rows(boat_part.evenly(4).features, actual, said)
    found = compare(Live("7", Path(), "recall"), of_two_labels, rows)
    assert (found.value, found.live_value) == (0.5, 1.0)


@pytest.mark.parametrize(("of_rarest", "is_known"), [(1, False), (FEWEST_OF_A_LABEL, True)])
def test_one_row_of_a_thousand_makes_no_version_surely_better(
    of_two_labels: Model, monkeypatch: pytest.MonkeyPatch, of_rarest: int, is_known: bool
) -> None:
    """Resamples without the rare label have no metric, so that all others say the same of one row."""
    actual, found, missed = np.zeros((3, 1000))
    actual[:of_rarest] = found[:of_rarest] = 1
    monkeypatch.setattr("live.answers_of", lambda *_: (missed, 0.5))
    comparison = compare(Live("7", Path(), "recall"), of_two_labels, Rows({}, actual, found))
    assert comparison.interval == (1, 1)
    assert comparison.better_by == ("1" if is_known else "unknown")


def test_a_version_with_more_columns_is_compared_too(
    boat_model: Model, boat_part: Part, artifact: Path
) -> None:
    """The live one gets those that it knows; in which order they stand means nothing."""
    grown = replace(boat_part, features={"Mast": np.ones(300), **dict(reversed(boat_part.features.items()))})
    found = _compared(boat_model, grown, artifact, boat_model.predict(boat_part.features))
    assert found.interval == (0.0, 0.0)


def _schema(**changes: object) -> Edit:
    def edit(folder: Path) -> None:
        content = json.loads((folder / "schema.json").read_text("utf-8"))
        (folder / "schema.json").write_text(json.dumps(content | changes), "utf-8")

    return edit


def _code(text: str) -> Edit:
    return lambda folder: (folder / "code" / "inference.py").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda folder: (folder / "schema.json").unlink(), "not one of a model of this pipeline"),
        (_schema(target="Weight"), "it has another target"),
        (_schema(problem="multiclass-classification"), "it has another problem"),
        (_schema(numeric=["Length", "Age", "Draft"]), "it needs columns that are no features now: Draft"),
        (_schema(numeric=["Length", "Age", "Hull"], categorical=[]), "refuses the rows: row 1: Hull must be"),
        (lambda folder: shutil.rmtree(folder / "code"), "ends without answers: ModuleNotFoundError"),
        (_schema(personal={"Age": "bucket 5"}), "it knows columns that are as coarse no more: Age"),
        (_code("raise ValueError('buyer 7')"), "ends without answers: ValueError"),
        (_code("import os; os._exit(9)"), "ends without answers: 9"),
    ],
)
def test_a_live_version_that_cannot_answer_is_told_and_holds_nothing_back(
    boat_model: Model, boat_part: Part, tmp_path: Path, edit: Edit, why: str
) -> None:
    found = _compared(boat_model, boat_part, _packed(boat_model, tmp_path, edit))
    assert why in found.why_not
    assert "buyer" not in found.why_not
    assert found.content["is_worse"] == "no"
    assert found.told == "the live version 7 cannot be compared"


def test_of_many_rows_both_answer_the_same_ones(
    boat_model: Model, boat_part: Part, artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken evenly; what is told is measured on these."""
    monkeypatch.setattr("live.MOST_ROWS", 50)
    found = _compared(boat_model, boat_part, artifact)
    assert (found.rows, found.value, found.interval) == (50, found.live_value, (0.0, 0.0))


def test_a_process_that_is_ended_from_outside_fails_the_job(
    boat_model: Model, boat_part: Part, tmp_path: Path
) -> None:
    """Otherwise a job with too little memory would hold nothing back."""
    archive = _packed(boat_model, tmp_path, _code("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))
    with pytest.raises(DataError, match="the live model's process was ended by signal 9"):
        _compared(boat_model, boat_part, archive)


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "7",
        json.dumps([{"scores": [1.0] * 300}]),
        json.dumps([{"predictions": ["much"] * 300}]),
        json.dumps([{"predictions": [[1.0]] * 300}]),
        json.dumps([{"predictions": [1.0] * 299}]),
        json.dumps([{"predictions": [float("nan")] * 300}]),
    ],
)
def test_answers_of_another_shape_are_no_answers(
    boat_model: Model, boat_part: Part, artifact: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setattr("live._ask", lambda *_: told)
    assert "answers otherwise" in _compared(boat_model, boat_part, artifact).why_not


def test_without_an_artifact_or_a_live_version_there_is_nothing_to_compare_with(
    boat_model: Model, boat_part: Part, tmp_path: Path
) -> None:
    assert "artifact" in _compared(boat_model, boat_part, tmp_path / "model.tar.gz").why_not
    nothing = compare(Live("none", tmp_path, METRIC), boat_model, Rows({}, np.ones(1), np.ones(1)))
    told = {"is_worse": "no", "better_by": "unknown", "told": "nothing is live"}
    assert nothing.content == {"version": "none", **told}


def test_the_live_versions_code_is_its_own_and_knows_nothing_of_the_job(
    boat_model: Model, boat_part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is loaded from the artifact, and the job's credentials are not in its environment."""
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/role")
    text = (CODE / "inference.py").read_text("utf-8")
    own = "import os\nassert 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI' not in os.environ\n"
    own += "import model\nassert model.__file__.startswith(os.getcwd())\n"
    edit = _code(text.replace("import json\n", f"import json\n{own}", 1))
    found = _compared(boat_model, boat_part, _packed(boat_model, tmp_path, edit))
    assert found.why_not == ""


def test_nothing_of_an_archive_is_written_elsewhere(
    boat_model: Model, boat_part: Part, tmp_path: Path
) -> None:
    archive = tmp_path / "model.tar.gz"
    (tmp_path / "file").write_text("x", "utf-8")
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "file", arcname="../../escaped")
        tar.add(tmp_path / "file", arcname="/escaped")
    assert "artifact" in _compared(boat_model, boat_part, archive).why_not
    assert not list(tmp_path.parent.rglob("escaped"))
