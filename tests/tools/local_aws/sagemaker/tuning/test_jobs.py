"""Tuning jobs really train: several at a time, each with other hyperparameters, and tell the best one."""

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import Place, settled
from tools.local_aws.sagemaker.tuning.search import Earlier, Search

# The best is where eta is 0.5; `SLOW` seconds go by after each round.
FIT = """
import json, os, pathlib, sys, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
given = json.loads((base / "input/config/hyperparameters.json").read_text())
assert given["_tuning_objective_metric"] == "validation:rmse", given
assert sys.argv[1:3] == ["--eta", given["eta"]], sys.argv
(base / "model/eta.txt").write_text(given["eta"])
loss = 1 + abs(float(given["eta"]) - 0.5)
for number in range(10):
    print(f"[{number}]\\tvalidation-rmse:{loss}", flush=True)
    time.sleep(float(os.environ.get("SLOW", 0)) * (loss > 1.3))
"""
RANGES = {
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9", "ScalingType": "Linear"}
    ]
}


def tuning_config() -> dict[str, Any]:
    return {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"MetricName": "validation:rmse", "Type": "Minimize"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 3},
        "ParameterRanges": RANGES,
        "RandomSeed": 1,
    }


def tuning_request(place: Place, script: str = FIT, **changes: Any) -> dict[str, Any]:
    """A tuning job whose code comes as the channel `code`, found on Python's path."""
    definition = place.training_request(script)
    del definition["TrainingJobName"], definition["AlgorithmSpecification"]["ContainerEntrypoint"]
    definition |= {
        "StaticHyperParameters": {"num_round": "10", "sagemaker_program": "main.py"},
        "Environment": {"PYTHONPATH": "/opt/ml/input/data/code"},
    }
    return {
        "HyperParameterTuningJobName": unique("tune"),
        "HyperParameterTuningJobConfig": tuning_config() | changes,
        "TrainingJobDefinition": definition,
    }


def run(place: Place, request: dict[str, Any]) -> Any:
    place.sagemaker.create_hyper_parameter_tuning_job(**request)
    return ended(place, request["HyperParameterTuningJobName"])


def ended(place: Place, name: str) -> Any:
    describe = place.sagemaker.describe_hyper_parameter_tuning_job
    return settled(lambda: describe(HyperParameterTuningJobName=name), "HyperParameterTuningJobStatus")


def trials(place: Place, job: Any) -> list[Any]:
    listed = place.sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=job["HyperParameterTuningJobName"], SortBy="FinalObjectiveMetricValue"
    )
    return list(listed["TrainingJobSummaries"])


def test_the_best_training_is_told_with_its_hyperparameters_and_its_model(place: Place) -> None:
    job = run(place, tuning_request(place))
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    assert job["TrainingJobStatusCounters"]["Completed"] == 3
    ranked, best = trials(place, job), job["BestTrainingJob"]
    losses = [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in ranked]
    assert losses == sorted(losses)
    assert len(set(losses)) == 3
    assert best["TrainingJobName"] == ranked[0]["TrainingJobName"]
    key = f"training/{best['TrainingJobName']}/output/model.tar.gz"
    assert place.s3.head_object(Bucket=place.bucket, Key=key)
    described = place.sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert described["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert described["HyperParameters"]["eta"] == best["TunedHyperParameters"]["eta"]


def test_a_trial_may_have_several_machines(place: Place) -> None:
    request = tuning_request(place)
    request["TrainingJobDefinition"]["ResourceConfig"]["InstanceCount"] = 2
    name = run(place, request)["BestTrainingJob"]["TrainingJobName"]
    streams = place.aws.client("logs").describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/"
    )["logStreams"]
    machines = [stream["logStreamName"].split("/")[1].rsplit("-", 1)[0] for stream in streams]
    assert sorted(machines) == ["algo-1", "algo-2"]


def test_grid_tries_every_combination(place: Place) -> None:
    values = [
        {"Name": "eta", "Values": ["0.2", "0.5"]},
        {"Name": "subsample", "Values": ["0.5", "1.0"]},
    ]
    job = run(
        place,
        tuning_request(
            place,
            Strategy="Grid",
            ResourceLimits={"MaxParallelTrainingJobs": 4},
            ParameterRanges={"CategoricalParameterRanges": values},
        ),
    )
    tried = {tuple(sorted(trial["TunedHyperParameters"].values())) for trial in trials(place, job)}
    assert tried == {("0.2", "0.5"), ("0.2", "1.0"), ("0.5", "0.5"), ("0.5", "1.0")}
    assert job["BestTrainingJob"]["TunedHyperParameters"]["eta"] == "0.5"


def test_bayesian_comes_nearer_than_its_first_trials(place: Place) -> None:
    limits = {"MaxNumberOfTrainingJobs": 16, "MaxParallelTrainingJobs": 2}
    job = run(place, tuning_request(place, Strategy="Bayesian", ResourceLimits=limits))
    assert job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] < 1.05


WARM = "WarmStartConfig"


def _after(place: Place, parent: str, **changes: Any) -> dict[str, Any]:
    """A search that knows the trials of another one."""
    parents = [{"HyperParameterTuningJobName": parent}]
    known = {"ParentHyperParameterTuningJobs": parents, "WarmStartType": "TransferLearning"}
    return tuning_request(place, **changes) | {WARM: known}


@pytest.fixture(scope="module")
def parent(place: Place) -> str:
    """A search that found the best place."""
    limits = {"MaxNumberOfTrainingJobs": 16, "MaxParallelTrainingJobs": 4}
    request = tuning_request(place, Strategy="Bayesian", ResourceLimits=limits)
    return str(run(place, request)["HyperParameterTuningJobName"])


def test_a_search_knows_the_trials_of_the_jobs_that_it_names(place: Place, parent: str) -> None:
    limits = {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}
    cold, warm = (
        run(place, request(Strategy="Bayesian", ResourceLimits=limits))["BestTrainingJob"]
        for request in (partial(tuning_request, place), partial(_after, place, parent))
    )
    losses = [job["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for job in (warm, cold)]
    assert losses[0] < losses[1]


def test_a_search_begins_where_others_were_best() -> None:
    given = {**tuning_config(), "Strategy": "Bayesian"}
    known = [Earlier({"eta": f"{eta / 50}"}, abs(eta / 50 - 0.5)) for eta in range(5, 45)]
    # Outside of the ranges, and without what is tuned: they say nothing.
    known += [Earlier({"eta": "7.5"}, 0.0), Earlier({"eta": "many"}, 0.0), Earlier({"gamma": "1"}, 0.0)]

    def mean_distance(search: Search) -> float:
        etas = [float(search.ask().values["eta"]) for _ in range(20)]
        return sum(abs(eta - 0.5) for eta in etas) / len(etas)

    assert mean_distance(Search(given, known)) < mean_distance(Search(given)) * 2 / 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"HyperParameterTuningJobObjective": {"MetricName": "validation:mae", "Type": "Minimize"}},
         "has another objective metric"),
        ({"ParameterRanges": {"ContinuousParameterRanges": [
            *RANGES["ContinuousParameterRanges"], {"Name": "gamma", "MinValue": "0", "MaxValue": "1"}]}},
         "has 3 hyperparameters, static and tunable together, and this one has 4"),
        ({"ParameterRanges": {"CategoricalParameterRanges": [{"Name": "eta", "Values": ["0.5"]}]}},
         "The type of eta is another one"),
        ({"Strategy": "Hyperband", "StrategyConfig": {"HyperbandStrategyConfig": {"MaxResource": 10}}},
         "takes the strategies Bayesian and Random only"),
    ],
)  # fmt: skip
def test_a_parent_that_says_nothing_about_a_search_is_refused(
    place: Place, parent: str, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        place.sagemaker.create_hyper_parameter_tuning_job(**_after(place, parent, **changes))
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_parent_has_to_be_there_and_to_have_ended(place: Place) -> None:
    with pytest.raises(ClientError, match="can't find a tuning job with name nobody"):
        place.sagemaker.create_hyper_parameter_tuning_job(**_after(place, "nobody"))
    running = tuning_request(place, script="import time; time.sleep(60)")
    name = running["HyperParameterTuningJobName"]
    place.sagemaker.create_hyper_parameter_tuning_job(**running)
    with pytest.raises(ClientError, match=f"The parent tuning job {name} has not ended yet"):
        place.sagemaker.create_hyper_parameter_tuning_job(**_after(place, name))
    place.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)


@pytest.mark.parametrize(
    "changes",
    [
        {"TrainingJobEarlyStoppingType": "Auto"},
        {
            "Strategy": "Hyperband",
            "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 10}},
        },
    ],
)
def test_a_training_that_promises_nothing_is_ended(place: Place, changes: dict[str, Any]) -> None:
    limits = {"MaxNumberOfTrainingJobs": 14, "MaxParallelTrainingJobs": 2}
    request = tuning_request(place, ResourceLimits=limits, **changes)
    request["TrainingJobDefinition"]["Environment"]["SLOW"] = "0.3"
    job = run(place, request)
    counted = job["TrainingJobStatusCounters"]
    assert counted["Stopped"] > 0
    assert counted["Stopped"] + counted["Completed"] == 14
    assert job["BestTrainingJob"]["TrainingJobStatus"] == "Completed"


def test_a_job_that_is_stopped_ends_its_trainings(place: Place) -> None:
    request = tuning_request(place, script="import time; time.sleep(60)")
    place.sagemaker.create_hyper_parameter_tuning_job(**request)
    name = request["HyperParameterTuningJobName"]
    place.sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    job = ended(place, name)
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["InProgress"] == 0


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("raise SystemExit('no rows left')", "No training job succeeded after 5 attempts"),
        ("pass", "No log of 5 training jobs has the objective metric validation:rmse"),
    ],
)
def test_after_five_failures_it_gives_up(place: Place, script: str, reason: str) -> None:
    limits = {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 1}
    job = run(place, tuning_request(place, script, ResourceLimits=limits))
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert reason in job["FailureReason"]


def _ranges(kind: str, **one: Any) -> dict[str, Any]:
    return {"ParameterRanges": {f"{kind}ParameterRanges": [one]}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"HyperParameterTuningJobObjective": {"MetricName": "validation:loss", "Type": "Minimize"}},
         "A metric is required for this hyperparameter tuning job objective"),
        (_ranges("Continuous", Name="learning_rate", MinValue="0", MaxValue="1"), "rate cannot be tuned"),
        (_ranges("Integer", Name="num_round", MinValue="1", MaxValue="9"), "both static and tuned"),
        (_ranges("Integer", Name="max_depth", MinValue="3.5", MaxValue="9"), "range of max_depth is empty"),
        (_ranges("Continuous", Name="eta", MinValue="1", MaxValue="0.5"), "range of eta is empty"),
        ({"Strategy": "Grid"}, "Grid takes categorical ranges only"),
        ({"Strategy": "Hyperband"}, "Hyperband needs MaxResource"),
        ({"Strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"}, "must be OFF to use Hyperband"),
        ({"ResourceLimits": {"MaxParallelTrainingJobs": 1}}, "MaxNumberOfTrainingJobs is required"),
        ({"ParameterRanges": {}}, "needs ranges"),
    ],
)  # fmt: skip
def test_a_search_that_cannot_be_made_is_refused(place: Place, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ClientError, match=words) as caught:
        place.sagemaker.create_hyper_parameter_tuning_job(**tuning_request(place, **changes))
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_the_metrics_of_an_algorithm_of_aws_cannot_be_defined_anew(place: Place) -> None:
    request = tuning_request(place)
    own = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    request["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"] = own
    with pytest.raises(ClientError, match="can't override the metric definitions"):
        place.sagemaker.create_hyper_parameter_tuning_job(**request)


def test_names_of_tuning_jobs_are_taken_once(place: Place) -> None:
    request = tuning_request(place)
    run(place, request)
    with pytest.raises(ClientError, match="already exists"):
        place.sagemaker.create_hyper_parameter_tuning_job(**request)
