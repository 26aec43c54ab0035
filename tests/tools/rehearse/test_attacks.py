"""What people could do to a model that was approved, tried as the person who would; docs/threat-model.md."""

import json
from collections.abc import Callable
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
    """What the approved model came from, as bucket and key."""
    outputs = kept.outputs("dev-foundation")
    data, artifacts = outputs["DataBucketName"], outputs["ArtifactsBucketName"]
    return {
        "model": _first(kept, artifacts, f"training/{USE_CASE}/", "model.tar.gz"),
        "evaluation": _first(kept, artifacts, f"executions/{USE_CASE}/", "evaluation.json"),
        "baseline": _first(kept, artifacts, f"executions/{USE_CASE}/", "constraints.json"),
        "live baseline": _first(kept, artifacts, f"models/{USE_CASE}/", "constraints.json"),
        "cached split": _first(kept, data, f"processed/{USE_CASE}/", "train.csv"),
        "delivery": _first(kept, data, f"raw/{USE_CASE}/", ".csv"),
    }


def _first(kept: Kept, bucket: str, prefix: str, name: str) -> dict[str, str]:
    listed = kept.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    return {"Bucket": bucket, "Key": next(item["Key"] for item in listed if item["Key"].endswith(name))}


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


def test_a_data_engineer_reads_no_model(
    people: dict[str, Person], objects: dict[str, dict[str, str]]
) -> None:
    s3 = people["data engineer"].client("s3")
    acts.expect_refusal("the data engineer", "read a model", lambda: s3.get_object(**objects["model"]))


def test_a_data_scientist_cannot_replace_a_model_by_way_of_a_job(
    kept: Kept, people: dict[str, Person], objects: dict[str, dict[str, str]]
) -> None:
    """With the pipeline's role it is refused; with their own the job may not write there."""
    before = kept.client("s3").head_object(**objects["model"])["ETag"]
    sagemaker = people["data scientist"].client("sagemaker")
    job = _training_job(kept)
    refusal = acts.expect_refusal(
        "the data scientist", "train as the pipeline", lambda: sagemaker.create_training_job(**job)
    )
    assert "iam:PassRole" in refusal
    role = _role(kept, "ExperimentRole")
    sagemaker.create_training_job(**job | {"RoleArn": role, "TrainingJobName": "dev-attack-model"})
    reason = _failure(kept, "training", "dev-attack-model")
    assert "s3:PutObject" in reason
    assert kept.client("s3").head_object(**objects["model"])["ETag"] == before


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


def test_an_mlops_engineer_who_changes_what_a_version_consists_of_while_approving_deploys_nothing(
    kept: Kept, people: dict[str, Person], objects: dict[str, dict[str, str]]
) -> None:
    """IAM cannot refuse the call, so the release looks at the version, deploys nothing and tells people."""
    sagemaker = kept.client("sagemaker")
    (version, *_) = sagemaker.list_model_packages(ModelPackageGroupName=NAME)["ModelPackageSummaryList"]
    described = sagemaker.describe_model_package(ModelPackageName=version["ModelPackageArn"])
    genuine = described["InferenceSpecification"]
    bucket = objects["model"]["Bucket"]
    forged = json.loads(json.dumps(genuine))
    forged["Containers"][0]["ModelDataUrl"] = f"s3://{bucket}/data-science/{USE_CASE}/model.tar.gz"
    before = _releases(kept)
    people["MLOps engineer"].client("sagemaker").update_model_package(
        ModelPackageArn=version["ModelPackageArn"],
        ModelApprovalStatus="Approved",
        InferenceSpecification=forged,
    )
    execution = wait_for("the release", lambda: next(iter(_releases(kept) - before), None), 60)
    history = kept.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    entered = [
        event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
    ]
    assert entered[-3:] == ["RefuseOrigin", "TellPeople", "ReleaseFailed"]
    assert not [name for name in entered if name.startswith("Update")]
    sagemaker.update_model_package(ModelPackageArn=version["ModelPackageArn"], InferenceSpecification=genuine)


def _releases(kept: Kept) -> set[str]:
    """Executions that have failed."""
    machine = kept.outputs("dev-release")["ReleaseStateMachineArn"]
    listed = kept.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return {each["executionArn"] for each in listed if each["status"] == "FAILED"}
