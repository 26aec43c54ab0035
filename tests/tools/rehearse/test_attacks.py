"""What people could do to a model that was approved, tried as the person who would; docs/threat-model.md."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse import acts
from tools.rehearse.people import Person
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.breaks_the_rehearsal

NAME, USE_CASE = "dev-house-prices", "house-prices"
ENDED = ("Completed", "Failed", "Stopped")


@pytest.fixture
def objects(kept: Kept) -> dict[str, dict[str, str]]:
    """What the approved model came from, as bucket and key: it is one of several executions."""
    outputs = kept.outputs("dev-foundation")
    data, artifacts = outputs["DataBucketName"], outputs["ArtifactsBucketName"]
    described = _first_version(kept)
    execution = described["CustomerMetadataProperties"]["PipelineExecutionId"]
    (container,) = described["InferenceSpecification"]["Containers"]
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    return {
        "model": {"Bucket": bucket, "Key": key},
        "evaluation": _only(kept, artifacts, f"executions/{USE_CASE}/{execution}/", "evaluation.json"),
        "baseline": _only(
            kept, artifacts, f"executions/{USE_CASE}/{execution}/data-quality/", "constraints.json"
        ),
        "live baseline": _only(kept, artifacts, f"models/{USE_CASE}/1/data-quality/", "constraints.json"),
        "cached split": _first(kept, data, f"processed/{USE_CASE}/", "train.csv"),
        "delivery": _first(kept, data, f"raw/{USE_CASE}/", ".csv"),
    }


def _first_version(kept: Kept) -> dict[str, Any]:
    sagemaker = kept.client("sagemaker")
    (first, *_) = sagemaker.list_model_packages(ModelPackageGroupName=NAME, SortOrder="Ascending")[
        "ModelPackageSummaryList"
    ]
    return dict(sagemaker.describe_model_package(ModelPackageName=first["ModelPackageArn"]))


def _only(kept: Kept, bucket: str, prefix: str, name: str) -> dict[str, str]:
    (found,) = _named(kept, bucket, prefix, name)
    return found


def _first(kept: Kept, bucket: str, prefix: str, name: str) -> dict[str, str]:
    return _named(kept, bucket, prefix, name)[0]


def _named(kept: Kept, bucket: str, prefix: str, name: str) -> list[dict[str, str]]:
    listed = kept.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    return [{"Bucket": bucket, "Key": item["Key"]} for item in listed if item["Key"].endswith(name)]


@pytest.mark.parametrize(
    ("persona", "what"),
    [
        *(
            ("data scientist", what)
            for what in ("model", "evaluation", "baseline", "live baseline", "cached split")
        ),
        *(
            ("data engineer", what)
            for what in ("model", "evaluation", "baseline", "live baseline", "cached split")
        ),
        *(
            ("MLOps engineer", what)
            for what in ("model", "evaluation", "live baseline", "cached split", "delivery")
        ),
        ("data scientist", "delivery"),
    ],
)
def test_nobody_replaces_or_removes_what_an_approved_model_came_from(
    people: dict[str, Person], objects: dict[str, dict[str, str]], persona: str, what: str
) -> None:
    s3 = people[persona].client("s3")
    calls: list[Callable[[], Any]] = [
        lambda: s3.put_object(**objects[what], Body=b"poison"),
        lambda: s3.delete_object(**objects[what]),
    ]
    for call in calls:
        refusal = acts.expect_refusal(f"the {persona}", f"change the {what}", call)
        assert "is not authorized to perform: s3:" in refusal


@pytest.mark.parametrize("persona", ["data engineer", "data scientist", "MLOps engineer"])
def test_nobody_stops_jobs_of_pipelines_or_sees_jobs_and_apps_of_another_environment(
    people: dict[str, Person], persona: str
) -> None:
    sagemaker, logs = (people[persona].client(service) for service in ("sagemaker", "logs"))
    group, studio, other = "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/studio", "prod-pipeline-Train-1"
    calls: list[Callable[[], Any]] = [
        lambda: sagemaker.stop_training_job(TrainingJobName="dev-pipeline-Train-1"),
        lambda: sagemaker.stop_processing_job(ProcessingJobName="dev-pipeline-Evaluate-1"),
        lambda: sagemaker.describe_training_job(TrainingJobName=other),
        lambda: logs.get_log_events(logGroupName=group, logStreamName=f"{other}/1"),
        lambda: logs.filter_log_events(logGroupName=group),
        lambda: logs.get_log_events(logGroupName=studio, logStreamName="d-other/x/JupyterLab/default"),
        lambda: logs.create_log_stream(logGroupName=studio, logStreamName="d-other/x/JupyterLab/default"),
        lambda: logs.filter_log_events(logGroupName=studio),
    ]
    for call in calls:
        refusal = acts.expect_refusal(f"the {persona}", "reach what is not theirs", call)
        assert "is not authorized to perform: " in refusal


def test_a_data_engineer_reads_no_model(
    people: dict[str, Person], objects: dict[str, dict[str, str]]
) -> None:
    s3 = people["data engineer"].client("s3")
    acts.expect_refusal("the data engineer", "read a model", lambda: s3.get_object(**objects["model"]))


@pytest.mark.parametrize("what", ["model", "cached split", "evaluation"])
def test_a_data_scientist_cannot_replace_anything_by_way_of_a_job(
    kept: Kept, people: dict[str, Person], objects: dict[str, dict[str, str]], what: str
) -> None:
    """With the pipeline's role it is refused; with their own the job may not write there."""
    before = kept.client("s3").head_object(**objects[what])["ETag"]
    sagemaker = people["data scientist"].client("sagemaker")
    bucket, prefix = objects[what]["Bucket"], objects[what]["Key"].partition("/")[0]
    job = _training_job(kept)
    job["OutputDataConfig"]["S3OutputPath"] = f"s3://{bucket}/{prefix}/{USE_CASE}"
    refusal = acts.expect_refusal(
        "the data scientist", "train as the pipeline", lambda: sagemaker.create_training_job(**job)
    )
    assert "iam:PassRole" in refusal
    role, name = _role(kept, "ExperimentRole"), f"dev-attack-{prefix}"
    sagemaker.create_training_job(**job | {"RoleArn": role, "TrainingJobName": name})
    assert "s3:PutObject" in _failure(kept, "training", name)
    assert kept.client("s3").head_object(**objects[what])["ETag"] == before


def _training_job(kept: Kept) -> dict[str, Any]:
    """The pipeline's own training, as a job of somebody else that writes into the pipeline's prefix."""
    sagemaker = kept.client("sagemaker")
    (newest, *_) = sagemaker.list_training_jobs(SortBy="CreationTime", SortOrder="Ascending")[
        "TrainingJobSummaries"
    ]
    known = sagemaker.describe_training_job(TrainingJobName=newest["TrainingJobName"])
    members = (
        *("AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig"),
        *("VpcConfig", "StoppingCondition", "HyperParameters", "EnableNetworkIsolation"),
        "EnableInterContainerTrafficEncryption",
    )
    # Metrics of AWS's own images are told, but may not be asked for.
    known["AlgorithmSpecification"].pop("MetricDefinitions", None)
    return {"TrainingJobName": "dev-attack", **{name: known[name] for name in members}}


def _role(kept: Kept, logical_id: str) -> str:
    resources = kept.client("cloudformation").describe_stack_resources(StackName="dev-foundation")[
        "StackResources"
    ]
    name = next(item for item in resources if item["LogicalResourceId"].startswith(logical_id))[
        "PhysicalResourceId"
    ]
    return f"arn:aws:iam::111111111111:role/dev/{name}"


def _failure(kept: Kept, kind: str, name: str) -> str:
    sagemaker = kept.client("sagemaker")
    describe = getattr(sagemaker, f"describe_{kind}_job")

    def look() -> dict[str, Any] | None:
        described = describe(**{f"{kind.title()}JobName": name})
        return dict(described) if described[f"{kind.title()}JobStatus"] in ENDED else None

    ended = wait_for(f"the job {name}", look, 60)
    assert ended[f"{kind.title()}JobStatus"] == "Failed"
    return str(ended["FailureReason"])


@pytest.mark.parametrize("role", ["dev-processing", "dev-preparation"])
def test_a_data_scientist_cannot_read_raw_data_by_way_of_a_role(
    kept: Kept, people: dict[str, Person], role: str
) -> None:
    job = _training_job(kept) | {"RoleArn": f"arn:aws:iam::111111111111:role/dev/{role}"}
    create = partial(people["data scientist"].client("sagemaker").create_training_job, **job)
    assert "iam:PassRole" in acts.expect_refusal("the data scientist", f"pass {role}", create)


@dataclass(frozen=True)
class Refused:
    """A release that has failed: the states that it went through, and what people were told."""

    entered: list[str]
    told: str


def _refused(kept: Kept, attack: Callable[[], Any]) -> Refused:
    """Do something that starts a release, and see that it deploys nothing and tells people."""
    before = _failed_releases(kept)
    attack()
    execution = wait_for("the release", lambda: next(iter(_failed_releases(kept) - before), None), 120)
    history = kept.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    states = [event["stateEnteredEventDetails"] for event in history if "stateEnteredEventDetails" in event]
    entered = [state["name"] for state in states]
    assert entered[-2:] == ["TellPeople", "ReleaseFailed"]
    assert not [name for name in entered if name.startswith("Update")]
    return Refused(entered, next(state["input"] for state in states if state["name"] == "TellPeople"))


def _failed_releases(kept: Kept) -> set[str]:
    return {execution for execution, status in _releases(kept).items() if status == "FAILED"}


def _releases(kept: Kept) -> dict[str, str]:
    """The status of each."""
    machine = kept.outputs("dev-release")["ReleaseStateMachineArn"]
    listed = kept.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return {each["executionArn"]: each["status"] for each in listed}


@dataclass(frozen=True)
class Version:
    """The version that the pipeline has registered."""

    kept: Kept
    described: dict[str, Any]

    @property
    def arn(self) -> str:
        return str(self.described["ModelPackageArn"])

    @property
    def specification(self) -> dict[str, Any]:
        """A copy, to be changed."""
        return dict(json.loads(json.dumps(self.described["InferenceSpecification"])))

    def approve(self, engineer: Person, **changed: Any) -> None:
        engineer.client("sagemaker").update_model_package(
            ModelPackageArn=self.arn, ModelApprovalStatus="Approved", **changed
        )


@pytest.fixture
def version(kept: Kept) -> Iterator[Version]:
    described = _first_version(kept)
    yield Version(kept, described)
    before = _releases(kept)
    kept.client("sagemaker").update_model_package(
        ModelPackageArn=described["ModelPackageArn"],
        InferenceSpecification=described["InferenceSpecification"],
        CustomerMetadataProperties=described["CustomerMetadataProperties"],
    )

    def settled() -> bool | None:
        """That it is genuine again is an event, too."""
        return (_releases(kept) != before and "RUNNING" not in _releases(kept).values()) or None

    wait_for("the release of the genuine version", settled, 120)


@pytest.fixture
def served(kept: Kept) -> Iterator[None]:
    """What serves is the same afterwards, to the byte."""
    s3, bucket = kept.client("s3"), kept.outputs("dev-foundation")["ArtifactsBucketName"]

    def contents() -> dict[str, str]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"models/{USE_CASE}/1/")["Contents"]
        return {item["Key"]: item["ETag"] for item in listed}

    before = contents()
    assert len(before) == 6
    yield
    assert contents() == before


@contextmanager
def _replaced(kept: Kept, place: dict[str, str]) -> Iterator[None]:
    """An object is another one: somebody found a way past all permissions."""
    s3 = kept.client("s3")
    genuine = s3.get_object(**place)["Body"].read()
    s3.put_object(**place, Body=b"poison")
    try:
        yield
    finally:
        s3.put_object(**place, Body=genuine)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("what", ["model", "evaluation", "baseline"])
def test_what_was_replaced_before_an_approval_is_noticed(
    kept: Kept,
    people: dict[str, Person],
    objects: dict[str, dict[str, str]],
    version: Version,
    what: str,
) -> None:
    """A replaced artifact, a forged evaluation, loosened constraints: none is as it was recorded."""
    with _replaced(kept, objects[what]):
        refused = _refused(kept, lambda: version.approve(people["MLOps engineer"]))
    assert refused.entered[-3] == "NotAsRegistered"
    name = objects[what]["Key"].rsplit("/", 1)[-1]
    assert f"{name} of the version is not what its execution has recorded" in refused.told


@pytest.mark.usefixtures("served")
def test_constraints_that_were_replaced_before_a_replay_are_noticed(
    kept: Kept, people: dict[str, Person], objects: dict[str, dict[str, str]], version: Version
) -> None:
    machine = kept.outputs("dev-release")["ReleaseStateMachineArn"]
    given = {"ModelPackageArn": version.arn, "UseCase": USE_CASE, "FollowsLatest": True}
    replay = partial(
        people["MLOps engineer"].client("stepfunctions").start_execution,
        stateMachineArn=machine,
        input=json.dumps(given),
    )
    with _replaced(kept, objects["baseline"]):
        assert _refused(kept, replay).entered[-3] == "NotAsRegistered"


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("where", ["data-science", "training"])
def test_an_mlops_engineer_who_changes_what_a_version_consists_of_while_approving_deploys_nothing(
    kept: Kept, people: dict[str, Person], objects: dict[str, dict[str, str]], version: Version, where: str
) -> None:
    """IAM cannot refuse the call, so the release looks at the version, deploys nothing and tells people."""
    other = {"Bucket": objects["model"]["Bucket"], "Key": f"{where}/{USE_CASE}/other/output/model.tar.gz"}
    kept.client("s3").put_object(**other, Body=b"another model, of an execution that failed its criterion")
    forged = version.specification
    forged["Containers"][0]["ModelDataUrl"] = f"s3://{other['Bucket']}/{other['Key']}"
    refused = _refused(kept, lambda: version.approve(people["MLOps engineer"], InferenceSpecification=forged))
    assert refused.entered[-3] == ("RefuseOrigin" if where == "data-science" else "NotAsRegistered")


@pytest.mark.usefixtures("served")
def test_an_mlops_engineer_who_names_another_execution_or_image_while_approving_deploys_nothing(
    kept: Kept, people: dict[str, Person], version: Version
) -> None:
    engineer = people["MLOps engineer"]
    metadata = {"PipelineExecutionId": _other_execution(kept)}
    refused = _refused(kept, lambda: version.approve(engineer, CustomerMetadataProperties=metadata))
    assert refused.entered[-4:-1] == ["HasRegisteredIt", "RefuseOrigin", "TellPeople"]
    genuine = {"PipelineExecutionId": version.described["CustomerMetadataProperties"]["PipelineExecutionId"]}
    forged = version.specification
    forged["Containers"][0]["Image"] = "111111111111.dkr.ecr.us-east-1.amazonaws.com/own:latest"
    changed = {"InferenceSpecification": forged, "CustomerMetadataProperties": genuine}
    refused = _refused(kept, lambda: version.approve(engineer, **changed))
    assert refused.entered[-4:-1] == ["IsFromThePipeline", "RefuseOrigin", "TellPeople"]


def _other_execution(kept: Kept) -> str:
    """One that has registered nothing: its delivery does not exist."""
    sagemaker = kept.client("sagemaker")
    arn = sagemaker.start_pipeline_execution(
        PipelineName=NAME, PipelineParameters=[{"Name": "InputData", "Value": "s3://none-at-all/x"}]
    )["PipelineExecutionArn"]

    def has_failed() -> bool | None:
        described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        return described["PipelineExecutionStatus"] == "Failed" or None

    wait_for("the execution", has_failed, 60)
    return str(arn).rsplit("/", 1)[-1]


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("says", ["nothing", "what the pipeline says"])
def test_a_version_that_a_data_scientist_has_made_by_hand_is_not_deployed(
    kept: Kept, people: dict[str, Person], version: Version, says: str
) -> None:
    """Not even a perfect forgery: SageMaker knows which execution has registered what."""
    described = version.described
    forged = {
        "CustomerMetadataProperties": described["CustomerMetadataProperties"],
        "ModelMetrics": described["ModelMetrics"],
    }
    registered = (
        people["data scientist"]
        .client("sagemaker")
        .create_model_package(
            ModelPackageGroupName=NAME,
            InferenceSpecification=version.specification,
            ModelApprovalStatus="PendingManualApproval",
            **(forged if says == "what the pipeline says" else {}),
        )["ModelPackageArn"]
    )
    approve = partial(acts.decide, people["MLOps engineer"], registered, "Approved")
    assert _refused(kept, approve).entered[-3] == "RefuseOrigin"
    kept.client("sagemaker").delete_model_package(ModelPackageName=registered)


def test_every_report_that_a_version_names_is_there_to_read(kept: Kept, version: Version) -> None:
    """As Studio shows them: metrics, SHAP values, and what monitors compare with."""
    named = {
        source["S3Uri"]
        for member in ("ModelMetrics", "DriftCheckBaselines")
        for reports in version.described[member].values()
        for source in reports.values()
    }
    read = {}
    for uri in named:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        read[uri] = json.loads(kept.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    explained = version.described["ModelMetrics"]["Explainability"]["Report"]["S3Uri"]
    (shap,) = read[explained]["explanations"]["kernel_shap"].values()
    assert max(shap["global_shap_values"].values()) > 0


def test_a_version_carries_what_made_it(kept: Kept, version: Version) -> None:
    properties = version.described["CustomerMetadataProperties"]
    execution = kept.client("sagemaker").describe_pipeline_execution(
        PipelineExecutionArn=properties["PipelineExecutionArn"]
    )
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    assert properties["InputData"].endswith("house_prices.csv")
    assert properties["Code"].endswith(".zip")
    assert properties["SuccessCriterion"] == "within_10_percent at_least 0.7"
    assert properties["MetricThreshold"] == "0.7"
    digests = {name for name in properties if name.endswith("Digest")}
    kinds = (
        *("Model", "Statistics", "Constraints", "Evaluation", "Quality", "Explanations", "Comparison"),
        "Delivery",
    )
    assert digests == {f"{kind}Digest" for kind in kinds}
