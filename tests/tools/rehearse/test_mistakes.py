"""What AWS refuses or loses makes the rehearsal fail, and it says why.

Each mistake is made in what a rehearsal has deployed. The acts that meet it are those of the story.
"""

import gzip
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from tests.kept_rehearsal import REPOSITORY, Kept
from tools.rehearse import acts
from tools.rehearse.errors import RehearsalError
from tools.rehearse.people import Person
from tools.rehearse.pipeline import run_pipeline
from tools.rehearse.served import Served
from tools.rehearse.undelivered import Deliveries, decide_in_vain
from tools.rehearse.waiting import wait_for

pytestmark = pytest.mark.breaks_the_rehearsal

NAME = "dev-house-prices"
AWS_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
BARE_TEXT = """
_answer = transform_fn
def transform_fn(*arguments): return _answer(*arguments).get_data(as_text=True)
"""

Json = Any


@pytest.fixture(scope="module")
def run(kept: Kept, people: dict[str, Person]) -> Callable[[], str]:
    """Run the pipeline on a delivery of another name, so that nothing comes from the story's cache."""
    bucket, key = kept.outputs("dev-foundation")["DataBucketName"], "raw/house-prices/second-delivery.csv"
    people["data engineer"].client("s3").upload_file(str(kept.sample.path), bucket, key)
    parameters = {"InputData": f"s3://{bucket}/{key}"}
    return partial(run_pipeline, people["data scientist"], NAME, parameters, print)


@contextmanager
def changed(document: str, change: Callable[[Json], None], put: Callable[[str], object]) -> Iterator[None]:
    """Put a document with a change in its place, and later as it was."""
    content = json.loads(document)
    change(content)
    put(json.dumps(content))
    try:
        yield
    finally:
        put(document)


def training(kept: Kept) -> tuple[str, str]:
    """The definition of the pipeline, and the name of the role that it trains with."""
    definition = kept.client("sagemaker").describe_pipeline(PipelineName=NAME)["PipelineDefinition"]
    role: str = train_step(json.loads(definition))["Arguments"]["RoleArn"].split("/")[-1]
    return definition, role


def train_step(definition: Json) -> Json:
    return next(step for step in definition["Steps"] if step["Name"] == "Train")


def test_metrics_cannot_be_defined_for_awss_algorithm(kept: Kept, run: Callable[[], str]) -> None:
    def define(definition: Json) -> None:
        metrics = [{"Name": "validation:rmse", "Regex": "rmse=([0-9.]+)"}]
        specification = train_step(definition)["Arguments"]["AlgorithmSpecification"]
        specification |= {"TrainingImage": AWS_IMAGE, "MetricDefinitions": metrics}

    update = kept.client("sagemaker").update_pipeline
    definition, _ = training(kept)
    with (
        changed(definition, define, lambda text: update(PipelineName=NAME, PipelineDefinition=text)),
        pytest.raises(RehearsalError, match="You can't override the metric definitions for Amazon SageMaker"),
    ):
        run()


def test_a_training_role_that_nobody_may_assume_in_a_persons_name(kept: Kept, run: Callable[[], str]) -> None:
    def take_out(trust: Json) -> None:
        trust["Statement"][0]["Action"].remove("sts:SetSourceIdentity")

    iam = kept.client("iam")
    _, role = training(kept)
    trust = json.dumps(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
    put = partial(iam.update_assume_role_policy, RoleName=role)
    with (
        changed(trust, take_out, lambda text: put(PolicyDocument=text)),
        pytest.raises(RehearsalError, match=rf"sts:SetSourceIdentity on resource: \S+/{role}"),
    ):
        run()


def test_a_training_role_that_may_not_read_says_what_was_denied(kept: Kept, run: Callable[[], str]) -> None:
    iam = kept.client("iam")
    _, role = training(kept)
    policies = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    (policy,) = [item["PolicyArn"] for item in policies if "TrainingPolicy" in item["PolicyName"]]
    default = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    version = iam.get_policy_version(PolicyArn=policy, VersionId=default)["PolicyVersion"]

    def drop(document: Json) -> None:
        statements = document["Statement"]
        statements.remove(next(each for each in statements if each["Sid"] == "ReadProcessedData"))

    put = partial(iam.create_policy_version, PolicyArn=policy, SetAsDefault=True)
    with (
        changed(json.dumps(version["Document"]), drop, lambda text: put(PolicyDocument=text)),
        pytest.raises(RehearsalError) as caught,
    ):
        run()
    assert "s3:GetObject" in caught.value.reason
    assert re.search(r"assumed-role/\S*TrainingRole\S*", caught.value.reason)
    assert "/processed/house-prices/" in caught.value.reason


def test_a_key_that_wants_to_know_whose_event_it_is_loses_the_decision(
    kept: Kept, people: dict[str, Person]
) -> None:
    def ask(policy: Json) -> None:
        (events,) = [each for each in policy["Statement"] if each.get("Sid") == "KeepEncryptedEvents"]
        events["Condition"] = {"StringEquals": {"aws:SourceAccount": kept.account}}

    engineer = people["MLOps engineer"]
    deliveries = Deliveries.of(kept.client, NAME, kept.outputs("dev-release")["ReleaseStateMachineArn"])
    reject = partial(acts.decide, engineer, version_one(kept), "Rejected")
    kms, key = kept.client("kms"), {"KeyId": deliveries.key(kept.client), "PolicyName": "default"}
    put = partial(kms.put_key_policy, **key)
    with (
        changed(kms.get_key_policy(**key)["Policy"], ask, lambda text: put(Policy=text)),
        pytest.raises(RehearsalError, match=r"is lost.*KeepEncryptedEvents.*aws:SourceAccount"),
    ):
        decide_in_vain(kept.client, engineer, deliveries, reject)


def test_a_handler_that_returns_a_bare_text_answers_as_something_else(
    kept: Kept, people: dict[str, Person]
) -> None:
    put_another_handler(kept, "1000", BARE_TEXT)
    update_serving(kept, "1000")
    wait_for("the update", lambda: is_live(kept, "1000") or None, 60)
    # One column of many: this handler gives a refusal, too, as a text alone.
    row = kept.sample.drifted_rows()[0]
    with pytest.raises(RehearsalError, match=r"answers text/html; .* BASE64, which no monitor reads"):
        acts.predict(people["MLOps engineer"], Served(NAME), ["Lot_Area"], row)


def version_one(kept: Kept) -> str:
    versions = kept.client("sagemaker").list_model_packages(ModelPackageGroupName=NAME, SortOrder="Ascending")
    return str(versions["ModelPackageSummaryList"][0]["ModelPackageArn"])


def put_another_handler(kept: Kept, version: str, program: str) -> None:
    """The same model with more behind its inference.py, past the release, which would refuse it."""
    s3, bucket = kept.client("s3"), kept.outputs("dev-foundation")["ArtifactsBucketName"]
    below = "models/house-prices"
    artifact = s3.get_object(Bucket=bucket, Key=f"{below}/1/model.tar.gz")["Body"].read()
    changed_artifact = with_another_handler(artifact, program)
    s3.put_object(
        Bucket=bucket, Key=f"{below}/{version}/model.tar.gz", Body=changed_artifact, IfNoneMatch="*"
    )


def update_serving(kept: Kept, version: str) -> None:
    """As the release does."""
    kept.client("cloudformation").update_stack(
        StackName=f"{NAME}-serving",
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": "ModelVersion", "ParameterValue": version},
            {"ParameterKey": "ModelImage", "UsePreviousValue": True},
        ],
    )


def with_another_handler(artifact: bytes, program: str) -> bytes:
    """Of two files of the same name in an archive, the last one stays."""
    whole = (REPOSITORY / "pipeline_code" / "inference.py").read_bytes() + program.encode()
    member = tarfile.TarInfo("code/inference.py")
    member.size = len(whole)
    unpacked = io.BytesIO(gzip.decompress(artifact))
    with tarfile.open(fileobj=unpacked, mode="a") as archive:
        archive.addfile(member, io.BytesIO(whole))
    return gzip.compress(unpacked.getvalue())


def is_live(kept: Kept, version: str) -> bool:
    (stack,) = kept.client("cloudformation").describe_stacks(StackName=f"{NAME}-serving")["Stacks"]
    parameters = {item["ParameterKey"]: item["ParameterValue"] for item in stack["Parameters"]}
    return (parameters["ModelVersion"], stack["StackStatus"]) == (version, "UPDATE_COMPLETE")
