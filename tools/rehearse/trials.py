"""The trainings of a tuning job, as a picture: each by its metric, and the best one so far."""

from pathlib import Path
from typing import Any

from tools.rehearse.people import Person
from tools.rehearse.pipeline import steps_of

_METRIC = "FinalHyperParameterTuningJobObjectiveMetric"
BLUE, ORANGE = "#2b6cb0", "#dd6b20"


def draw_trials(person: Person, execution: str, folder: Path) -> None:
    """Writes trials.png when the execution has tuned."""
    for step in steps_of(person, execution):
        if "TuningJob" in step.get("Metadata", {}):
            name = step["Metadata"]["TuningJob"]["Arn"].split("/")[-1]
            listed = person.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
                HyperParameterTuningJobName=name, SortBy="CreationTime", SortOrder="Ascending"
            )
            _draw([trial for trial in listed["TrainingJobSummaries"] if _METRIC in trial], folder)


def _draw(trials: list[dict[str, Any]], folder: Path) -> None:
    # It takes a second to import, which a rehearsal without tuning does not wait for.
    from matplotlib.figure import Figure

    values = [trial[_METRIC]["Value"] for trial in trials]
    best = min if trials[0][_METRIC]["Type"] == "Minimize" else max
    numbers = range(1, len(values) + 1)
    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.add_subplot()
    axes.scatter(numbers, values, color=BLUE, label="a training")
    axes.step(
        numbers, [best(values[:end]) for end in numbers], color=ORANGE, where="post", label="best so far"
    )
    axes.set(xlabel="training", ylabel=trials[0][_METRIC]["MetricName"])
    axes.set_title("Trials of the tuning job", loc="left", fontsize=11, fontweight="bold")
    figure.legend(frameon=False, loc="outside lower center", ncols=2)
    folder.mkdir(exist_ok=True)
    figure.savefig(folder / "trials.png", dpi=140, metadata={"Software": None})
