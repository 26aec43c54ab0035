"""The pipeline definition is complete and correct before SageMaker sees it, and a mistake would be found."""

import copy
import json
from functools import partial
from typing import Any

import preprocess
import pytest
import record

from config.models.use_case import Split
from config.settings import Bias, Settings, TrainingResources, UseCase
from stacks.parts.jobs import Code, JobSettings
from stacks.parts.layout import Bucket, Layout
from stacks.parts.place import Place
from stacks.training.pipeline_decision import BETTER_BY, COMPARED, GROUPS, LIVE, QUALITY
from stacks.training.pipeline_definition import pipeline_definition
from stacks.training.pipeline_steps import Live, PipelineResources
from tests.stacks.cloud import Cloud, Resource, text_of
from tools.local_aws.sagemaker.errors import ValidationError
from tools.local_aws.sagemaker.pipelines.definition import read_definition

Json = dict[str, Any]
KEY = "arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012"
CODE = f"{64 * 'a'}.zip"
RESOURCES = PipelineResources(
    code=Code(f"s3://assets/{CODE}", CODE),
    layout=Layout(
        data=Bucket.named("data-bucket"),
        artifacts=Bucket.named("artifacts-bucket"),
        capture=Bucket.named("capture-bucket"),
    ),
    live=Live("7", "s3://artifacts-bucket/models/house-prices/7/"),
    place=Place("dev", "111111111111", "us-east-1"),
    model_package_group="dev-house-prices",
    xgboost_image="683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
    spark_image="173754725891.dkr.ecr.us-east-1.amazonaws.com/sagemaker-spark-processing:3.5-cpu-py312-v1.3",
    model_monitor_image="156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer",
    processing_role_arn="arn:aws:iam::111111111111:role/processing",
    training_role_arn="arn:aws:iam::111111111111:role/training",
    monitoring_engine="own",
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

REGISTER = "5.Arguments.IfSteps.0.Arguments"
KNOWN_STEPS = {
    "Preprocess": "Processing",
    "Train": "Training",
    "Evaluate": "Processing",
    "DataQualityBaseline": "Processing",
    "Record": "Processing",
    "CheckMetric": "Condition",
    "Register": "RegisterModel",
    "NotRegistered": "Fail",
}
"""Types of the steps that these tests are about, in their order; there may be more between them."""


def refusal(definition: Json) -> str:
    """What CreatePipeline says about a definition; nothing when it is right."""
    try:
        read_definition(json.dumps(definition))
    except ValidationError as error:
        return str(error.message)
    return ""


@pytest.fixture(scope="module")
def use_case(sample_settings: Settings) -> UseCase:
    return sample_settings.use_cases["house-prices"]


@pytest.fixture(scope="module")
def definition(sample_settings: Settings, use_case: UseCase) -> Json:
    training = sample_settings.environments[0].use_cases["house-prices"].training
    return pipeline_definition(use_case, training, RESOURCES)


@pytest.fixture(scope="module")
def steps(definition: Json) -> dict[str, Json]:
    return {name: step.members for name, step in read_definition(json.dumps(definition)).steps.items()}


def test_every_use_case_of_every_environment_has_a_correct_definition(settings: Settings) -> None:
    for environment in settings.environments:
        for name, deployment in environment.use_cases.items():
            definition = pipeline_definition(settings.use_cases[name], deployment.training, RESOURCES)
            assert refusal(definition) == "", f"{environment.name}: {name}"


def _filled(cloud: Cloud, pipeline: Resource, piece: Json) -> str:
    """A value of the right kind, so that a wrong attribute shows; nothing is live."""
    parameters = pipeline.template.section("Parameters")
    match piece:
        case {"Ref": name} if name in parameters:
            return str(parameters[name]["Default"])
        case {"Fn::If": ["HasModel", _, otherwise]}:
            return text_of(otherwise, partial(_filled, cloud, pipeline))
    return FILLED[cloud.referenced(pipeline.template, piece)[0].type]


def test_every_deployed_definition_is_correct(cloud: Cloud) -> None:
    for pipeline in cloud.of_type("AWS::SageMaker::Pipeline"):
        pieces = pipeline.get("PipelineDefinition", "PipelineDefinitionBody")["Fn::Join"][1]
        filled = [text_of(piece, partial(_filled, cloud, pipeline)) for piece in pieces]
        assert refusal(json.loads("".join(filled))) == "", pipeline


def test_the_definition_is_pure_data(sample_settings: Settings, use_case: UseCase, definition: Json) -> None:
    training = sample_settings.environments[0].use_cases["house-prices"].training
    assert json.loads(json.dumps(definition)) == definition
    assert pipeline_definition(use_case, training, RESOURCES) == definition


def test_steps_follow_one_another_in_a_fixed_order(steps: dict[str, Json]) -> None:
    kinds = [(name, step["Type"]) for name, step in steps.items()]
    assert [(name, kind) for name, kind in kinds if name in KNOWN_STEPS] == list(KNOWN_STEPS.items())


def test_several_machines_preprocess_with_spark_and_the_libraries_of_the_other_image(
    use_case: UseCase, steps: dict[str, Json]
) -> None:
    definition = pipeline_definition(use_case, TrainingResources(processing_instances=3), RESOURCES)
    assert refusal(definition) == ""
    libraries, preprocess, *_ = (step["Arguments"] for step in definition["Steps"])
    alone = steps["Preprocess"]["Arguments"]
    assert preprocess["AppSpecification"]["ImageUri"] == RESOURCES.spark_image
    assert preprocess["AppSpecification"]["ContainerEntrypoint"][-1] == "spark_cluster"
    assert preprocess["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 3
    assert libraries["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert libraries["AppSpecification"]["ImageUri"] == RESOURCES.xgboost_image
    inputs = {each["InputName"]: each["S3Input"]["S3Uri"] for each in preprocess["ProcessingInputs"]}
    assert inputs["libraries"] == {
        "Get": "Steps.Libraries.ProcessingOutputConfig.Outputs['libraries'].S3Output.S3Uri"
    }
    same = ("NetworkConfig", "ProcessingOutputConfig", "RoleArn", "StoppingCondition")
    assert {name: preprocess[name] for name in same} == {name: alone[name] for name in same}
    arguments = [each["AppSpecification"]["ContainerArguments"] for each in (preprocess, alone)]
    assert arguments[0] == arguments[1]


def test_an_execution_names_its_data_and_may_change_sizes_and_threshold(
    definition: Json, use_case: UseCase
) -> None:
    parameters = {parameter["Name"]: parameter.get("DefaultValue") for parameter in definition["Parameters"]}
    assert parameters == {
        "InputData": None,
        "ProcessingInstanceType": "ml.m5.large",
        "TrainingInstanceType": "ml.m5.large",
        "MetricThreshold": use_case.success.threshold,
        "DriftCheck": "warn",
        "RegisterIfWorse": "no",
    }


def test_preprocessing_and_the_baseline_are_told_what_the_use_case_says(
    sample_settings: Settings, use_case: UseCase
) -> None:
    personal = {"Misc_Val": "drop", "Neighborhood": "mask 3", "Lot_Area": "bucket 5000"}
    split = Split(by="time", column="Year_Sold")
    changed = use_case.model_copy(update={"personal_data": personal, "split": split})
    training = sample_settings.environments[0].use_cases["house-prices"].training
    told = {
        step["Name"]: step["Arguments"]["AppSpecification"].get("ContainerArguments", [])
        for step in pipeline_definition(changed, training, RESOURCES)["Steps"]
        if step["Type"] == "Processing"
    }
    read = preprocess.parse_arguments(told["Preprocess"])
    assert (read.split.by, read.split.column) == ("time", "Year_Sold")
    assert read.schema.personal == {name: how for name, how in personal.items() if how != "drop"}
    assert told["DataQualityBaseline"][-2:] == ["--personal", "mask 3:Neighborhood,bucket 5000:Lot_Area"]


def test_every_job_is_isolated_encrypted_and_in_the_private_network(steps: dict[str, Json]) -> None:
    network = RESOURCES.jobs.vpc_config
    for name in ("Preprocess", "DataQualityBaseline", "Evaluate", "Record"):
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
    for name in ("Preprocess", "DataQualityBaseline", "Train", "Evaluate", "Record"):
        assert steps[name]["RetryPolicies"], name
        assert steps[name]["Arguments"]["StoppingCondition"]["MaxRuntimeInSeconds"] == 3600, name


def test_the_model_is_registered_as_pending_with_what_monitoring_needs(steps: dict[str, Json]) -> None:
    register = steps["Register"]["Arguments"]
    assert register["ModelApprovalStatus"] == "PendingManualApproval"
    kinds = {"ModelQuality", "ModelDataQuality", "Explainability"}
    assert register["ModelMetrics"].keys() == register["DriftCheckBaselines"].keys() == kinds
    for kind in ("ModelQuality", "ModelDataQuality"):
        assert register["DriftCheckBaselines"][kind].keys() == {"Statistics", "Constraints"}


def test_groups_are_looked_at_in_what_is_learnt_from_and_registered(
    sample_settings: Settings, use_case: UseCase
) -> None:
    facets = [{"column": "Central_Air", "values": ["N"]}, {"column": "Year_Built", "above": 1990}]
    bias = Bias.model_validate({"facets": facets, "positive_above": 200_000})
    training = sample_settings.environments[0].use_cases["house-prices"].training
    definition = pipeline_definition(use_case.model_copy(update={"bias": bias}), training, RESOURCES)
    assert refusal(definition) == ""
    steps = {name: step.members for name, step in read_definition(json.dumps(definition)).steps.items()}
    evaluate, register = steps["Evaluate"]["Arguments"], steps["Register"]["Arguments"]
    assert evaluate["AppSpecification"]["ContainerArguments"][4:] == [
        *("--facet", "Central_Air", "=N", "--facet", "Year_Built", ">1990.0", "--positive-above=200000.0"),
    ]
    assert "train" in {given["InputName"] for given in evaluate["ProcessingInputs"]}
    assert register["ModelMetrics"]["Bias"].keys() == {"PreTrainingReport", "PostTrainingReport"}
    assert register["DriftCheckBaselines"]["Bias"].keys() == {
        *("ConfigFile", "PreTrainingConstraints", "PostTrainingConstraints"),
    }
    assert {"BiasDigest", "FacetsDigest"} <= register["CustomerMetadataProperties"].keys()


def test_a_version_says_what_made_it(steps: dict[str, Json], use_case: UseCase) -> None:
    """Also with another threshold than the configured one."""
    said = steps["Register"]["Arguments"]["CustomerMetadataProperties"]
    assert said["PipelineExecutionId"] == {"Get": "Execution.PipelineExecutionId"}
    assert said["PipelineExecutionArn"] == {"Get": "Execution.PipelineExecutionArn"}
    assert said["InputData"] == {"Get": "Parameters.InputData"}
    assert said["Code"] == CODE
    assert said["SuccessCriterion"] == f"within_10_percent at_least {use_case.success.threshold}"
    assert said["MetricThreshold"]["Std:Join"]["Values"] == [{"Get": "Parameters.MetricThreshold"}]
    recorded = {value["Std:JsonGet"]["Path"] for name, value in said.items() if name.endswith("Digest")}
    assert recorded == {*record.FILES, "delivery"}


def test_missing_the_metric_fails_and_says_metric_value_and_threshold(
    steps: dict[str, Json], use_case: UseCase
) -> None:
    message = steps["NotRegistered"]["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    assert use_case.success.metric in message[0]
    assert message[1]["Std:JsonGet"]["Path"] == f"regression_metrics.{use_case.success.metric}.value"
    assert message[3]["Std:Join"]["Values"] == [{"Get": "Parameters.MetricThreshold"}, ";"]


def test_a_version_that_is_worse_than_the_live_one_is_registered_on_request_only(
    steps: dict[str, Json],
) -> None:
    """What the evaluation says of both, on the same rows, is why the execution ends."""
    comparison = {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Comparison"}}
    either = steps["CheckMetric"]["Arguments"]["Conditions"][1]
    assert either["Type"] == "Or"
    assert [(way["LeftValue"], way["RightValue"]) for way in either["Conditions"]] == [
        ({"Std:JsonGet": comparison | {"Path": "is_worse"}}, "no"),
        ({"Get": "Parameters.RegisterIfWorse"}, "yes"),
    ]
    told = {"Std:JsonGet": comparison | {"Path": "told"}}
    message = steps["NotRegistered"]["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    assert {"Std:Join": {"On": "", "Values": [told, ";"]}} in message
    said = steps["Register"]["Arguments"]["CustomerMetadataProperties"]
    assert (said["BesideLive"], said["RegisterIfWorse"]) == (told, {"Get": "Parameters.RegisterIfWorse"})
    # A rule that approves looks at these, and nobody who starts an execution gives one of them.
    assert [said[name]["Std:JsonGet"]["Path"] for name in (COMPARED, LIVE, BETTER_BY, QUALITY, GROUPS)] == [
        *("told", "version", "better_by", "quality_is_worse", "groups_fare_worse"),
    ]


def test_baselines_that_differ_from_the_live_versions_are_told_or_end_the_execution(
    sample_settings: Settings, use_case: UseCase, steps: dict[str, Json]
) -> None:
    drift = {"PropertyFile": {"Get": "Steps.Record.PropertyFiles.DriftCheck"}}
    either = steps["CheckMetric"]["Arguments"]["Conditions"][2]
    assert [(way["LeftValue"], way["RightValue"]) for way in either["Conditions"]] == [
        ({"Std:JsonGet": drift | {"Path": "has_drifted"}}, "no"),
        ({"Get": "Parameters.DriftCheck"}, "warn"),
    ]
    told = {"Std:JsonGet": drift | {"Path": "told"}}
    assert steps["Register"]["Arguments"]["CustomerMetadataProperties"]["DriftFromLive"] == told
    training = sample_settings.environments[0].use_cases["house-prices"].training
    failing = pipeline_definition(use_case.model_copy(update={"drift_check": "fail"}), training, RESOURCES)
    assert {"DriftCheck": "fail"}.items() <= {
        each["Name"]: each.get("DefaultValue") for each in failing["Parameters"]
    }.items()


def test_the_evaluation_reads_what_the_release_has_taken_of_the_live_version(steps: dict[str, Json]) -> None:
    job = steps["Evaluate"]["Arguments"]
    arguments = job["AppSpecification"]["ContainerArguments"]
    assert arguments[:4] == ["--metric", "within_10_percent", "--live-version", "7"]
    inputs = {given["InputName"]: given["S3Input"]["S3Uri"] for given in job["ProcessingInputs"]}
    assert inputs["live"] == "s3://artifacts-bucket/models/house-prices/7/"


def test_a_metric_that_should_be_low_is_compared_the_other_way_round(
    sample_settings: Settings, use_case: UseCase
) -> None:
    low = use_case.success.model_copy(update={"metric": "rmse", "at_least": None, "at_most": 20_000.0})
    training = sample_settings.environments[0].use_cases["house-prices"].training
    definition = pipeline_definition(use_case.model_copy(update={"success": low}), training, RESOURCES)
    condition = definition["Steps"][-1]["Arguments"]["Conditions"][0]
    assert condition["Type"] == "LessThanOrEqualTo"
    assert refusal(definition) == ""


@pytest.mark.parametrize("name", ["DataQualityBaseline", "Evaluate", "Record"])
def test_what_the_release_reads_is_never_taken_from_a_cache(steps: dict[str, Json], name: str) -> None:
    """The release looks for it below the execution that registered the model."""
    assert "CacheConfig" not in steps[name]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("0.Arguments.RoleArn", None, "at 'Preprocess.roleArn' failed to satisfy"),
        ("0.Arguments.RoleName", "processing", "Unknown Argument member 'RoleName' at 'Preprocess'"),
        ("0.Arguments.RoleArn", "processing", "must satisfy regular expression pattern: arn:aws"),
        ("0.Arguments.ProcessingJobName", "my job", "must satisfy regular expression pattern"),
        ("0.Arguments.NetworkConfig", {"Get": "Parameters.InputData"}, "Expecting start of Json Object"),
        ("0.Arguments.ProcessingInputs.1.S3Input.S3InputMode", "Folder", "enum value set: [Pipe, File]"),
        ("0.Arguments.ProcessingInputs.1.S3Input.S3Uri", {"Get": "Parameters.Raw"}, "no such parameter"),
        ("0.Arguments.AppSpecification.ContainerArguments", 101 * ["a"], "length less than or equal to 100"),
        ("0.Arguments.AppSpecification.ContainerArguments", [257 * "a"], "length less than or equal to 256"),
        ("0.Arguments.ProcessingResources.ClusterConfig.VolumeSizeInGB", "30", "must be an integer"),
        ("0.Arguments.ProcessingResources.ClusterConfig.VolumeSizeInGB", 0, "greater than or equal to 1"),
        ("0.RetryPolicies.0.MaxAttempts", 21, "out of bounds"),
        ("0.RetryPolicies.0.ExceptionType", ["Everything"], "cannot retry ['Everything']"),
        ("0.Type", "Preprocessing", "Step Preprocess has the type Preprocessing"),
        ("3.Arguments.ProcessingInputs.0.S3Input.S3Uri", {"Get": "Steps.Train.X"}, "Train has no X"),
        ("0.DependsOn", ["Train"], "wait for each other"),
        ("1.Name", "Preprocess", "Preprocess is used 2 times"),
        ("1.Arguments.HyperParameters.max_depth", 6, "must be a string"),
        ("1.Arguments.InputDataConfig.1.DataSource.S3DataSource.S3Uri",
         {"Get": "Steps.Preprocess.ProcessingOutputConfig.Outputs['trian'].S3Output.S3Uri"}, "has no such"),
        ("1.Arguments.InputDataConfig.1.DataSource.S3DataSource.S3Uri",
         {"Get": "Steps.Preprocess.ProcessingOutputConfig.Outputs['train'].S3Output"}, "whole structure"),
        ("2.PropertyFiles.0.OutputName", "report", "which is no output"),
        ("2.PropertyFiles.0.PropertyFileName", "Report", "no such property file"),
        ("5.Arguments.ElseSteps.0.Type", "Condition", "the use of nested condition steps"),
        ("5.Arguments.Conditions.0.Type", "AtLeast", "unknown condition type AtLeast"),
        (f"{REGISTER}.ModelApprovalStatus", "Pending", "enum value set: [Approved"),
        (f"{REGISTER}.ModelMetrics.Bias", {"Report": {"S3Uri": "s3://b/analysis.json"}},
         "contentType' failed to satisfy"),
        (f"{REGISTER}.ModelMetrics.Explainability", {"Reports": {}},
         "Unknown Argument member 'Reports'"),
        (f"{REGISTER}.ModelMetrics.ModelQuality.Statistics.S3Uri",
         {"Std:Join": {"Values": ["a"]}}, "Std:Join that takes On and Values"),
        ("5.Arguments.ElseSteps.0.Arguments.ErrorMessage", {"Get": "Execution.Id"}, "no such execution"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_definition_is_found(definition: Json, path: str, value: Any, problem: str) -> None:
    broken = copy.deepcopy(definition)
    *parents, last = path.split(".")
    place: Any = [step for step in broken["Steps"] if step["Name"] in KNOWN_STEPS]
    for key in parents:
        place = place[int(key) if key.isdigit() else key]
    if value is None:
        del place[last]
    else:
        place[int(last) if last.isdigit() else last] = value
    assert problem in refusal(broken)


@pytest.mark.parametrize(
    ("name", "default", "problem"),
    [
        ("TrainingInstanceType", "ml.m5.tiny", "must satisfy enum value set"),
        ("MetricThreshold", "0.7", "which is no Float"),
    ],
)
def test_a_mistake_in_a_default_is_found(definition: Json, name: str, default: Any, problem: str) -> None:
    broken = copy.deepcopy(definition)
    (parameter,) = (item for item in broken["Parameters"] if item["Name"] == name)
    parameter["DefaultValue"] = default
    assert problem in refusal(broken)
