"""A model may learn from the validation part too, after its decision; its figures are of other rows."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import evaluate
import numpy as np
import preprocess
import pytest
import train
from hyperparameters import AUTO, RULES_OF, defaults
from model import HELD_OUT_FILE, Model
from tabular import Part, Schema, joined, read_part
from train import fit, refit
from transform import fit_transform

from tests.pipeline_code.conftest import ARGUMENTS, BOATS, boat_lines, packed, table, write_raw


@pytest.fixture(scope="module")
def parts(boat_part: Part) -> tuple[Part, Part]:
    first, last = np.arange(200), np.arange(200, 300)
    return tuple(
        Part({name: column[rows] for name, column in boat_part.features.items()}, boat_part.target[rows])
        for rows in (first, last)
    )  # type: ignore[return-value]


@pytest.mark.parametrize("algorithm", [*RULES_OF, AUTO])
def test_what_was_decided_stays_and_what_is_learnt_comes_from_both_parts(
    parts: tuple[Part, Part], algorithm: str
) -> None:
    settings = {**defaults(algorithm, "regression"), "n_estimators": 60}
    decided = fit(BOATS, *parts, settings, algorithm=algorithm)
    both = joined(*parts)
    last = refit(decided, both, settings)
    assert type(last.learned) is type(decided.learned)
    assert last.learned.settled == decided.learned.settled
    assert not np.array_equal(last.predict(both.features), decided.predict(both.features))
    assert last.transform.scaling.fills[1] == np.nanmedian(both.features["Age"])
    pipeline, _ = fit_transform(BOATS, both.features)
    assert last.transform.scaling.means.tolist() == pipeline["columns"]["numeric"]["scale"].mean_.tolist()


def test_two_parts_are_joined_row_by_row(parts: tuple[Part, Part], boat_part: Part) -> None:
    both = joined(*parts)
    assert both.target.tolist() == boat_part.target.tolist()
    assert all(np.array_equal(both.features[name], column, equal_nan=column.dtype != object)
               for name, column in boat_part.features.items())  # fmt: skip


@pytest.fixture
def trained(base: Path, capsys: pytest.CaptureFixture[str]) -> Mapping[bool, tuple[Model, str]]:
    """Models that were trained with and without it, and the last lines of their logs."""
    found = {}
    for is_refit in (False, True):
        shutil.rmtree(base / "processing", ignore_errors=True)
        shutil.rmtree(base / "input", ignore_errors=True)
        write_raw(base, table(boat_lines(300)))
        preprocess.main([*ARGUMENTS, *(["--refit"] if is_refit else [])])
        (base / "input" / "config").mkdir(parents=True)
        (base / "input" / "config" / "hyperparameters.json").write_text('{"n_estimators": "60"}', "utf-8")
        capsys.readouterr()
        packed(base, lambda: train.main([]))
        found[is_refit] = Model.load(base / "model"), capsys.readouterr().out.splitlines()[-1]
    return found


def test_the_log_and_the_baseline_speak_of_rows_that_were_not_learnt(
    base: Path, trained: Mapping[bool, tuple[Model, str]]
) -> None:
    (decided, told), (last, told_last) = trained[False], trained[True]
    assert told == told_last
    assert "validation-rmse" in told
    assert last.schema == replace(decided.schema, refit=True)
    validation, test = (
        read_part(base / "processing" / "input" / name, name, last.schema) for name in evaluate.HELD_OUT
    )
    evaluate.main([])
    _, *rows = csv.reader(
        (base / "processing" / "output" / "baseline" / "baseline.csv").open(encoding="utf-8")
    )
    answered = [float(row[0]) for row in rows]
    unseen = [*decided.predict(validation.features), *last.predict(test.features)]
    assert answered == pytest.approx(unseen, rel=1e-12)
    assert not np.allclose(decided.predict(validation.features), last.predict(validation.features))


def test_a_model_that_has_not_learnt_the_validation_part_keeps_no_answers(
    base: Path, trained: Mapping[bool, tuple[Model, str]]
) -> None:
    kept = json.loads((base / "model" / HELD_OUT_FILE).read_text("utf-8"))
    schema = Schema.read(base / "processing" / "input" / "validation")
    assert len(kept) == len(
        read_part(base / "processing" / "input" / "validation", "validation", schema).target
    )
    shutil.rmtree(base / "model")
    train_folder = base / "input" / "data"
    for name in ("train", "validation"):
        content = json.loads((train_folder / name / "schema.json").read_text("utf-8"))
        (train_folder / name / "schema.json").write_text(json.dumps({**content, "refit": False}), "utf-8")
    train.main([])
    assert not (base / "model" / HELD_OUT_FILE).exists()
