"""The SageMaker Python SDK 3 makes of the same search the same step, of a job of Spark the same, and of the
same files the same reports, so their forms are not only ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from spark_cluster import command

from config.settings import Bias, Settings, TrainingResources, Tuning
from stacks.training.pipeline_definition import pipeline_definition
from tests.stacks.training.test_model_card import card_of
from tests.stacks.training.test_pipeline_definition import RESOURCES
from tests.tools.local_aws.sagemaker.helpers import Place
from tests.tools.local_aws.sagemaker.sdk.test_life import Person

HERE = Path(__file__).parent
RANGES = {
    "learning_rate": {"min": 0.01, "max": 0.3, "scaling": "Logarithmic"},
    "max_depth": {"min": 3, "max": 8},
    "subsample": {"values": [0.5, 1]},
}
# The SDK has no words for them.
OURS_ALONE = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption")


@pytest.fixture(scope="module")
def steps(sample_settings: Settings) -> list[Any]:
    tuning = {"objective": "validation:rmse", "max_jobs": 6, "parallel_jobs": 2, "ranges": RANGES}
    bias = {"facets": [{"column": "Central_Air", "values": ["N"]}], "positive_above": 200_000}
    use_case = sample_settings.use_cases["house-prices"].model_copy(
        update={
            "tuning": Tuning.model_validate(tuning),
            "bias": Bias.model_validate(bias),
            # The SDK is told nothing of metrics, which an image of our own has to name.
            "image": "aws",
        }
    )
    training = TrainingResources(warm_start=("m12345-abc-def",))
    return list(pipeline_definition(use_case, training, RESOURCES)["Steps"])


@pytest.fixture(scope="module")
def ours(steps: list[Any]) -> Any:
    (step,) = [step for step in steps if step["Name"] == "Tune"]
    text = json.dumps(step)
    # What is known while an execution runs is a text to both.
    for expression in ("train", "validation"):
        uri = f"Steps.Preprocess.ProcessingOutputConfig.Outputs['{expression}'].S3Output.S3Uri"
        text = text.replace(json.dumps({"Get": uri}), json.dumps(f"s3://data/{expression}"))
    return json.loads(text.replace('{"Get": "Parameters.TrainingInstanceType"}', '"ml.m5.large"'))


@pytest.fixture(scope="module")
def spark(sample_settings: Settings) -> Any:
    """The step of several machines; what is known while an execution runs is a text to both."""
    use_case, size = sample_settings.use_cases["house-prices"], TrainingResources(processing_instances=3)
    steps = pipeline_definition(use_case, size, RESOURCES)["Steps"]
    (step,) = [step for step in steps if step["Name"] == "Preprocess"]
    return _with_texts(step)


def _with_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("Get", "").endswith("InstanceType"):
        return "ml.m5.large"
    if value.keys() & {"Get", "Std:Join"}:
        return f"s3://{''.join(filter(str.isalnum, json.dumps(value)))}"
    return {name: _with_texts(each) for name, each in value.items()}


@pytest.fixture(scope="module")
def registered(steps: list[Any]) -> Any:
    return steps[-1]["Arguments"]["IfSteps"][0]["Arguments"]


@pytest.fixture(scope="module")
def card(sample_settings: Settings) -> Any:
    return card_of(sample_settings, sample_settings.use_cases["house-prices"])


@pytest.fixture(scope="module")
def theirs(
    place: Place, ours: Any, registered: Any, spark: Any, card: Any, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """The SDK asks IAM about the role before it makes anything, so it gets one that exists."""
    person, role = Person(place, tmp_path_factory.mktemp("sdk")), RESOURCES.training_role_arn
    reports = [registered["ModelMetrics"], registered["DriftCheckBaselines"]]
    given = json.dumps([ours, *reports, spark, card])
    command = [sys.executable, str(HERE / "steps.py"), given.replace(role, person.job_role)]
    ran = subprocess.run(
        command, env=person.environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.splitlines()[-1].replace(person.job_role, role))


def test_the_search_is_the_same_to_the_letter(ours: Any, theirs: Any) -> None:
    own, made = (step["Arguments"]["HyperParameterTuningJobConfig"] for step in (ours, theirs["step"]))
    filled = {kind: [] for kind in made["ParameterRanges"]} | own["ParameterRanges"]
    assert own | {"ParameterRanges": filled} == made


def test_the_warm_start_is_the_same(ours: Any, theirs: Any) -> None:
    own, made = (step["Arguments"]["WarmStartConfig"] for step in (ours, theirs["step"]))
    assert own == made


def test_every_trial_is_the_same_but_for_what_the_sdk_cannot_say(ours: Any, theirs: Any) -> None:
    own, made = (step["Arguments"]["TrainingJobDefinition"] for step in (ours, theirs["step"]))
    own = {name: value for name, value in own.items() if name not in OURS_ALONE}
    # The SDK leaves this out, and says what is the default.
    resources = {name: value for name, value in own["ResourceConfig"].items() if name != "VolumeKmsKeyId"}
    output = own["OutputDataConfig"] | {"CompressionType": "GZIP"}
    own |= {"ResourceConfig": resources, "OutputDataConfig": output}
    assert {name: made.get(name) for name in own} == own


def test_the_step_and_the_way_to_its_best_training_are_the_same(ours: Any, theirs: Any) -> None:
    assert (ours["Type"], ours["CacheConfig"]) == (theirs["step"]["Type"], theirs["step"]["CacheConfig"])
    assert theirs["best"] == {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"}


def test_the_reports_of_a_version_are_the_same(registered: Any, theirs: Any) -> None:
    assert registered["ModelMetrics"] == theirs["metrics"]
    assert registered["DriftCheckBaselines"] == theirs["baselines"]


def test_a_job_of_spark_is_the_same_but_for_the_program_that_comes_before(spark: Any, theirs: Any) -> None:
    own, made = (step["Arguments"] for step in (spark, theirs["spark"]))
    for name in ("ProcessingResources", "NetworkConfig", "StoppingCondition", "RoleArn"):
        assert own[name] == made[name], name
    application = made["AppSpecification"]
    assert own["AppSpecification"]["ImageUri"] == application["ImageUri"]
    started = [*application["ContainerEntrypoint"], *application["ContainerArguments"]]
    assert command(Path(started[1]), own["AppSpecification"]["ContainerArguments"]) == started
    # The SDK says what are the defaults.
    said = {"S3DataDistributionType": "FullyReplicated", "S3CompressionType": "None"}
    inputs = [each | {"S3Input": each["S3Input"] | said} for each in own["ProcessingInputs"]]
    assert {each["InputName"]: each for each in inputs if each["InputName"] != "code"} == {
        each["InputName"]: each for each in made["ProcessingInputs"] if each["InputName"] != "code"
    }
    assert own["ProcessingOutputConfig"] == made["ProcessingOutputConfig"]


def test_the_card_of_a_version_is_one_that_the_sdk_reads_whole(card: Any, theirs: Any) -> None:
    assert theirs["card"] == card
