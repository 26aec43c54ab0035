"""Trees are boosted on the machine's device, go on after a checkpoint, and are told round by round."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boosting
import numpy as np
import pytest
from boosting import CHECKPOINT, LOSSES, ON_ONE_MACHINE, Run, Table, boost
from hosts import ALONE, Hosts
from hyperparameters import OBJECTIVES, XGBOOST, Value, defaults

GENERATOR = np.random.default_rng(5)
ROWS = GENERATOR.random((600, 4))
TARGET = ROWS[:, 0] * 3 + np.sin(7 * ROWS[:, 1]) + GENERATOR.normal(0, 0.3, 600)
LEARN, WATCH = Table(ROWS[:400], TARGET[:400]), Table(ROWS[400:], TARGET[400:])


class TakenAway(boosting._Checkpoints):
    """Ends the training when the first checkpoint is written."""

    def after_iteration(self, *arguments: Any) -> bool:
        super().after_iteration(*arguments)
        if self.file.is_file():
            raise KeyboardInterrupt
        return False


def settings(**changed: Value) -> dict[str, Value]:
    """Without what weighs classes, of which there are none."""
    known = defaults(XGBOOST, "regression")
    del known["scale_pos_weight"]
    return {**known, "subsample": 1.0, "colsample_bytree": 1.0, **changed}


def test_a_checkpoint_gives_the_trees_that_no_interruption_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the round that did best, or the end of patience, lies before or after it."""
    kept = replace(ON_ONE_MACHINE, checkpoints=tmp_path)
    for patience in (60, 120, 400):
        whole = boost(
            settings(n_estimators=450, early_stopping_rounds=patience), LEARN, WATCH, ON_ONE_MACHINE
        )
        monkeypatch.setattr(boosting, "_Checkpoints", TakenAway)
        with pytest.raises(KeyboardInterrupt):
            boost(settings(n_estimators=450, early_stopping_rounds=patience), LEARN, WATCH, kept)
        monkeypatch.undo()
        assert (tmp_path / CHECKPOINT).is_file()
        resumed = boost(settings(n_estimators=450, early_stopping_rounds=patience), LEARN, WATCH, kept)
        assert resumed.num_boosted_rounds() == whole.num_boosted_rounds(), patience
        assert np.allclose(resumed.inplace_predict(ROWS), whole.inplace_predict(ROWS), atol=1e-5)
        (tmp_path / CHECKPOINT).unlink()


def test_a_checkpoint_of_another_training_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The trials of a tuning job may share a place for checkpoints."""
    kept = replace(ON_ONE_MACHINE, checkpoints=tmp_path)
    boost(settings(n_estimators=120), LEARN, WATCH, kept)
    boost(settings(n_estimators=120, max_depth=2), LEARN, WATCH, kept)
    assert capsys.readouterr().out.count("rounds before=0;") == 2


def test_a_model_does_not_carry_what_checkpoints_need(tmp_path: Path) -> None:
    trees = boost(settings(n_estimators=120), LEARN, WATCH, Run(checkpoints=tmp_path))
    assert not {"losses", "settings"} & set(trees.attributes())


def test_the_objective_of_a_tuning_job_is_told_after_each_round(capsys: pytest.CaptureFixture[str]) -> None:
    told = ("mae", lambda answers: float(np.mean(np.abs(answers - WATCH.target))))
    boost(settings(n_estimators=5), LEARN, WATCH, ON_ONE_MACHINE, told)
    lines = [line for line in capsys.readouterr().out.splitlines() if "\t" in line]
    assert [line.split("\t")[0] for line in lines] == [f"[{number}]" for number in range(5)]
    assert all("\tvalidation-mae:" in line for line in lines)


def test_every_objective_has_the_loss_that_ends_its_training() -> None:
    assert set(LOSSES) == {objective for of_problem in OBJECTIVES.values() for objective in of_problem}


def test_xgboost_warns_of_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    boost(settings(n_estimators=5), LEARN, WATCH, ON_ONE_MACHINE)
    several = settings(n_estimators=5, objective="multi:softprob", num_class=3)
    learn, watch = (Table(part.rows, np.digitize(part.target, [1, 2])) for part in (LEARN, WATCH))
    trees = boost(several, learn, watch, ON_ONE_MACHINE)
    assert "WARNING" not in "".join(capfd.readouterr())
    assert np.allclose(trees.inplace_predict(ROWS).sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("instance_type", "device"),
    [("ml.m5.large", "cpu"), ("ml.g5.xlarge", "cuda"), ("ml.p4d.24xlarge", "cuda"), ("", "cpu")],
)
def test_a_machine_with_gpus_boosts_on_them(
    monkeypatch: pytest.MonkeyPatch, instance_type: str, device: str
) -> None:
    given: dict[str, Value] = {}

    def train(parameters: dict[str, Value], *_: object, **__: object) -> None:
        given.update(parameters)
        raise StopIteration

    monkeypatch.setattr("xgboost.train", train)
    with pytest.raises(StopIteration):
        boost(settings(), LEARN, WATCH, Run(hosts=replace(ALONE, instance_type=instance_type)))
    assert given["device"] == device


def test_machines_share_all_rows_and_each_row_is_one_machines(tmp_path: Path) -> None:
    file, names = tmp_path / "resourceconfig.json", ["algo-2", "algo-1", "algo-3"]
    shares = []
    for name in names:
        file.write_text(json.dumps({"hosts": names, "current_host": name}))
        shares.append(Hosts.read(file).share(np.arange(10)))
    assert sorted(np.concatenate(shares)) == list(range(10))
    assert [len(share) for share in shares] == [3, 4, 3]


def test_without_a_configuration_there_is_one_machine(tmp_path: Path) -> None:
    assert Hosts.read(tmp_path / "none.json") == ALONE
    assert ALONE.is_first
