"""Pipelines run their steps as real jobs."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import IMAGE, Place, channel, s3_output
from tests.tools.local_aws.sagemaker.pipelines.helpers import TRAIN, create, execute, job_arguments

EVALUATE = """
import json, os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
(base / "processing/output/report/report.json").write_text(json.dumps({"rmse": [{"value": 2.5}]}))
"""


def steps(place: Place) -> list[dict[str, Any]]:
    evaluate = job_arguments(place.processing_request(EVALUATE))
    uri = {
        "Std:Join": {
            "On": "/",
            "Values": [f"s3://{place.bucket}/runs", {"Get": "Execution.PipelineExecutionId"}],
        }
    }
    evaluate["ProcessingOutputConfig"] = {
        "Outputs": [s3_output("report", "", "/opt/ml/processing/output/report")]
    }
    evaluate["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"] = uri
    train = job_arguments(place.training_request(TRAIN))
    train["HyperParameters"] = {"rounds": {"Get": "Parameters.Rounds"}}
    metric = {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Report"},
            "Path": "rmse[0].value",
        }
    }
    condition = {
        "Conditions": [
            {"Type": "LessThanOrEqualTo", "LeftValue": metric, "RightValue": {"Get": "Parameters.Most"}}
        ],
        "IfSteps": [register(place)],
        "ElseSteps": [
            {
                "Name": "NotMet",
                "Type": "Fail",
                "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["rmse is", metric]}}},
            }
        ],
    }
    report = {"PropertyFileName": "Report", "OutputName": "report", "FilePath": "report.json"}
    return [
        {"Name": "Check", "Type": "Condition", "Arguments": condition},
        {"Name": "Train", "Type": "Training", "Arguments": train},
        {"Name": "Evaluate", "Type": "Processing", "Arguments": evaluate, "DependsOn": ["Train"]}
        | {"PropertyFiles": [report]},
    ]


def register(place: Place) -> dict[str, Any]:
    container = {"Image": IMAGE, "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}}
    inference = {
        "Containers": [container],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }
    arguments = {"ModelPackageGroupName": group(place), "InferenceSpecification": inference}
    return {"Name": "Register", "Type": "RegisterModel", "Arguments": arguments}


def group(place: Place) -> str:
    return f"group-{place.bucket}"


@pytest.fixture
def pipeline(place: Place) -> str:
    name = unique("pipeline")
    if not place.sagemaker.list_model_package_groups(NameContains=group(place))[
        "ModelPackageGroupSummaryList"
    ]:
        place.sagemaker.create_model_package_group(ModelPackageGroupName=group(place))
    definition = {
        "Version": "2020-12-01",
        "Parameters": [
            {"Name": "Most", "Type": "Float", "DefaultValue": 3.0},
            {"Name": "Rounds", "Type": "String", "DefaultValue": "5"},
        ],
        "Steps": steps(place),
    }
    create(place, name, definition)
    return name


def test_a_pipeline_trains_evaluates_and_registers(place: Place, pipeline: str) -> None:
    execution, ran = execute(place, pipeline)
    assert execution["PipelineExecutionStatus"] == "Succeeded", execution
    assert set(ran) == {"Train", "Evaluate", "Check", "Register"}
    assert ran["Check"]["Metadata"]["Condition"]["Outcome"] == "True"
    job = ran["Train"]["Metadata"]["TrainingJob"]["Arn"].split("/")[-1]
    execution_id = execution["PipelineExecutionArn"].split("/")[-1]
    assert job.startswith(f"pipelines-{execution_id}-Train-")
    package = place.sagemaker.describe_model_package(
        ModelPackageName=ran["Register"]["Metadata"]["RegisterModel"]["Arn"]
    )
    (container,) = package["InferenceSpecification"]["Containers"]
    assert container["ModelDataUrl"] == f"s3://{place.bucket}/training/{job}/output/model.tar.gz"
    assert package["ModelApprovalStatus"] == "PendingManualApproval"


def test_a_metric_that_is_not_met_fails_with_the_message(place: Place, pipeline: str) -> None:
    execution, ran = execute(place, pipeline, Most="1.0")
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert execution["FailureReason"] == "Step failure: NotMet: rmse is 2.5"
    assert ran["NotMet"]["FailureReason"] == "rmse is 2.5"
    assert ran["NotMet"]["Metadata"]["Fail"]["ErrorMessage"] == "rmse is 2.5"
    assert "Register" not in ran


def test_an_unknown_parameter_is_refused(place: Place, pipeline: str) -> None:
    with pytest.raises(ClientError, match="Unknown pipeline parameters: Least"):
        execute(place, pipeline, Least="1")


def test_a_broken_definition_is_refused_at_creation_and_update(place: Place, pipeline: str) -> None:
    broken = json.dumps({"Version": "2020-12-01", "Steps": [{"Name": "T", "Type": "Transform"}]})
    with pytest.raises(ClientError, match="Step T has the type Transform"):
        create(place, unique("pipeline"), json.loads(broken))
    with pytest.raises(ClientError, match="Step T has the type Transform"):
        place.sagemaker.update_pipeline(PipelineName=pipeline, PipelineDefinition=broken)


def test_what_the_pipeline_role_asked_for_wrongly_is_told(place: Place) -> None:
    name = unique("pipeline")
    arguments = job_arguments(place.training_request("")) | {
        "StoppingCondition": {"MaxRuntimeInSeconds": {"Get": "Parameters.Limit"}}
    }
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Limit", "Type": "String"}],
        "Steps": [{"Name": "T", "Type": "Training", "Arguments": arguments}],
    }
    create(place, name, definition)
    execution, _ = execute(place, name, Limit="soon")
    assert (
        "Step failure: T: ClientError: Invalid request to sagemaker:CreateTrainingJob"
        in execution["FailureReason"]
    )


def test_channels_of_a_step_may_come_from_another_step(place: Place) -> None:
    name = unique("pipeline")
    first = {"Name": "First", "Type": "Training", "Arguments": job_arguments(place.training_request(TRAIN))}
    second = job_arguments(place.training_request(""))
    second["InputDataConfig"].append(channel("model", "s3://x"))
    second["InputDataConfig"][-1]["DataSource"]["S3DataSource"]["S3Uri"] = {
        "Get": "Steps.First.ModelArtifacts.S3ModelArtifacts"
    }
    steps = [{"Name": "Second", "Type": "Training", "Arguments": second}, first]
    create(place, name, {"Version": "2020-12-01", "Steps": steps})
    execution, _ = execute(place, name)
    assert execution["PipelineExecutionStatus"] == "Succeeded", execution
