"""What a rehearsal that tunes draws."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tools.rehearse.people import Person
from tools.rehearse.trials import draw_trials


def person(metadata: dict[str, Any], trials: list[dict[str, Any]]) -> Person:
    client = SimpleNamespace(
        list_pipeline_execution_steps=lambda **_: {"PipelineExecutionSteps": [{"Metadata": metadata}]},
        list_training_jobs_for_hyper_parameter_tuning_job=lambda **_: {"TrainingJobSummaries": trials},
    )
    return cast(Person, SimpleNamespace(client=lambda _: client))


@pytest.mark.parametrize("kind", ["Minimize", "Maximize"])
def test_trials_are_drawn(tmp_path: Path, kind: str) -> None:
    metric = {"MetricName": "validation:rmse", "Type": kind}
    trials: list[dict[str, Any]] = [
        {"FinalHyperParameterTuningJobObjectiveMetric": {**metric, "Value": value}}
        for value in (3.0, 1.0, 2.0)
    ]
    new_folder = tmp_path / "loans"
    draw_trials(person({"TuningJob": {"Arn": "arn/job"}}, [*trials, {}]), "execution", new_folder)
    assert (new_folder / "trials.png").read_bytes().startswith(b"\x89PNG")


def test_an_execution_without_tuning_is_not_drawn(tmp_path: Path) -> None:
    draw_trials(person({"TrainingJob": {"Arn": "arn/job"}}, []), "execution", tmp_path)
    assert not list(tmp_path.iterdir())
