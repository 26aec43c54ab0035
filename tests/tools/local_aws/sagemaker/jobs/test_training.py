"""Training jobs really run."""

import io
import json
import tarfile

import pytest
from botocore.exceptions import ClientError

from tests.tools.local_aws.sagemaker.helpers import Place, channel

FIT = """
import json, os, pathlib
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
rounds = json.loads((base / "input/config/hyperparameters.json").read_text())["rounds"]
channels = json.loads((base / "input/config/inputdataconfig.json").read_text())
hosts = json.loads((base / "input/config/resourceconfig.json").read_text())["hosts"]
rows = (base / "input/data/train/train.csv").read_text()
(base / "model/model.json").write_text(json.dumps([rounds, rows, sorted(channels), hosts]))
for number, loss in enumerate((3.5, 2.25)):
    print(f"[{number}]\\ttrain-rmse:{loss}\\tvalidation-rmse:{loss * 2}")
"""


def test_a_job_leaves_a_model_archive_and_metrics(place: Place) -> None:
    train = place.put("train/train.csv", "1,2")
    request = place.training_request(FIT, HyperParameters={"rounds": "7"})
    request["InputDataConfig"].append(channel("train", train))
    job = place.run_training(request)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed"), job
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics == {"train:rmse": 2.25, "validation:rmse": 4.5}
    key = f"training/{job['TrainingJobName']}/output/model.tar.gz"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{place.bucket}/{key}"
    body = place.s3.get_object(Bucket=place.bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        member = archive.extractfile("model.json")
        assert member is not None
        assert json.loads(member.read()) == ["7", "1,2", ["code", "train"], ["localhost"]]


def test_the_metrics_of_an_algorithm_of_aws_cannot_be_defined_anew(place: Place) -> None:
    request = place.training_request(FIT)
    request["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    with pytest.raises(ClientError, match="can't override the metric definitions") as caught:
        place.sagemaker.create_training_job(**request)
    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "You can't override the metric definitions for Amazon SageMaker algorithms. "
        "Please retry the request without specifying metric definitions.",
    }


def test_a_job_shows_the_metrics_that_its_algorithm_defines(place: Place) -> None:
    job = place.run_training(place.training_request(""))
    shown = job["AlgorithmSpecification"]["MetricDefinitions"]
    assert {"validation:rmse", "validation:auc", "train:logloss"} < {item["Name"] for item in shown}
    assert all("#011" in item["Regex"] for item in shown)


def test_the_written_reason_of_a_failure_is_told(place: Place) -> None:
    script = """
import os, sys, pathlib
pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"], "output/failure").write_text("no rows left")
sys.exit(1)
"""
    job = place.run_training(place.training_request(script))
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == "AlgorithmError: no rows left, exit code: 1"


def test_a_job_that_runs_too_long_is_stopped(place: Place) -> None:
    request = place.training_request("import time; time.sleep(60)")
    job = place.run_training(request | {"StoppingCondition": {"MaxRuntimeInSeconds": 1}})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_jobs_are_listed_newest_first(place: Place) -> None:
    names = [place.run_training(place.training_request(""))["TrainingJobName"] for _ in range(2)]
    listed = place.sagemaker.list_training_jobs(NameContains="train", MaxResults=2, StatusEquals="Completed")
    assert [job["TrainingJobName"] for job in listed["TrainingJobSummaries"]] == names[::-1]
