"""A job stays in its folder, whatever its request, its input or its program says."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import Place, s3_input, s3_output

ENVIRONMENT = {
    *("PATH", "LANG", "LC_CTYPE", "HOME", "PYTHONUNBUFFERED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("SAGEMAKER_BASE_DIR", "PROCESSING_JOB_NAME"),
}
PATHS = [
    "/etc/harm",
    "/opt/ml/processing/../../../etc/harm",
    "/opt/ml/harm",
    "relative",
    "/opt/ml/processinges",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_local_path_must_be_below_the_one_of_processing(place: Place, path: str) -> None:
    uri = place.put(f"{unique('input')}/data", "1")
    for changes in (
        {"ProcessingInputs": [s3_input("data", uri, path)]},
        {"ProcessingOutputConfig": {"Outputs": [s3_output("data", f"s3://{place.bucket}/out", path)]}},
    ):
        request = place.processing_request("", **changes)
        with pytest.raises(ClientError, match="must begin with `/opt/ml/processing/`"):
            place.sagemaker.create_processing_job(**request)


def test_a_key_that_leads_out_of_the_folder_is_not_downloaded(place: Place) -> None:
    prefix, harm = unique("input"), f"harm-{unique('key')}"
    place.put(f"{prefix}/../../../../../../../tmp/{harm}", "1")
    request = place.processing_request("")
    uri = f"s3://{place.bucket}/{prefix}"
    request["ProcessingInputs"].append(s3_input("data", uri, "/opt/ml/processing/input/data"))
    job = place.run_processing(request)
    assert job["ProcessingJobStatus"] == "Failed"
    assert "leads out of its folder" in job["FailureReason"]
    assert not Path("/tmp", harm).exists()


def test_a_program_may_write_to_the_path_as_it_stands_in_its_text(place: Place) -> None:
    """Only the words of the request are known to be paths; a container takes those of a program too."""
    script = """
import pathlib
place = pathlib.Path("/opt/ml/processing/output")
(place / "found.txt").write_text(pathlib.Path("/opt/ml/processing/input/code/main.py").name)
"""
    outputs = [s3_output("all", f"s3://{place.bucket}/literal", "/opt/ml/processing/output")]
    request = place.processing_request(script, ProcessingOutputConfig={"Outputs": outputs})
    assert place.run_processing(request)["ProcessingJobStatus"] == "Completed"
    assert place.read("literal/found.txt") == "main.py"


def test_a_training_program_may_write_to_the_path_as_it_stands_in_its_text(place: Place) -> None:
    request = place.training_request("open('/opt/ml/model/weights', 'w').write('1')")
    assert place.run_training(request)["TrainingJobStatus"] == "Completed"


def test_a_program_gets_the_environment_of_a_container(place: Place) -> None:
    key = unique("environment")
    script = f"""
import boto3, json, os
boto3.client("s3").put_object(Bucket="{place.bucket}", Key="{key}", Body=json.dumps(sorted(os.environ)))
"""
    assert place.run_processing(place.processing_request(script))["ProcessingJobStatus"] == "Completed"
    others = [name for name in json.loads(place.read(key)) if not name.startswith("AWS_")]
    assert set(others) <= ENVIRONMENT


def test_a_program_that_talks_without_end_fills_no_memory(place: Place) -> None:
    script = "for _ in range(60_000): print('x' * 1000)\nprint('y' * 20_000_000); raise SystemExit('the end')"
    request = place.processing_request(script)
    job = place.run_processing(request)
    assert job["FailureReason"] == "AlgorithmError: the end, exit code: 1"
    logs = place.aws.client("logs")
    group, name = "/aws/sagemaker/ProcessingJobs", request["ProcessingJobName"]
    stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name)["logStreams"][0]
    events = logs.get_log_events(
        logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=False, limit=1
    )["events"]
    assert "the rest is left out" in events[-1]["message"]
