from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlflow_api
import pytest
import track
from botocore.credentials import Credentials
from tabular import DataError

APP = "arn:aws:sagemaker:us-east-1:111111111111:mlflow-app/app-1"
SERVER = "arn:aws:sagemaker:us-east-1:111111111111:mlflow-tracking-server/runs"
PIPELINE = "arn:aws:sagemaker:us-east-1:111111111111:pipeline/dev-houses"
EXECUTION = f"{PIPELINE}/execution/abc"
JOBS = "arn:aws:sagemaker:us-east-1:111111111111"
BEGAN, ENDED = datetime(2026, 11, 22, 6, tzinfo=UTC), datetime(2026, 11, 22, 7, tzinfo=UTC)
REPORTS = "s3://artifacts/executions/houses/abc/evaluation"
EVALUATION = {
    "regression_metrics": {"rmse": {"value": 2.5, "standard_deviation": 0.5}, "r2": {"value": float("nan")}},
    "dataset": {"item_count": 3},
}
PLUGIN = """
import json, sys
from sagemaker_mlflow.auth_provider import AuthProvider
from sagemaker_mlflow.mlflow_sagemaker_request_header_provider import MlflowSageMakerRequestHeaderProvider
found = []
for arn in sys.argv[1:]:
    headers, auth = MlflowSageMakerRequestHeaderProvider(), AuthProvider()
    headers.host_metadata_provider.set_arn(arn)
    auth.host_metadata_provider.set_arn(arn)
    url = auth.host_metadata_provider.construct_tracking_server_url()
    found.append([url, headers._get_arn_header(), auth._get_auth_service_name()])
print(json.dumps(found))
"""


class Answered:
    def __init__(self, status: int, content: dict[str, Any]) -> None:
        self.status_code, self.content = status, json.dumps(content).encode()


class Server:
    """MLflow, as far as it is asked; it remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[Any] = []
        self.runs: list[dict[str, Any]] = []
        self.failures: list[Answered] = []

    def send(self, request: Any) -> Answered:
        self.sent.append(request)
        if self.failures:
            return self.failures.pop(0)
        operation = request.url.partition("/api/2.0/mlflow/")[2].partition("?")[0]
        body = json.loads(request.body or b"{}")
        self.told.append((operation, body))
        if operation == "experiments/get-by-name":
            return Answered(404, {"error_code": mlflow_api.MISSING, "message": "no such experiment"})
        if operation == "runs/search":
            return Answered(200, {"runs": self.runs} if self.runs else {})
        if operation == "runs/create":
            self.runs.append(
                {"info": {"run_id": "run-1", "artifact_uri": "s3://artifacts/mlflow/1/run-1/artifacts"}}
            )
            return Answered(200, {"run": self.runs[0]})
        return Answered(200, {"experiment_id": "1"} if operation == "experiments/create" else {})

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [body for told, body in self.told if told == operation]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(mlflow_api, "URLLib3Session", lambda **_: server)
    monkeypatch.setattr("mlflow_api.time.sleep", lambda _: None)
    return server


class SageMaker:
    """What an account has told of one execution."""

    def __init__(self, status: str, steps: list[dict[str, Any]]) -> None:
        self._status, self._steps = status, steps

    def describe_pipeline_execution(self, PipelineExecutionArn: str) -> dict[str, Any]:  # noqa: N803
        assert PipelineExecutionArn == EXECUTION
        failure = {} if self._status == "Succeeded" else {"FailureReason": "a column is missing"}
        times = {"CreationTime": BEGAN, "LastModifiedTime": ENDED}
        return {"PipelineExecutionStatus": self._status, **times, **failure}

    def get_paginator(self, operation: str) -> SageMaker:
        self._listed = operation
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        given = [{"Name": "MetricThreshold", "Value": "0.7"}]
        return [{"PipelineExecutionSteps": self._steps, "PipelineParameters": given}]

    def describe_hyper_parameter_tuning_job(self, HyperParameterTuningJobName: str) -> dict[str, Any]:  # noqa: N803
        return {"BestTrainingJob": {"TrainingJobName": f"{HyperParameterTuningJobName}-003"}}

    def describe_training_job(self, TrainingJobName: str) -> dict[str, Any]:  # noqa: N803
        metrics = [{"MetricName": "validation:rmse", "Value": 3.5}]
        arn = f"{JOBS}:training-job/{TrainingJobName}"
        return {"TrainingJobArn": arn, "HyperParameters": {"eta": "0.1"}, "FinalMetricDataList": metrics}

    def describe_processing_job(self, ProcessingJobName: str) -> dict[str, Any]:  # noqa: N803
        assert ProcessingJobName == "evaluate-1"
        places = {"baseline": "s3://elsewhere", "evaluation": REPORTS}
        outputs = [{"OutputName": name, "S3Output": {"S3Uri": uri}} for name, uri in places.items()]
        return {"ProcessingOutputConfig": {"Outputs": outputs}}


class S3:
    """A bucket with an evaluation."""

    def __init__(self) -> None:
        self.copied: list[tuple[str, str]] = []

    def get_paginator(self, _: str) -> S3:
        return self

    def paginate(self, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803
        assert (Bucket, Prefix) == ("artifacts", "executions/houses/abc/evaluation/")
        return [{"Contents": [{"Key": Prefix + name} for name in ("evaluation.json", "bias/analysis.json")]}]

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert (Bucket, Key) == ("artifacts", "executions/houses/abc/evaluation/evaluation.json")
        return {"Body": io.BytesIO(json.dumps(EVALUATION).encode())}

    def copy_object(self, CopySource: dict[str, str], Bucket: str, Key: str) -> None:  # noqa: N803
        self.copied.append((CopySource["Key"].rpartition("evaluation/")[2], f"s3://{Bucket}/{Key}"))


def step(name: str, kind: str, job: str, status: str = "Succeeded") -> dict[str, Any]:
    metadata = {kind: {"Arn": f"{JOBS}:job/{job}"}}
    return {"StepName": name, "StepStatus": status, "Metadata": metadata}


EVALUATE = step("Evaluate", "ProcessingJob", "evaluate-1")
TRAIN = step("Train", "TrainingJob", "train-1")


def mlflow(arn: str = APP) -> mlflow_api.Mlflow:
    return mlflow_api.Mlflow(arn, Credentials("key", "secret"))


def written(
    server: Server, steps: list[dict[str, Any]], status: str = "Succeeded"
) -> tuple[dict[str, Any], S3]:
    """Parameters, metrics and the rest of the run that is left, and the bucket."""
    s3 = S3()
    track.write(track.Execution.read(SageMaker(status, steps), EXECUTION), mlflow(), s3)
    logged: dict[str, dict[str, Any]] = {"params": {}, "metrics": {}}
    for batch in server.of("runs/log-batch"):
        for member in logged:
            logged[member] |= {entry["key"]: entry["value"] for entry in batch.get(member, ())}
    (created,), (ended,) = server.of("runs/create"), server.of("runs/update")
    return {**logged, "tags": {tag["key"]: tag["value"] for tag in created["tags"]}, **ended}, s3


def test_a_run_has_what_the_execution_was_given_and_what_came_of_it(server: Server) -> None:
    run, s3 = written(server, [EVALUATE, TRAIN])
    assert server.of("experiments/create") == [{"name": "dev-houses"}]
    assert [created["run_name"] for created in server.of("runs/create")] == ["abc"]
    assert run["params"] == {"MetricThreshold": "0.7", "eta": "0.1"}
    assert run["metrics"] == {
        "validation_rmse": 3.5,
        "test_rmse": 2.5,
        "test_rmse_standard_deviation": 0.5,
    }
    assert run["tags"] == {
        "sagemaker.pipeline-execution": EXECUTION,
        "sagemaker.training-job": f"{JOBS}:training-job/train-1",
    }
    assert (run["status"], run["end_time"]) == ("FINISHED", int(ENDED.timestamp() * 1000))
    place = "s3://artifacts/mlflow/1/run-1/artifacts"
    assert s3.copied == [(name, f"{place}/{name}") for name in ("evaluation.json", "bias/analysis.json")]


def test_of_a_search_the_best_training_is_told(server: Server) -> None:
    run, _ = written(server, [EVALUATE, step("Tune", "TuningJob", "tune-1")])
    assert run["tags"]["sagemaker.training-job"] == f"{JOBS}:training-job/tune-1-003"


def test_an_execution_that_has_failed_early_is_a_run_with_the_reason(server: Server) -> None:
    run, s3 = written(server, [step("Evaluate", "ProcessingJob", "evaluate-1", "Failed")], "Failed")
    assert (run["status"], run["tags"]["mlflow.note.content"]) == ("FAILED", "a column is missing")
    assert (run["params"], run["metrics"], s3.copied) == ({"MetricThreshold": "0.7"}, {}, [])


def test_an_execution_that_is_told_of_twice_is_one_run(server: Server) -> None:
    for _ in range(2):
        track.write(track.Execution.read(SageMaker("Succeeded", [TRAIN]), EXECUTION), mlflow(), S3())
    assert len(server.of("runs/create")) == 1
    assert [ended["run_id"] for ended in server.of("runs/update")] == ["run-1", "run-1"]


def test_more_than_a_request_takes_is_sent_in_several(server: Server) -> None:
    mlflow().log("run-1", {f"p{number}": "x" * 7000 for number in range(101)}, {}, 0)
    sizes = [len(batch["params"]) for batch in server.of("runs/log-batch")]
    longest = {len(entry["value"]) for batch in server.of("runs/log-batch") for entry in batch["params"]}
    assert (sizes, longest) == ([100, 1], {6000})


def test_what_fails_for_a_moment_is_asked_again(server: Server) -> None:
    server.failures = [Answered(503, {}), Answered(429, {})]
    mlflow().end("run-1", "FINISHED", 0)
    assert len(server.sent) == 3


def test_what_mlflow_refuses_fails_the_job_and_says_why(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.failures = [Answered(403, {"__type": "AccessDeniedException", "message": "not authorized"})]
    session = SimpleNamespace(
        client=lambda service: SageMaker("Succeeded", [TRAIN]) if service == "sagemaker" else S3(),
        get_credentials=lambda: Credentials("key", "secret"),
    )
    monkeypatch.setattr("track.boto3.Session", lambda **_: session)
    with pytest.raises(DataError, match="MLflow refuses with AccessDeniedException: not authorized"):
        track.main(["--mlflow", APP, "--execution", EXECUTION])


def test_the_region_is_the_executions_because_a_container_may_not_say_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    regions = []

    def read(sagemaker: Any, arn: str) -> track.Execution:
        regions.append(sagemaker.meta.region_name)
        return track.Execution(arn, "Failed", 0, 0, {})

    monkeypatch.setattr(track.Execution, "read", read)
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _: Credentials("key", "secret"))
    track.main(["--mlflow", APP, "--execution", EXECUTION])
    assert regions == ["us-east-1"]


def test_it_is_reached_as_the_plugin_of_aws_reaches_it(server: Server) -> None:
    """Another host is the plugin's own variable; without it both make up the same."""
    packages = Path(sys.prefix) / "mlflow"
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages), **keys}
    command = [sys.executable, "-c", PLUGIN, APP, SERVER]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    for arn, (url, header, service) in zip((APP, SERVER), json.loads(done.stdout), strict=True):
        mlflow(arn).end("run-1", "FINISHED", 0)
        sent = server.sent[-1]
        assert sent.url == f"{url}/api/2.0/mlflow/runs/update"
        assert dict(sent.headers).items() >= header.items()
        assert f"/us-east-1/{service}/aws4_request" in sent.headers["Authorization"]
