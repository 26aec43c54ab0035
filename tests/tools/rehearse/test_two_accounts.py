"""A production account follows a training account: it serves what was approved there, and nothing else."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

import boto3
import pytest

from config.settings import Settings
from tests.tools.rehearse.two_accounts import USE_CASE, TwoAccounts, two_accounts
from tools import promote
from tools.local_aws.clients import Credentials
from tools.rehearse import acts
from tools.synthesized import read_environment

Json = dict[str, Any]


@dataclass
class Lived:
    """What became of two versions, looked at as it happened."""

    both: TwoAccounts
    packages: list[str] = field(default_factory=list)
    served: list[tuple[str, str]] = field(default_factory=list)
    """What the two accounts served after each decision: the training account, then the follower."""
    ends: list[Json] = field(default_factory=list)
    replaced: Json = field(default_factory=dict)
    """What came of a file that was another one when the follower copied it."""

    def decide(self, package: str, decision: str) -> None:
        trained, followed = self.both.decide(package, decision)
        self.ends.append({**trained, **followed})
        self.served.append((self.both.trainer.serves, self.both.follower.serves))

    def release(self, package: str) -> Json:
        """Start the follower's release as its rule does, and wait for its end."""
        follower, before = self.both.follower, self.both.follower.releases
        given = {"ModelPackageArn": package, "UseCase": USE_CASE, "FollowsLatest": True}
        client = follower.aws.client("stepfunctions")
        client.start_execution(stateMachineArn=follower.release, input=json.dumps(given))
        ((execution, status),) = follower.ended(before).items()
        history = client.get_execution_history(executionArn=execution)["events"]
        return {"status": status, "history": json.dumps(history, default=str), "serves": follower.serves}


@pytest.fixture(scope="module")
def lived(sample_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Two versions are approved; before the second has travelled, its file is another one for a while."""
    with two_accounts(sample_settings, tmp_path_factory.mktemp("two-accounts")) as both:
        story, delivery = Lived(both), both.deliver()
        story.packages.append(both.train(delivery))
        story.decide(story.packages[0], "Approved")
        story.packages.append(both.train(delivery))
        with _without_events(both):
            both.approve_there(story.packages[1])
            with _replaced(both, both.trainer.artifact("2")):
                story.replaced = story.release(story.packages[1])
        story.decide(story.packages[1], "Approved")
        yield story


@contextmanager
def _without_events(both: TwoAccounts) -> Iterator[None]:
    """Decisions are not forwarded."""
    events = both.trainer.aws.client("events")
    (rule,) = events.list_rules(NamePrefix="dev-release-DecisionForProd")["Rules"]
    events.disable_rule(Name=rule["Name"])
    yield
    events.enable_rule(Name=rule["Name"])


@contextmanager
def _replaced(both: TwoAccounts, artifact: dict[str, str]) -> Iterator[None]:
    """By the operator of the embedded AWS, whom no policy limits: nobody else could."""
    s3 = both.trainer.aws.client("s3")
    original = s3.get_object(**artifact)["Body"].read()
    for body in (b"poison", original):
        s3.delete_object(**artifact)
        s3.put_object(**artifact, Body=body, IfNoneMatch="*", ChecksumAlgorithm="SHA256")
        if body != original:
            yield


def _configuration(lived: Lived) -> str:
    follower = lived.both.follower
    described = follower.aws.client("sagemaker").describe_endpoint(EndpointName=follower.name)
    return str(described["EndpointConfigName"])


def test_what_was_approved_in_one_account_is_served_by_the_other_under_the_same_number(lived: Lived) -> None:
    assert lived.served[:2] == [("1", "1"), ("2", "2")]
    assert {status for ends in lived.ends for status in ends.values()} == {"SUCCEEDED"}
    trainer, follower = lived.both.trainer, lived.both.follower
    for number, package in enumerate(lived.packages, 1):
        described = trainer.aws.client("sagemaker").describe_model_package(ModelPackageName=package)
        execution = described["CustomerMetadataProperties"]["PipelineExecutionId"]
        key = f"executions/{USE_CASE}/{execution}/record/record.json"
        recorded = json.load(trainer.aws.client("s3").get_object(Bucket=trainer.bucket, Key=key)["Body"])
        assert trainer.digest(f"{number}") == follower.digest(f"{number}") == recorded["model"]


def test_the_endpoint_of_the_follower_reads_its_own_copy_whose_bytes_have_that_digest(lived: Lived) -> None:
    follower = lived.both.follower
    sagemaker = follower.aws.client("sagemaker")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=_configuration(lived))
    (variant,) = config["ProductionVariants"]
    container = sagemaker.describe_model(ModelName=variant["ModelName"])["Containers"][0]
    assert container["ModelDataUrl"] == "s3://{Bucket}/{Key}".format(**follower.artifact("2"))
    body = follower.aws.client("s3").get_object(**follower.artifact("2"))["Body"].read()
    assert base64.b64encode(sha256(body).digest()).decode() == follower.digest("2")


def test_baselines_and_evaluation_have_travelled_for_the_monitors(lived: Lived) -> None:
    trainer, follower = lived.both.trainer, lived.both.follower
    record = f"models/{USE_CASE}/2/record.json"
    assert follower.objects("2").keys() == trainer.objects("2").keys() - {record}
    below = {key.partition("/2/")[2] for key in follower.objects("2")}
    assert {
        "data-quality/statistics.json",
        "evaluation/constraints.json",
        "evaluation/evaluation.json",
    } < below


def test_the_follower_has_neither_pipeline_nor_registry(lived: Lived) -> None:
    sagemaker = lived.both.follower.aws.client("sagemaker")
    assert sagemaker.list_pipelines()["PipelineSummaries"] == []
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_an_approval_that_comes_three_times_changes_nothing(lived: Lived) -> None:
    follower, before = lived.both.follower, _configuration(lived)
    objects = follower.objects("2")
    for _ in range(3):
        lived.decide(lived.packages[1], "Approved")
    assert set(lived.ends[-1].values()) == {"SUCCEEDED"}
    assert (_configuration(lived), follower.objects("2")) == (before, objects)


def test_an_approval_that_comes_late_does_not_take_the_newer_version_back(lived: Lived) -> None:
    released = lived.release(lived.packages[0])
    assert (released["status"], released["serves"]) == ("SUCCEEDED", "2")


def _promote(lived: Lived, version: int) -> None:
    """What `make promote` asks, as the follower's MLOps engineer."""
    follower = lived.both.follower
    engineer = follower.people["MLOps engineer"].credentials
    own = {
        "AWS_ACCESS_KEY_ID": engineer.access_key_id,
        "AWS_SECRET_ACCESS_KEY": engineer.secret_access_key,
        "AWS_SESSION_TOKEN": engineer.session_token,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**follower.aws.environment(), **own}.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        promote.check_version(read_environment(follower.assembly.folder), USE_CASE, version)


def test_a_version_is_promoted_that_the_other_registry_has_and_whose_files_are_here(lived: Lived) -> None:
    _promote(lived, 2)
    with pytest.raises(promote.NotPromotedError) as refused:
        _promote(lived, 9)
    told = str(refused.value)
    assert "model-package-group/dev-house-prices has no such version (it has 1, 2)" in told
    assert "models/house-prices/9/ lacks model.tar.gz" in told


def test_a_version_of_another_registry_is_refused(lived: Lived) -> None:
    """Also where its number, its group's name and all that it says of itself are right."""
    follower = lived.both.follower
    sagemaker = follower.aws.client("sagemaker")
    original = lived.both.trainer.aws.client("sagemaker").describe_model_package(
        ModelPackageName=lived.packages[0]
    )
    sagemaker.create_model_package_group(ModelPackageGroupName=lived.both.trainer.name)
    forged = sagemaker.create_model_package(
        ModelPackageGroupName=lived.both.trainer.name,
        InferenceSpecification=original["InferenceSpecification"],
        CustomerMetadataProperties=original["CustomerMetadataProperties"],
        ModelApprovalStatus="Approved",
    )["ModelPackageArn"]
    released = lived.release(forged)
    assert (released["status"], released["serves"]) == ("FAILED", "2")
    assert "is not authorized to perform: sagemaker:DescribeModelPackage" in released["history"]


def _attempts(lived: Lived, attacker: Credentials) -> Iterator[tuple[str, Any]]:
    """What nobody of the production account may do to the training account."""
    trainer, aws = lived.both.trainer, lived.both.follower.aws
    s3, sagemaker, events = (aws.client(service, attacker) for service in ("s3", "sagemaker", "events"))
    other = {"Bucket": trainer.bucket, "Key": "models/churn/1/model.tar.gz"}
    training = {"Bucket": trainer.bucket, "Key": f"training/{USE_CASE}/x/output/model.tar.gz"}
    yield "read another use case's model", lambda: s3.get_object(**other)
    yield "read what was not released", lambda: s3.get_object(**training)
    yield (
        "read raw data",
        lambda: s3.get_object(
            Bucket=trainer.outputs("foundation")["DataBucketName"], Key=f"raw/{USE_CASE}/x.csv"
        ),
    )
    yield "look into the bucket", lambda: s3.list_objects_v2(Bucket=trainer.bucket)
    yield "write a model", lambda: s3.put_object(**trainer.artifact("9"), Body=b"poison", IfNoneMatch="*")
    yield "remove a model", lambda: s3.delete_object(**trainer.artifact("1"))
    yield (
        "decide",
        lambda: sagemaker.update_model_package(
            ModelPackageArn=lived.packages[0], ModelApprovalStatus="Rejected"
        ),
    )
    yield (
        "look at another group",
        lambda: sagemaker.describe_model_package(
            ModelPackageName=lived.packages[0].replace(USE_CASE, "churn")
        ),
    )
    bus = f"arn:aws:events:{aws.region}:{trainer.aws.account}:event-bus/default"
    entry = {"Source": "x", "DetailType": "x", "Detail": "{}", "EventBusName": bus}
    yield "tell the training account something", lambda: events.put_events(Entries=[entry])


@pytest.mark.parametrize("who", ["an administrator", "the release"])
def test_nobody_in_the_production_account_reads_other_use_cases_or_writes_in_the_training_account(
    lived: Lived, who: str
) -> None:
    follower = lived.both.follower
    role = f"arn:aws:iam::{follower.aws.account}:role/prod/prod-release"
    attacker = follower.become(role, "states") if who == "the release" else follower.administrator("attacker")
    for what, call in _attempts(lived, attacker):
        acts.expect_refusal(who, what, call)
    own = lived.both.trainer.artifact("1")
    s3 = follower.aws.client("s3", attacker)
    if who == "the release":
        assert s3.get_object(**own)["ContentLength"] > 0
    else:
        acts.expect_refusal(who, "read a model that travels", lambda: s3.get_object(**own))


def test_an_administrator_of_the_training_account_cannot_put_files_beside_the_release(lived: Lived) -> None:
    trainer = lived.both.trainer
    s3 = trainer.aws.client("s3", trainer.administrator("insider"))
    for version in ("1", "9"):
        put = partial(s3.put_object, **trainer.artifact(version), Body=b"poison", IfNoneMatch="*")
        acts.expect_refusal("an administrator", "write a version's file", put)


def test_a_file_that_was_replaced_after_the_approval_is_refused(lived: Lived) -> None:
    assert (lived.replaced["status"], lived.replaced["serves"]) == ("FAILED", "1")
    why = "model.tar.gz of the version is not what its execution has recorded"
    assert why in lived.replaced["history"]


def test_rejecting_the_live_version_brings_the_previous_one_back_in_both(lived: Lived) -> None:
    before = _configuration(lived)
    lived.decide(lived.packages[1], "Rejected")
    assert lived.served[-1] == ("1", "1")
    assert _configuration(lived) != before
    with pytest.raises(promote.NotPromotedError, match="its status is Rejected, not Approved"):
        _promote(lived, 2)
