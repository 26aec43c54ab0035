"""Transform jobs: rows of files through a model server, answers to files, and no row lost in silence."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.aws import unique
from tests.tools.local_aws.sagemaker.endpoints.helpers import archive, model
from tests.tools.local_aws.sagemaker.helpers import Place, settled

JOINED = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
Start = Callable[..., Any]


@pytest.fixture(scope="module")
def model_name(place: Place) -> str:
    return model(place)


@pytest.fixture
def start(place: Place, model_name: str) -> Start:
    """Starts a job with these files, and returns its description when it has ended."""

    def started(
        files: dict[str, str], served: str = model_name, then: Start | None = None, **changes: Any
    ) -> Any:
        name = unique("transform")
        for path, text in files.items():
            place.put(f"{name}/rows/{path}", text)
        rows = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{place.bucket}/{name}/rows/"}
        answers = {"S3OutputPath": f"s3://{place.bucket}/{name}/answers", "Accept": "text/csv"}
        request = {
            "TransformJobName": name,
            "ModelName": served,
            "TransformInput": {
                "DataSource": {"S3DataSource": rows},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            "TransformOutput": answers | {"AssembleWith": "Line"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }
        place.sagemaker.create_transform_job(**request | changes)
        if then:
            then(TransformJobName=name)
        return settled(
            lambda: place.sagemaker.describe_transform_job(TransformJobName=name), "TransformJobStatus"
        )

    return started


def answers_of(place: Place, job: Any) -> dict[str, str]:
    prefix = f"{job['TransformJobName']}/answers/"
    listed = place.s3.list_objects_v2(Bucket=place.bucket, Prefix=prefix).get("Contents", [])
    return {item["Key"].removeprefix(prefix): place.read(item["Key"]) for item in listed}


def data_log(place: Place, job: Any) -> str:
    logs, group = place.aws.client("logs"), "/aws/sagemaker/TransformJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=job["TransformJobName"])
    (name,) = (
        each["logStreamName"] for each in streams["logStreams"] if each["logStreamName"].endswith("/data-log")
    )
    events = logs.get_log_events(logGroupName=group, logStreamName=name)["events"]
    return "\n".join(event["message"] for event in events)


def test_answers_stand_behind_their_rows_in_files_of_the_same_names(place: Place, start: Start) -> None:
    files = {"a.csv": "ada,1\nbob,2\n", "more/b.csv": "cid,3"}
    job = start(files, DataProcessing=JOINED, MaxConcurrentTransforms=2, BatchStrategy="SingleRecord")
    assert job["TransformJobStatus"] == "Completed", job
    assert answers_of(place, job) == {"a.csv.out": "ada,2.0\nbob,4.0\n", "more/b.csv.out": "cid,6.0\n"}
    listed = place.sagemaker.list_transform_jobs(NameContains=job["TransformJobName"])
    assert [each["TransformJobStatus"] for each in listed["TransformJobSummaries"]] == ["Completed"]


def test_one_row_that_cannot_be_predicted_leaves_its_file_without_answers_and_fails_the_job(
    place: Place, start: Start
) -> None:
    """The other files have theirs, and the log says which file and why."""
    job = start({"bad.csv": "1\nname\n3", "good.csv": "1"})
    assert job["TransformJobStatus"] == "Failed", job
    assert job["FailureReason"] == "ClientError: See job logs for more information"
    assert answers_of(place, job) == {"good.csv.out": "2.0\n"}
    assert f"{job['TransformJobName']}/rows/bad.csv: ClientError: 400" in data_log(place, job)
    assert "could not convert string to float: 'name'" in data_log(place, job)


@pytest.mark.parametrize(
    ("files", "changes", "why"),
    [
        ({"a.csv": "break"}, {"ModelClientConfig": {"InvocationsMaxRetries": 0}}, "from algorithm: 500"),
        ({"a.csv": f"{'1' * 2**20}"}, {"MaxPayloadInMB": 1}, "too much data for max payload size"),
        ({"a.csv": '"1'}, {"DataProcessing": JOINED}, "Failed to parse input as CSV"),
        ({"a.csv": "1"}, {"DataProcessing": {"OutputFilter": "$[3]"}}, "not within a row of 1 columns"),
        ({"a.csv": "1 2\n3"}, {"DataProcessing": {"JoinSource": "Input"}}, "3 answers to 2 records"),
        ({"a.csv": "1\n\n2\n"}, {}, "line 2 is empty"),
    ],
    ids=["server-error", "too-large", "no-csv", "no-such-column", "other-number-of-answers", "empty-line"],
)
def test_what_is_wrong_with_a_file_is_told(
    place: Place, start: Start, files: dict[str, str], changes: dict[str, Any], why: str
) -> None:
    job = start(files, **changes)
    assert job["TransformJobStatus"] == "Failed", job
    assert answers_of(place, job) == {}
    assert why in data_log(place, job)


def test_a_prefix_without_files_fails_the_job(start: Start) -> None:
    job = start({})
    assert job["TransformJobStatus"] == "Failed", job
    assert "No S3 objects found" in job["FailureReason"]


def test_a_job_acts_as_its_model(place: Place, start: Start) -> None:
    """Who may read the model, and not the rows."""
    only_models = {"Effect": "Allow", "Action": ["s3:GetObject", "logs:*"], "Resource": "*"}
    role = place.role(unique("role"), {"Version": "2012-10-17", "Statement": [only_models]})
    job = start({"a.csv": "1"}, model(Place(place.aws, place.bucket, role)))
    assert job["TransformJobStatus"] == "Failed", job
    assert "s3:ListBucket" in job["FailureReason"], job


SLOW = """
import time
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    time.sleep(float(body))
    return body
"""


@pytest.fixture(scope="module")
def slow(place: Place) -> str:
    return model(place, archive(program=SLOW))


def test_an_answer_that_takes_too_long_is_none(place: Place, start: Start, slow: str) -> None:
    job = start(
        {"a.csv": "30"},
        slow,
        ModelClientConfig={"InvocationsTimeoutInSeconds": 1, "InvocationsMaxRetries": 0},
    )
    assert job["FailureReason"] == "AlgorithmError: See job logs for more information", job
    assert "Unable to get response from algorithm" in data_log(place, job)


def test_rows_of_json_are_neither_filtered_nor_joined_here(start: Start) -> None:
    rows = {"S3DataType": "S3Prefix", "S3Uri": "s3://rows/"}
    with pytest.raises(ClientError, match=r"ValidationException.*text/csv only, not application/jsonlines"):
        start(
            {},
            TransformInput={"DataSource": {"S3DataSource": rows}, "ContentType": "application/jsonlines"},
            DataProcessing={"JoinSource": "Input"},
        )


def test_a_job_that_is_stopped_writes_nothing(place: Place, start: Start, slow: str) -> None:
    stopping = place.sagemaker.stop_transform_job
    job = start({"a.csv": "0.3\n" * 50}, slow, stopping, BatchStrategy="SingleRecord")
    assert job["TransformJobStatus"] == "Stopped", job
    assert answers_of(place, job) == {}
    with pytest.raises(ClientError, match=r"ValidationException.*is in status Stopped"):
        stopping(TransformJobName=job["TransformJobName"])
