"""Executions can be stopped, retried and cached."""

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import eventually, unique
from tests.tools.local_aws.sagemaker.helpers import Place, settled
from tests.tools.local_aws.sagemaker.pipelines.helpers import TRAIN, create, execute, finished, job_arguments


def test_a_failed_execution_can_be_retried_without_running_everything_again(place: Place) -> None:
    name, switch = unique("pipeline"), unique("switch")
    script = f"""
import boto3
boto3.client("s3").get_object(Bucket="{place.bucket}", Key="{switch}")
"""
    first = {"Name": "First", "Type": "Processing", "Arguments": job_arguments(place.processing_request(""))}
    second = {
        "Name": "Second",
        "Type": "Processing",
        "Arguments": job_arguments(place.processing_request(script)),
    }
    create(place, name, {"Version": "2020-12-01", "Steps": [first, second | {"DependsOn": ["First"]}]})
    execution, before = execute(place, name)
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert "NoSuchKey" in before["Second"]["FailureReason"]
    place.put(switch, "on")
    arn = execution["PipelineExecutionArn"]
    place.sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
    execution, after = finished(place, arn)
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in execution
    assert after["First"]["StartTime"] == before["First"]["StartTime"]


def test_an_execution_can_be_stopped_and_its_pipeline_deleted_only_then(place: Place) -> None:
    name = unique("pipeline")
    script = place.processing_request("import time; time.sleep(60)")
    create(
        place,
        name,
        {
            "Version": "2020-12-01",
            "Steps": [{"Name": "S", "Type": "Processing", "Arguments": job_arguments(script)}],
        },
    )
    arn = place.sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    settled(lambda: _status_of_first_job(place, arn), "status")
    with pytest.raises(ClientError, match=rf"{arn} is Executing. Stop its executions first") as caught:
        place.sagemaker.delete_pipeline(PipelineName=name, ClientRequestToken="t" * 32)
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    place.sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="t" * 32)
    execution, ran = finished(place, arn)
    assert execution["PipelineExecutionStatus"] == "Stopped"
    assert ran["S"]["StepStatus"] == "Stopped"
    place.sagemaker.delete_pipeline(PipelineName=name, ClientRequestToken="t" * 32)


def _status_of_first_job(place: Place, arn: str) -> dict[str, str]:
    listed = place.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    return {"status": "Succeeded" if listed and listed[0]["Metadata"] else "Starting"}


def test_a_cached_step_is_not_run_again(place: Place) -> None:
    name = unique("pipeline")
    training = job_arguments(place.training_request(TRAIN))
    training["HyperParameters"] = {"rounds": {"Get": "Parameters.Rounds"}}
    step = {"Name": "Train", "Type": "Training", "Arguments": training}
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Rounds", "Type": "String", "DefaultValue": "5"}],
        "Steps": [step | {"CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"}}],
    }
    create(place, name, definition)
    first, ran = execute(place, name)
    _, again = execute(place, name)
    _, other = execute(place, name, Rounds="6")
    assert again["Train"]["CacheHitResult"]["SourcePipelineExecutionArn"] == first["PipelineExecutionArn"]
    assert again["Train"]["Metadata"] == ran["Train"]["Metadata"]
    assert "CacheHitResult" not in other["Train"]


def test_executions_are_counted_by_pipeline(place: Place) -> None:
    name = unique("pipeline")
    conditions = [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}]
    fails = {"Name": "Otherwise", "Type": "Fail", "Arguments": {"ErrorMessage": "It is not"}}
    arguments = {"Conditions": conditions, "IfSteps": [], "ElseSteps": [fails]}
    step = {"Name": "Check", "Type": "Condition", "Arguments": arguments}
    create(place, name, {"Version": "2020-12-01", "Steps": [step]})
    execute(place, name)

    def counted() -> set[str] | None:
        metrics = place.aws.client("cloudwatch").list_metrics(
            Namespace="AWS/Sagemaker/ModelBuildingPipeline",
            Dimensions=[{"Name": "PipelineName", "Value": name}],
        )["Metrics"]
        names = {metric["MetricName"] for metric in metrics}
        return names if "ExecutionDuration" in names else None

    assert eventually(counted) == {"ExecutionStarted", "ExecutionSucceeded", "ExecutionDuration"}
