"""Monitoring schedules run the analyzer on what endpoints captured."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import capture_config, config, endpoint, invoke, model
from tests.tools.local_aws.sagemaker.helpers import Place, s3_input, s3_output, settled

ANALYZER = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
CLUSTER = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}}
_numbers = random.Random(7)


def gauss(count: int, mean: float) -> list[float]:
    return [round(_numbers.gauss(mean, 1.0), 3) for _ in range(count)]


@pytest.fixture(scope="module")
def baseline(place: Place) -> str:
    """The prefix of a baseline whose target is twice the only feature."""
    data = "\n".join(f"{2 * x},{x}" for x in gauss(300, 10))
    source = place.put("baseline/data/baseline.csv", f"y,x\n{data}\n")
    request = place.processing_request("", AppSpecification={"ImageUri": ANALYZER})
    request["ProcessingInputs"] = [s3_input("baseline", source, "/opt/ml/processing/input/baseline")]
    request["ProcessingOutputConfig"] = {
        "Outputs": [
            s3_output("quality", f"s3://{place.bucket}/baseline/out", "/opt/ml/processing/output/quality")
        ]
    }
    request["Environment"] = {
        "dataset_format": json.dumps({"csv": {"header": True}}),
        "dataset_source": "/opt/ml/processing/input/baseline",
        "output_path": "/opt/ml/processing/output/quality",
        "publish_cloudwatch_metrics": "Disabled",
    }
    job = place.run_processing(request)
    assert job["ProcessingJobStatus"] == "Completed", job
    return f"s3://{place.bucket}/baseline/out"


@pytest.fixture(scope="module")
def watched(place: Place) -> Iterator[str]:
    capture = capture_config(place, "capture")
    name = endpoint(place, config(place, model(place), DataCaptureConfig=capture))["EndpointName"]
    yield name
    place.sagemaker.delete_endpoint(EndpointName=name)


@pytest.fixture
def schedule(place: Place, watched: str, baseline: str) -> Iterator[str]:
    output = {"LocalPath": "/opt/ml/processing/resultdata", "S3Uri": f"s3://{place.bucket}/reports"}
    definition = unique("definition")
    place.sagemaker.create_data_quality_job_definition(
        JobDefinitionName=definition,
        DataQualityBaselineConfig={
            "ConstraintsResource": {"S3Uri": f"{baseline}/constraints.json"},
            "StatisticsResource": {"S3Uri": f"{baseline}/statistics.json"},
        },
        DataQualityAppSpecification={"ImageUri": ANALYZER},
        DataQualityJobInput={
            "EndpointInput": {"EndpointName": watched, "LocalPath": "/opt/ml/processing/input/endpoint"}
        },
        DataQualityJobOutputConfig={"MonitoringOutputs": [{"S3Output": output}]},
        JobResources=CLUSTER,
        RoleArn=place.role_arn,
    )
    name = unique("schedule")
    place.sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=name,
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": definition,
            "MonitoringType": "DataQuality",
        },
    )
    strike(place)  # what other tests captured is behind it
    execution(place, name)
    yield name
    place.sagemaker.delete_monitoring_schedule(MonitoringScheduleName=name)


def strike(place: Place) -> list[str]:
    return list(place.aws.control("strike-hour")["started"])


def execution(place: Place, name: str) -> Any:
    """The newest execution of a schedule, once it has ended."""
    list_them = partial(
        place.sagemaker.list_monitoring_executions,
        MonitoringScheduleName=name,
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    return settled(lambda: list_them()["MonitoringExecutionSummaries"][0], "MonitoringExecutionStatus")


def ask(place: Place, name: str, numbers: list[float]) -> None:
    for start in range(0, len(numbers), 50):
        invoke(place, name, "\n".join(map(str, numbers[start : start + 50])))


def report(place: Place, ran: Any) -> Any:
    prefix = (
        f"reports/{ran['EndpointName']}/{ran['MonitoringScheduleName']}/{ran['ScheduledTime']:%Y/%m/%d/%H}"
    )
    return json.loads(place.read(f"{prefix}/constraint_violations.json"))["violations"]


def test_requests_like_the_baseline_complete_without_violations(
    place: Place, watched: str, schedule: str
) -> None:
    ask(place, watched, gauss(200, 10))
    assert schedule in strike(place)
    ran = execution(place, schedule)
    assert ran["MonitoringExecutionStatus"] == "Completed", ran
    assert report(place, ran) == []


def test_a_drift_is_told_by_execution_job_report_and_metric(
    place: Place, watched: str, schedule: str
) -> None:
    ask(place, watched, gauss(200, 12))
    strike(place)
    ran = execution(place, schedule)
    assert ran["MonitoringExecutionStatus"] == "CompletedWithViolations", ran
    job = place.sagemaker.describe_processing_job(ProcessingJobName=ran["ProcessingJobArn"].split("/")[-1])
    assert job["ExitMessage"] == "CompletedWithViolations: Job completed successfully with 2 violations."
    assert job["MonitoringScheduleArn"].endswith(schedule)
    assert job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3UploadMode"] == "EndOfJob"
    found = {(item["feature_name"], item["constraint_check_type"]) for item in report(place, ran)}
    assert found == {("y", "baseline_drift_check"), ("x", "baseline_drift_check")}
    described = place.sagemaker.describe_monitoring_schedule(MonitoringScheduleName=schedule)
    assert described["LastMonitoringExecutionSummary"] == ran
    assert drift_metric(place, watched, schedule) > 0.1


def drift_metric(place: Place, endpoint_name: str, schedule: str) -> float:
    now = datetime.now(UTC)
    points = place.aws.client("cloudwatch").get_metric_statistics(
        Namespace="aws/sagemaker/Endpoints/data-metrics",
        MetricName="feature_baseline_drift_x",
        Dimensions=[
            {"Name": "Endpoint", "Value": endpoint_name},
            {"Name": "MonitoringSchedule", "Value": schedule},
        ],
        StartTime=now - timedelta(hours=2),
        EndTime=now + timedelta(hours=4),
        Period=3600,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max(float(point["Maximum"]) for point in points)


def test_an_hour_without_requests_fails_as_one_without_data(place: Place, schedule: str) -> None:
    strike(place)
    ran = execution(place, schedule)
    assert (ran["MonitoringExecutionStatus"], ran["FailureReason"]) == ("Failed", "Job inputs had no data")


def test_a_stopped_schedule_does_not_run(place: Place, schedule: str) -> None:
    place.sagemaker.stop_monitoring_schedule(MonitoringScheduleName=schedule)
    assert schedule not in strike(place)
    place.sagemaker.start_monitoring_schedule(MonitoringScheduleName=schedule)
    assert schedule in strike(place)
    execution(place, schedule)


def test_a_schedule_of_no_definition_is_refused(place: Place) -> None:
    with pytest.raises(ClientError, match="Could not find job definition"):
        place.sagemaker.create_monitoring_schedule(
            MonitoringScheduleName=unique("schedule"),
            MonitoringScheduleConfig={
                "MonitoringJobDefinitionName": "none",
                "MonitoringType": "DataQuality",
            },
        )
