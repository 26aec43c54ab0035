"""A job stays in its folder, whatever its request, its input or its program says."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.helpers import Place, s3_input, s3_output

ENVIRONMENT = {
    *("PATH", "LANG", "LC_CTYPE", "HOME", "PYTHONUNBUFFERED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("SAGEMAKER_BASE_DIR", "PROCESSING_JOB_NAME", "TMPDIR"),
    # Where MLflow's plugin asks; on AWS it knows by itself.
    "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT",
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
    names = json.loads(place.read(key))
    assert {name for name in names if not name.startswith("AWS_")} <= ENVIRONMENT
    # https://github.com/aws/sagemaker-containers/issues/144
    assert "AWS_DEFAULT_REGION" not in names


LINKS = """
import os
out = "/opt/ml/processing/output"
{made}
"""


@pytest.mark.parametrize(
    "made",
    [
        "os.symlink('/etc/passwd', out + '/link')",
        "os.rmdir(out); os.symlink('/etc', out)",
    ],
)
def test_a_link_out_of_the_folder_is_not_followed_by_who_has_more_rights(place: Place, made: str) -> None:
    prefix = unique("links")
    outputs = [s3_output("all", f"s3://{place.bucket}/{prefix}", "/opt/ml/processing/output")]
    script = LINKS.format(made=made)
    place.run_processing(place.processing_request(script, ProcessingOutputConfig={"Outputs": outputs}))
    assert place.s3.list_objects_v2(Bucket=place.bucket, Prefix=prefix)["KeyCount"] == 0


def test_a_reason_is_not_read_through_a_link(place: Place) -> None:
    script = "import os; os.symlink('/proc/self/environ', '/opt/ml/output/message'); exit('why')"
    job = place.run_processing(place.processing_request(script))
    assert job["FailureReason"] == "AlgorithmError: why, exit code: 1"


def test_a_model_is_not_written_through_a_link(place: Place, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    script = f"import os; os.symlink({str(tmp_path / 'precious')!r}, '/opt/ml/model.tar.gz')"
    assert place.run_training(place.training_request(script))["TrainingJobStatus"] == "Completed"
    assert (tmp_path / "precious").read_text() == "mine"


def test_what_a_job_leaves_at_home_goes_with_it(place: Place) -> None:
    script = "import os, tempfile; print(os.path.expanduser('~'), tempfile.gettempdir()); raise SystemExit(3)"
    job = place.run_processing(place.processing_request(script))
    home, temporary = job["FailureReason"].removeprefix("AlgorithmError: ").split(",")[0].split()
    assert (Path(home).exists(), Path(temporary).exists()) == (False, False)


def test_a_file_whose_name_is_no_text_fails_the_job(place: Place) -> None:
    outputs = [s3_output("all", f"s3://{place.bucket}/names", "/opt/ml/processing/output")]
    script = "open(b'/opt/ml/processing/output/caf\\xe9', 'w')"
    request = place.processing_request(script, ProcessingOutputConfig={"Outputs": outputs})
    assert place.run_processing(request)["FailureReason"].startswith("ClientError: Failed to upload data")


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
