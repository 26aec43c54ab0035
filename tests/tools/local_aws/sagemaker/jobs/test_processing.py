"""Processing jobs really run."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.sagemaker.helpers import Place, s3_input, s3_output, settled

COPY = """
import os, sys, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
text = (base / "processing/input/data/a.csv").read_text()
assert sys.argv[1] == str(base / "processing/output/copy"), sys.argv
pathlib.Path(sys.argv[1], "b.csv").write_text(text.upper() + os.environ["WHERE"])
(base / "output/message").write_text("copied")
print("one line", os.environ["AWS_REGION"])
"""


@pytest.fixture
def copy_request(place: Place) -> dict[str, Any]:
    place.put("in/a.csv", "x,y")
    request = place.processing_request(COPY)
    request["ProcessingInputs"].append(
        s3_input("data", f"s3://{place.bucket}/in", "/opt/ml/processing/input/data")
    )
    output = s3_output("copy", f"s3://{place.bucket}/out", "/opt/ml/processing/output/copy")
    request["ProcessingOutputConfig"] = {"Outputs": [output]}
    request["AppSpecification"]["ContainerArguments"] = ["/opt/ml/processing/output/copy"]
    request["Environment"] = {"WHERE": "/opt/ml/processing"}
    return request


def test_a_job_reads_its_inputs_and_writes_its_outputs(place: Place, copy_request: dict[str, Any]) -> None:
    job = place.run_processing(copy_request)
    assert job["ProcessingJobStatus"] == "Completed", job
    assert job["ExitMessage"] == "copied"
    assert job["ProcessingEndTime"] >= job["ProcessingStartTime"]
    assert place.read("out/b.csv").startswith("X,Y/")


def test_the_output_of_a_job_is_in_its_logs(place: Place, copy_request: dict[str, Any]) -> None:
    name = place.run_processing(copy_request)["ProcessingJobName"]
    logs = place.aws.client("logs")
    group = "/aws/sagemaker/ProcessingJobs"
    (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
    assert [event["message"] for event in events] == ["one line us-east-1"]


def test_a_program_that_fails_gives_the_failure_reason(place: Place) -> None:
    script = """
import os, sys, pathlib
pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "output/message").write_text("column Z is missing")
sys.exit(3)
"""
    job = place.run_processing(place.processing_request(script))
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: column Z is missing, exit code: 3"


def test_a_failing_program_without_a_message_shows_its_last_line(place: Place) -> None:
    job = place.run_processing(place.processing_request("raise ValueError('bad row')"))
    assert job["FailureReason"] == "AlgorithmError: ValueError: bad row, exit code: 1"


def test_a_job_is_ended_when_it_runs_too_long(place: Place) -> None:
    request = place.processing_request("import time; time.sleep(60)")
    job = place.run_processing(request | {"StoppingCondition": {"MaxRuntimeInSeconds": 1}})
    assert job["ProcessingJobStatus"] == "Stopped"
    assert "longer than 1 seconds" in job["FailureReason"]


def test_a_killed_process_is_named_as_such(place: Place) -> None:
    job = place.run_processing(place.processing_request("import os; os.kill(os.getpid(), 9)"))
    assert job["FailureReason"] == (
        "AlgorithmError: the process was killed from outside by signal 9, exit code: 137"
    )


def test_a_job_can_be_stopped(place: Place) -> None:
    request = place.processing_request("import time; time.sleep(60)")
    place.sagemaker.create_processing_job(**request)
    name = request["ProcessingJobName"]
    place.sagemaker.stop_processing_job(ProcessingJobName=name)
    job = settled(
        lambda: place.sagemaker.describe_processing_job(ProcessingJobName=name), "ProcessingJobStatus"
    )
    assert job["ProcessingJobStatus"] == "Stopped"


def test_an_unknown_image_fails_and_is_named(place: Place) -> None:
    request = place.processing_request("")
    request["AppSpecification"]["ImageUri"] = "1.dkr.ecr.us-east-1.amazonaws.com/own-image:1"
    job = place.run_processing(request)
    assert "own-image:1" in job["FailureReason"]


def test_a_missing_input_fails_and_is_named(place: Place) -> None:
    request = place.processing_request("")
    request["ProcessingInputs"].append(
        s3_input("data", f"s3://{place.bucket}/nowhere", "/opt/ml/processing/input/data")
    )
    assert f"s3://{place.bucket}/nowhere" in place.run_processing(request)["FailureReason"]


def test_a_taken_name_is_refused(place: Place) -> None:
    request = place.processing_request("")
    place.run_processing(request)
    with pytest.raises(ClientError, match=r"ResourceInUse.*must be unique"):
        place.sagemaker.create_processing_job(**request)


def test_a_role_that_does_not_exist_is_refused(place: Place) -> None:
    role = "arn:aws:iam::111111111111:role/nobody"
    with pytest.raises(ClientError, match=f"Could not assume role {role}"):
        place.sagemaker.create_processing_job(**place.processing_request("", RoleArn=role))


def test_a_value_that_the_service_does_not_accept_is_refused(place: Place) -> None:
    request = place.processing_request("", ProcessingJobName="not_a_name")
    with pytest.raises(ClientError, match="'processingJobName' failed to satisfy constraint"):
        place.sagemaker.create_processing_job(**request)


def test_an_operation_that_is_missing_is_refused_by_name(place: Place) -> None:
    with pytest.raises(ClientError, match="does not have sagemaker:ListCompilationJobs"):
        place.sagemaker.list_compilation_jobs()
