"""The pipeline definition is complete and correct before SageMaker sees it, and a mistake would be found."""

import copy
import json
from typing import Any

import pytest

from config.settings import Settings, UseCase
from stacks.parts.layout import Bucket, Layout
from stacks.training.pipeline_definition import pipeline_definition
from stacks.training.pipeline_steps import JobSettings, PipelineResources
from tests.stacks.cloud import Cloud
from tests.stacks.definition_check import all_steps, definition_problems

Json = dict[str, Any]
KEY = "arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012"
CODE = f"{64 * 'a'}.zip"
RESOURCES = PipelineResources(
    code_s3_uri=f"s3://assets/{CODE}",
    code_file_name=CODE,
    layout=Layout(
        data=Bucket.named("data-bucket"),
        artifacts=Bucket.named("artifacts-bucket"),
        capture=Bucket.named("capture-bucket"),
    ),
    model_package_group="dev-house-prices",
    xgboost_image="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
    model_monitor_image="156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer",
    processing_role_arn="arn:aws:iam::111111111111:role/processing",
    training_role_arn="arn:aws:iam::111111111111:role/training",
    jobs=JobSettings(
        kms_key_arn=KEY,
        subnet_ids=["subnet-00000001", "subnet-00000002"],
        security_group_ids=["sg-00000001"],
        volume_size_gb=30,
        max_runtime_seconds=3600,
    ),
)

FILLED = {
    "AWS::EC2::SecurityGroup": "sg-00000001",
    "AWS::EC2::Subnet": "subnet-00000001",
    "AWS::IAM::Role": "arn:aws:iam::111111111111:role/any",
    "AWS::KMS::Key": KEY,
    "AWS::S3::Bucket": "bucket",
}


@pytest.fixture(scope="module")
def use_case(settings: Settings) -> UseCase:
    return settings.use_cases["house-prices"]


@pytest.fixture(scope="module")
def definition(settings: Settings, use_case: UseCase) -> Json:
    training = settings.environments[0].use_cases["house-prices"].training
    return pipeline_definition(use_case, training, RESOURCES)


@pytest.fixture(scope="module")
def steps(definition: Json) -> dict[str, Json]:
    return {step["Name"]: step for step in all_steps(definition["Steps"])}


def test_every_use_case_of_every_environment_has_a_correct_definition(settings: Settings) -> None:
    for environment in settings.environments:
        for name, deployment in environment.use_cases.items():
            definition = pipeline_definition(settings.use_cases[name], deployment.training, RESOURCES)
            assert definition_problems(definition) == [], f"{environment.name}: {name}"


def test_every_deployed_definition_is_correct(cloud: Cloud) -> None:
    """With values of the right kind for what CloudFormation fills in, so a wrong attribute shows."""
    for pipeline in cloud.of_type("AWS::SageMaker::Pipeline"):
        pieces = pipeline.get("PipelineDefinition", "PipelineDefinitionBody")["Fn::Join"][1]
        filled = [
            piece if isinstance(piece, str) else FILLED[cloud.referenced(pipeline.template, piece)[0].type]
            for piece in pieces
        ]
        assert definition_problems(json.loads("".join(filled))) == [], pipeline


def test_the_definition_is_pure_data(settings: Settings, use_case: UseCase, definition: Json) -> None:
    training = settings.environments[0].use_cases["house-prices"].training
    assert json.loads(json.dumps(definition)) == definition
    assert pipeline_definition(use_case, training, RESOURCES) == definition


def test_steps_follow_one_another_in_a_fixed_order(definition: Json) -> None:
    names = [(step["Name"], step["Type"]) for step in all_steps(definition["Steps"])]
    assert names == [
        ("Preprocess", "Processing"),
        ("DataQualityBaseline", "Processing"),
        ("Train", "Training"),
        ("Evaluate", "Processing"),
        ("CheckMetric", "Condition"),
        ("Register", "RegisterModel"),
        ("MetricNotMet", "Fail"),
    ]


def test_an_execution_names_its_data_and_may_change_sizes_and_threshold(
    definition: Json, use_case: UseCase
) -> None:
    parameters = {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition["Parameters"]}
    assert parameters == {
        "InputData": None,
        "ProcessingInstanceType": "ml.m5.large",
        "TrainingInstanceType": "ml.m5.large",
        "MetricThreshold": use_case.success.threshold,
    }


def test_every_job_is_isolated_encrypted_and_in_the_private_network(steps: dict[str, Json]) -> None:
    network = RESOURCES.jobs.vpc_config
    for name in ("Preprocess", "DataQualityBaseline", "Evaluate"):
        arguments = steps[name]["Arguments"]
        assert arguments["NetworkConfig"] == {
            "EnableInterContainerTrafficEncryption": True,
            "EnableNetworkIsolation": True,
            "VpcConfig": network,
        }, name
        assert arguments["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == KEY, name
        assert arguments["ProcessingOutputConfig"]["KmsKeyId"] == KEY, name
        assert arguments["RoleArn"] == RESOURCES.processing_role_arn, name
    train = steps["Train"]["Arguments"]
    assert train["EnableNetworkIsolation"] is True
    assert train["EnableInterContainerTrafficEncryption"] is True
    assert train["VpcConfig"] == network
    assert train["ResourceConfig"]["VolumeKmsKeyId"] == train["OutputDataConfig"]["KmsKeyId"] == KEY
    assert train["RoleArn"] == RESOURCES.training_role_arn


def test_every_job_is_retried_and_ends(steps: dict[str, Json]) -> None:
    for name in ("Preprocess", "DataQualityBaseline", "Train", "Evaluate"):
        assert steps[name]["RetryPolicies"], name
        assert steps[name]["Arguments"]["StoppingCondition"]["MaxRuntimeInSeconds"] == 3600, name


def test_the_model_is_registered_as_pending_with_what_monitoring_needs(steps: dict[str, Json]) -> None:
    register = steps["Register"]["Arguments"]
    assert register["ModelApprovalStatus"] == "PendingManualApproval"
    assert register["ModelMetrics"].keys() == {"ModelQuality", "ModelDataQuality"}
    assert register["DriftCheckBaselines"]["ModelDataQuality"].keys() == {"Statistics", "Constraints"}
    baseline = register["CustomerMetadataProperties"]["DataQualityBaseline"]["Std:Join"]["Values"]
    assert baseline[:3] == ["artifacts-bucket", "executions", "house-prices"]


def test_missing_the_metric_fails_and_says_metric_value_and_threshold(
    steps: dict[str, Json], use_case: UseCase
) -> None:
    message = steps["MetricNotMet"]["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    assert use_case.success.metric in message[0]
    assert message[1]["Std:JsonGet"]["Path"] == f"regression_metrics.{use_case.success.metric}.value"
    assert message[3] == {"Get": "Parameters.MetricThreshold"}


def test_a_metric_that_should_be_low_is_compared_the_other_way_round(
    settings: Settings, use_case: UseCase
) -> None:
    low = use_case.success.model_copy(update={"metric": "rmse", "at_least": None, "at_most": 20_000.0})
    training = settings.environments[0].use_cases["house-prices"].training
    definition = pipeline_definition(use_case.model_copy(update={"success": low}), training, RESOURCES)
    (condition,) = definition["Steps"][-1]["Arguments"]["Conditions"]
    assert condition["Type"] == "LessThanOrEqualTo"
    assert definition_problems(definition) == []


def test_the_baseline_is_never_taken_from_a_cache(steps: dict[str, Json]) -> None:
    """The release looks for it below the execution that registered the model."""
    assert "CacheConfig" not in steps["DataQualityBaseline"]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("0.Arguments.RoleArn", None, "RoleArn is missing"),
        ("0.Arguments.RoleName", "processing", "the API knows no RoleName"),
        ("0.Arguments.RoleArn", "processing", "does not match"),
        ("0.Arguments.ProcessingJobName", "mine", "SageMaker chooses ProcessingJobName"),
        ("0.Arguments.NetworkConfig", {"Get": "Parameters.InputData"}, "cannot stand for a structure"),
        ("0.Arguments.ProcessingInputs.1.S3Input.S3InputMode", "Folder", "not one of the API's values"),
        ("0.Arguments.ProcessingInputs.1.S3Input.S3Uri", {"Get": "Parameters.Raw"}, "no such parameter"),
        ("0.Arguments.AppSpecification.ContainerArguments", 101 * ["a"], "101 is more than 100"),
        ("0.Arguments.AppSpecification.ContainerArguments", [257 * "a"], "257 is more than 256"),
        ("0.Arguments.ProcessingResources.ClusterConfig.VolumeSizeInGB", "30", "is no integer"),
        ("0.Arguments.ProcessingResources.ClusterConfig.VolumeSizeInGB", 0, "0 is less than 1"),
        ("0.RetryPolicies.0.MaxAttempts", 21, "out of bounds"),
        ("0.RetryPolicies.0.ExceptionType", ["Everything"], "cannot retry ['Everything']"),
        ("0.Type", "Preprocessing", "unknown step type Preprocessing"),
        ("1.Arguments.ProcessingInputs.0.S3Input.S3Uri", {"Get": "Steps.Train.X"}, "nothing before"),
        ("2.Name", "Preprocess", "exists already"),
        ("2.Arguments.HyperParameters.max_depth", 6, "is no string"),
        ("2.Arguments.InputDataConfig.1.DataSource.S3DataSource.S3Uri",
         {"Get": "Steps.Preprocess.ProcessingOutputConfig.Outputs['trian'].S3Output.S3Uri"}, "has no trian"),
        ("2.Arguments.InputDataConfig.1.DataSource.S3DataSource.S3Uri",
         {"Get": "Steps.Preprocess.ProcessingOutputConfig.Outputs['train'].S3Output"}, "whole structure"),
        ("3.PropertyFiles.0.OutputName", "report", "which is no output"),
        ("3.PropertyFiles.0.PropertyFileName", "Report", "no such property file"),
        ("4.Arguments.Conditions.0.Type", "AtLeast", "unknown condition AtLeast"),
        ("4.Arguments.IfSteps.0.Arguments.ModelApprovalStatus", "Pending", "not one of the API's values"),
        ("4.Arguments.IfSteps.0.Arguments.ModelMetrics.ModelQuality.Statistics.S3Uri",
         {"Std:Join": {"Values": ["a"]}}, "Std:Join takes On and Values"),
        ("4.Arguments.ElseSteps.0.Arguments.ErrorMessage", {"Get": "Execution.Id"}, "no such execution"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_definition_is_found(definition: Json, path: str, value: Any, problem: str) -> None:
    broken = copy.deepcopy(definition)
    *parents, last = path.split(".")
    place: Any = broken["Steps"]
    for key in parents:
        place = place[int(key) if key.isdigit() else key]
    if value is None:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    assert any(problem in found for found in definition_problems(broken)), definition_problems(broken)


@pytest.mark.parametrize(
    ("name", "default", "problem"),
    [
        ("TrainingInstanceType", "ml.m5.tiny", "not one of the API's values"),
        ("MetricThreshold", "0.7", "is no Float"),
    ],
)
def test_a_mistake_in_a_default_is_found(definition: Json, name: str, default: Any, problem: str) -> None:
    broken = copy.deepcopy(definition)
    (parameter,) = (item for item in broken["Parameters"] if item["Name"] == name)
    parameter["DefaultValue"] = default
    assert any(problem in found for found in definition_problems(broken))
