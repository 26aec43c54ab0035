"""What is in the way of a deletion, as the shapes of botocore have it, and how long one looks."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tools.destroy import obstacles
from tools.destroy.obstacles import Obstacle, StillThereError, clear, find
from tools.destroy.staying import endpoints_of_others

THEN = datetime(2026, 11, 22, tzinfo=UTC)
ROLE = "arn:aws:iam::111111111111:role/m-dev/m-dev-training"
OTHER = "arn:aws:iam::111111111111:role/of-others"
IMAGE = "111111111111.dkr.ecr.us-east-1.amazonaws.com/image"


@contextmanager
def answering(service: str, *answers: tuple[str, dict[str, Any] | str]) -> Iterator[Any]:
    """A client that is asked this, in this order; a text is the code of a refusal."""
    client = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with ExitStack() as stack:
        stubber = stack.enter_context(Stubber(client))
        for operation, answer in answers:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer, "It is not there")
            else:
                stubber.add_response(operation, answer)
        yield client
        stubber.assert_no_pending_responses()


def arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:111111111111:{kind}/{name}"


def endpoint(name: str, status: str) -> dict[str, Any]:
    times = {"CreationTime": THEN, "LastModifiedTime": THEN}
    return {"EndpointName": name, "EndpointArn": arn("endpoint", name), "EndpointStatus": status, **times}


def job(kind: str, name: str) -> dict[str, Any]:
    arns = {f"{kind}Arn": arn(kind.lower(), name), f"{kind}Name": name}
    searched = {
        "HyperParameterTuningJobStatus": "InProgress",
        "Strategy": "Bayesian",
        "TrainingJobStatusCounters": {},
        "ObjectiveStatusCounters": {},
    }
    return {
        **arns,
        "CreationTime": THEN,
        **(searched if kind.startswith("Hyper") else {f"{kind}Status": "InProgress"}),
    }


def training(name: str, role: str) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "TrainingJobArn": arn("training-job", name),
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/k"},
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": "Training",
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "RoleArn": role,
        "ResourceConfig": {"VolumeSizeInGB": 1},
        "StoppingCondition": {},
        "CreationTime": THEN,
    }


def texts(found: list[Obstacle]) -> list[tuple[str, bool]]:
    return [(each.text, each.remove is not None) for each in found]


def test_an_endpoint_that_is_updated_is_waited_for() -> None:
    none: dict[str, Any] = {"Endpoints": []}
    updated = {"Endpoints": [endpoint("m-dev-loans", "Updating"), endpoint("of-others", "Updating")]}
    answers = [("list_endpoints", each) for each in (none, updated, none, none)]
    with answering("sagemaker", *answers) as sagemaker:
        found = find(lambda _: sagemaker, {"AWS::SageMaker::Endpoint": [arn("endpoint", "m-dev-loans")]})
    assert texts(found) == [("endpoint m-dev-loans is Updating: it is waited for", False)]


def test_jobs_that_act_with_a_role_that_goes_are_stopped_and_others_are_not() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    search: dict[str, Any] = {
        "HyperParameterTuningJobName": "search",
        "HyperParameterTuningJobArn": arn("hyper-parameter-tuning-job", "search"),
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxParallelTrainingJobs": 1},
        },
        "HyperParameterTuningJobStatus": "InProgress",
        "CreationTime": THEN,
        "TrainingJobStatusCounters": {},
        "ObjectiveStatusCounters": {},
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": "s3://b/k"},
            "StoppingCondition": {},
        },
    }
    for kind, operation, described in (
        ("HyperParameterTuningJob", "hyper_parameter_tuning_job", [search]),
        ("TrainingJob", "training_job", [training("ours", ROLE), training("theirs", OTHER)]),
        ("ProcessingJob", "processing_job", []),
    ):
        running = [job(kind, each[f"{kind}Name"]) for each in described]
        asked.append((f"list_{operation}s", {f"{kind}Summaries": running}))
        asked += [(f"describe_{operation}", each) for each in described]
        asked.append((f"list_{operation}s", {f"{kind}Summaries": []}))
    with answering("sagemaker", *asked) as sagemaker:
        found = find(lambda _: sagemaker, {"AWS::IAM::Role": ["m-dev-training"]})
    assert texts(found) == [
        ("hyper parameter tuning job search is stopped", True),
        ("training job ours is stopped", True),
    ]


def test_a_transform_job_goes_with_its_model() -> None:
    described = {
        "TransformJobName": "batch",
        "TransformJobArn": arn("transform-job", "batch"),
        "TransformJobStatus": "InProgress",
        "ModelName": "m-dev-loans-7",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "CreationTime": THEN,
    }
    with answering(
        "sagemaker",
        ("list_transform_jobs", {"TransformJobSummaries": [job("TransformJob", "batch")]}),
        ("describe_transform_job", described),
        ("list_transform_jobs", {"TransformJobSummaries": []}),
    ) as sagemaker:
        found = find(lambda _: sagemaker, {"AWS::SageMaker::Model": [arn("model", "m-dev-loans-7")]})
    assert texts(found) == [("transform job batch is stopped", True)]


def test_a_crawler_that_runs_is_stopped_once() -> None:
    crawlers = [{"Name": "ours", "State": "RUNNING"}, {"Name": "ending", "State": "STOPPING"}]
    crawlers += [{"Name": "quiet", "State": "READY"}, {"Name": "of-others", "State": "RUNNING"}]
    with answering("glue", ("get_crawlers", {"Crawlers": crawlers})) as glue:
        found = find(lambda _: glue, {"AWS::Glue::Crawler": ["ours", "ending", "quiet"]})
    assert texts(found) == [("crawler ours is stopped", True), ("crawler ending is stopped", False)]


def test_what_an_earlier_deletion_has_taken_is_in_nobodys_way() -> None:
    with answering("sagemaker", ("list_pipeline_executions", "ResourceNotFound")) as sagemaker:
        assert find(lambda _: sagemaker, {"AWS::SageMaker::Pipeline": ["m-dev-loans"]}) == []


def test_an_endpoint_made_by_hand_with_a_role_that_goes_is_named() -> None:
    config = {
        "EndpointConfigName": "c",
        "EndpointConfigArn": arn("endpoint-config", "c"),
        "ProductionVariants": [{"VariantName": "v", "ModelName": "m"}],
        "CreationTime": THEN,
    }
    model = {"ModelName": "m", "ModelArn": arn("model", "m"), "CreationTime": THEN, "ExecutionRoleArn": ROLE}
    listed = [endpoint(name, "InService") for name in ("m-dev-loans", "by-hand", "without-configuration")]
    with answering(
        "sagemaker",
        ("list_endpoints", {"Endpoints": listed}),
        ("describe_endpoint", {**endpoint("by-hand", "InService"), "EndpointConfigName": "c"}),
        ("describe_endpoint_config", config),
        ("describe_model", model),
        ("describe_endpoint", {**endpoint("without", "InService"), "EndpointConfigName": "gone"}),
        ("describe_endpoint_config", "ValidationException"),
    ) as sagemaker:
        found = [*endpoints_of_others(sagemaker, {"m-dev-training"}, {"m-dev-loans"})]
    assert found == ["by-hand"]


def refusing(code: str) -> Obstacle:
    def remove() -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "StopPipelineExecution")

    return Obstacle("execution x is stopped", remove)


def test_what_has_ended_by_itself_meanwhile_is_no_failure_and_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(obstacles, "_PAUSE_SECONDS", 0)
    looks, told = [[refusing("ValidationException")]] * 2 + [[]], list[str]()
    clear(lambda: looks.pop(0), told.append)
    assert (told, looks) == (["execution x is stopped"], [])


def test_who_may_not_stop_something_hears_it_at_once_and_who_waits_too_long_hears_for_what(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        clear(lambda: [refusing("AccessDeniedException")], lambda _: None)
    monkeypatch.setattr(obstacles, "_PATIENCE_SECONDS", -1)
    with pytest.raises(StillThereError, match=r"execution x is stopped; .*ValidationException"):
        clear(lambda: [refusing("ValidationException")], lambda _: None)
