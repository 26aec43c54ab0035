"""A pipeline trains, or tunes, as the configuration says, in requests that SageMaker takes."""

import json
from dataclasses import replace
from typing import Any, get_args

import hyperparameters as training_code
import pytest
from train import XGBOOST_NAMES

from config.models.tuning import objectives_of
from config.models.use_case import Problem, metrics_of
from config.settings import Settings, TrainingResources, Tuning, UseCase
from stacks.training.pipeline_definition import pipeline_definition
from stacks.training.training_steps import DEFAULT_ROUNDS, NAMES_IN_TUNING, metric_definitions
from tests.stacks.training.test_pipeline_definition import CODE, RESOURCES, refusal
from tools.local_aws.sagemaker.jobs.log_metrics import final_metrics
from tools.local_aws.sagemaker.pipelines.definition import read_definition
from tools.local_aws.sagemaker.tuning.checks import TUNABLE, check_tuning_job

Json = dict[str, Any]
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AlgorithmSpecification.html
MOST_METRICS = 40
RANGES = {
    "learning_rate": {"min": 0.01, "max": 0.3, "scaling": "Logarithmic"},
    "max_depth": {"min": 3, "max": 8},
    "subsample": {"values": [0.5, 1]},
}
GRID = {"max_depth": {"values": [3, 6]}, "reg_lambda": {"values": [0.5, 2]}}


def tuning(**changes: Any) -> Tuning:
    return Tuning.model_validate(
        {"objective": "validation:rmse", "max_jobs": 6, "parallel_jobs": 2, "ranges": RANGES} | changes
    )


@pytest.fixture(scope="module")
def use_case(sample_settings: Settings) -> UseCase:
    return sample_settings.use_cases["house-prices"]


def definition_of(use_case: UseCase, search: Tuning | None = None, **size: Any) -> Json:
    changed = use_case.model_copy(update={"tuning": search})
    return pipeline_definition(changed, TrainingResources(**size), RESOURCES)


def step(definition: Json, name: str) -> Json:
    return read_definition(json.dumps(definition)).steps[name].members


def arguments(use_case: UseCase, search: Tuning | None = None, **size: Any) -> Json:
    name = "Tune" if search else "Train"
    return dict(step(definition_of(use_case, search, **size), name)["Arguments"])


def test_a_tuning_job_is_named_by_environment_within_what_aws_leaves_to_us(use_case: UseCase) -> None:
    name = arguments(use_case, tuning())["HyperParameterTuningJobName"]
    other = replace(RESOURCES, place=replace(RESOURCES.place, prefix="prod"))
    changed = use_case.model_copy(update={"tuning": tuning()})
    elsewhere = step(pipeline_definition(changed, TrainingResources(), other), "Tune")["Arguments"]
    assert name == RESOURCES.place.tuning_job
    assert name != elsewhere["HyperParameterTuningJobName"]
    # https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
    assert len(name) == 6


@pytest.mark.parametrize(
    "search",
    [
        tuning(),
        tuning(strategy="Random", early_stopping=True),
        tuning(strategy="Hyperband"),
        tuning(strategy="Grid", max_jobs=None, ranges=GRID),
    ],
    ids=lambda search: search.strategy,
)
def test_every_strategy_is_a_request_that_sagemaker_takes(use_case: UseCase, search: Tuning) -> None:
    definition = definition_of(use_case, search)
    assert refusal(definition) == ""
    given = step(definition, "Tune")["Arguments"]
    trial = given["TrainingJobDefinition"]
    known = [{"Name": "validation:rmse"}]
    check_tuning_job(
        given["HyperParameterTuningJobConfig"],
        trial | {"AlgorithmSpecification": {**trial["AlgorithmSpecification"], "MetricDefinitions": known}},
    )


def test_training_is_told_any_algorithm_but_the_usual_one(use_case: UseCase) -> None:
    usual = arguments(use_case)["AlgorithmSpecification"]
    linear = use_case.model_copy(update={"algorithm": "linear", "hyperparameters": {"l2_penalty": 3}})
    told = arguments(linear)
    command = [*usual["ContainerEntrypoint"], "--algorithm", "linear"]
    assert told["AlgorithmSpecification"] == {**usual, "ContainerEntrypoint": command}
    assert told["HyperParameters"] == {"l2_penalty": "3"}
    assert refusal(definition_of(linear)) == ""


def test_ranges_are_told_by_kind_under_the_names_of_the_algorithm(use_case: UseCase) -> None:
    assert arguments(use_case, tuning())["HyperParameterTuningJobConfig"]["ParameterRanges"] == {
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.3", "ScalingType": "Logarithmic"}
        ],
        "IntegerParameterRanges": [
            {"Name": "max_depth", "MinValue": "3", "MaxValue": "8", "ScalingType": "Auto"}
        ],
        "CategoricalParameterRanges": [{"Name": "subsample", "Values": ["0.5", "1.0"]}],
    }


def test_hyperparameters_are_fixed_or_tuned_and_training_understands_all_of_them(
    use_case: UseCase,
) -> None:
    given = arguments(use_case, tuning())
    fixed = given["TrainingJobDefinition"]["StaticHyperParameters"]
    assert not {"eta", "max_depth", "subsample"} & set(fixed)
    assert fixed["num_round"] == str(use_case.hyperparameters["n_estimators"])
    assert {own: theirs for theirs, own in training_code.NAMES_IN_TUNING.items()} == NAMES_IN_TUNING
    assert training_code.RULES["n_estimators"].default == DEFAULT_ROUNDS


def test_what_can_be_tuned_here_can_be_tuned_there() -> None:
    from config.values.hyperparameters import TUNABLE as OWN

    assert {NAMES_IN_TUNING.get(name, name) for name in OWN} <= set(TUNABLE["sagemaker-xgboost"])


def test_a_trial_is_started_by_the_image_itself_with_the_scripts_on_pythons_path(use_case: UseCase) -> None:
    """The request has no room for a command."""
    in_aws_image = use_case.model_copy(update={"image": "aws"})
    trial = arguments(in_aws_image, tuning())["TrainingJobDefinition"]
    assert trial["AlgorithmSpecification"].keys() == {"TrainingImage", "TrainingInputMode"}
    assert trial["StaticHyperParameters"]["sagemaker_program"] == "trial.py"
    assert trial["Environment"]["PYTHONPATH"] == f"/opt/ml/input/data/code/{CODE}"


def test_a_trial_is_as_isolated_and_encrypted_as_a_training(use_case: UseCase) -> None:
    train, trial = arguments(use_case), arguments(use_case, tuning())["TrainingJobDefinition"]
    same = (
        *("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "VpcConfig", "RoleArn"),
        *("OutputDataConfig", "ResourceConfig", "StoppingCondition", "InputDataConfig"),
    )
    assert {name: trial[name] for name in same} == {name: train[name] for name in same}


def test_the_best_model_is_evaluated_and_registered(use_case: UseCase) -> None:
    definition = definition_of(use_case, tuning())
    best = {
        "Std:Join": {
            "On": "/",
            "Values": [
                "s3://artifacts-bucket/training/house-prices",
                {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"},
                "output",
                "model.tar.gz",
            ],
        }
    }
    inputs = {
        item["InputName"]: item["S3Input"]["S3Uri"]
        for item in step(definition, "Evaluate")["Arguments"]["ProcessingInputs"]
    }
    (container,) = step(definition, "Register")["Arguments"]["InferenceSpecification"]["Containers"]
    assert inputs["model"] == container["ModelDataUrl"] == best


def test_several_machines_train_together(use_case: UseCase) -> None:
    assert arguments(use_case, instances=3)["ResourceConfig"]["InstanceCount"] == 3
    assert arguments(use_case)["ResourceConfig"]["InstanceCount"] == 1


def test_a_spot_training_has_time_to_wait_and_a_place_for_what_it_has_reached(use_case: UseCase) -> None:
    spot = arguments(use_case, spot=True)
    assert spot["EnableManagedSpotTraining"] is True
    assert spot["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert spot["CheckpointConfig"]["S3Uri"]["Std:Join"]["Values"] == [
        "s3://artifacts-bucket/checkpoints/house-prices",
        {"Get": "Execution.PipelineExecutionId"},
    ]
    assert not {"EnableManagedSpotTraining", "CheckpointConfig"} & arguments(use_case).keys()


def test_a_machine_waits_for_the_next_training_but_not_for_a_trial(use_case: UseCase) -> None:
    resources = arguments(use_case, keep_alive_minutes=10)["ResourceConfig"]
    assert resources["KeepAlivePeriodInSeconds"] == 600
    trial = arguments(use_case, tuning(), keep_alive_minutes=10)["TrainingJobDefinition"]
    assert "KeepAlivePeriodInSeconds" not in trial["ResourceConfig"]


@pytest.mark.parametrize("search", [None, tuning()], ids=["trains", "tunes"])
def test_metrics_are_defined_where_aws_does_not_know_the_image(
    use_case: UseCase, search: Tuning | None
) -> None:
    """And nowhere else: AWS refuses definitions beside an image of its own, and knows none of ours."""
    found = {}
    for image in ("aws", "own"):
        requested = arguments(use_case.model_copy(update={"image": image}), search)
        trained = requested["TrainingJobDefinition"] if search else requested
        found[image] = trained["AlgorithmSpecification"].get("MetricDefinitions", [])
    assert found["aws"] == []
    assert 0 < len(found["own"]) <= MOST_METRICS
    line = "[3]\ttrain-rmse:2.5\tvalidation-rmse:3e-05\tvalidation-mse:-1"
    values = {each["MetricName"]: each["Value"] for each in final_metrics(found["own"], [line])}
    assert values == {"train:rmse": 2.5, "validation:rmse": 3e-05, "validation:mse": -1}


@pytest.mark.parametrize("problem", get_args(Problem))
def test_the_metrics_that_are_defined_are_those_that_training_prints(problem: str) -> None:
    names = {each["Name"] for each in metric_definitions(problem)}
    printed = {XGBOOST_NAMES.get((problem, name), name) for name in metrics_of(problem)}
    assert names == {f"{part}:{name}" for part in ("train", "validation") for name in printed}
    assert {*objectives_of(problem)} <= names
