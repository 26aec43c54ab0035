"""What `make promote` writes, and what it refuses to write."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.kept_rehearsal import Kept
from tools import promote
from tools.synthesized import Stack, Synthesized, read_environment

CONFIGURED = """\
use_cases:
  churn: {model: none, endpoint: {instances: {min: 1, max: 2}}}
  rents:
    # Reviewed here.
    model: latest-approved # of last week
"""
FOUNDATION = {
    "Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "artifacts"}}},
    "Outputs": {"ArtifactsBucketName": {"Value": {"Ref": "Bucket"}}},
}
ROLES = ("arn:aws:iam::1:role/x",) * 3
ENVIRONMENT = Synthesized(
    "prod",
    "123456789012",
    "us-east-1",
    (Stack("m-prod-foundation", "prod/foundation", "us-east-1", FOUNDATION, True, *ROLES),),
)


@pytest.fixture
def account() -> Iterator[Any]:
    """Version 1 is approved and has its files, version 2 is not and has not."""
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="artifacts")
        for name in promote.FILES:
            boto3.client("s3", region_name="us-east-1").put_object(
                Bucket="artifacts", Key=f"models/rents/1/{name}", Body=b"x"
            )
        sagemaker: Any = boto3.client("sagemaker", region_name="us-east-1")
        sagemaker.create_model_package_group(ModelPackageGroupName="m-prod-rents")
        for status in ("Approved", "PendingManualApproval"):
            sagemaker.create_model_package(
                ModelPackageGroupName="m-prod-rents", ModelApprovalStatus=status, ModelPackageDescription="x"
            )
        yield sagemaker


def refusal(use_case: str, version: int) -> str:
    with pytest.raises(promote.NotPromotedError) as refused:
        promote.check_version(ENVIRONMENT, use_case, version)
    return str(refused.value)


def test_a_version_is_one_line_and_whatever_else_is_said_stays() -> None:
    assert promote.with_version(CONFIGURED, "rents", 7) == CONFIGURED.replace("latest-approved", "7")
    assert promote.with_version(CONFIGURED, "churn", 12) == CONFIGURED.replace("none", "12")


@pytest.mark.parametrize(
    "beside", ["challenger: {traffic_percentage: 10, version: %d}", "shadow: {version: %d}"]
)
def test_a_version_that_was_tried_beside_the_other_one_changes_places_with_it(beside: str) -> None:
    before, after = (
        f"use_cases:\n  rents: {{{beside % other}, model: {serves}}} # Reviewed.\n"
        for serves, other in ((7, 12), (12, 7))
    )
    assert promote.with_version(before, "rents", 12) == after
    assert promote.with_version(after, "rents", 7) == before
    assert promote.with_version(before, "rents", 13) == before.replace("model: 7", "model: 13")


def test_a_use_case_that_the_environment_does_not_have_is_named() -> None:
    with pytest.raises(promote.NotPromotedError, match="has no use case rent; it has churn, rents"):
        promote.with_version(CONFIGURED, "rent", 7)


@pytest.mark.usefixtures("account")
def test_a_version_that_can_be_served_is_not_refused() -> None:
    promote.check_version(ENVIRONMENT, "rents", 1)


def test_versions_are_those_of_the_registry_that_the_environment_follows() -> None:
    groups = "arn:aws:sagemaker:us-east-1:111111111111:model-package-group/m-dev-*"
    release = Stack(
        "m-prod-release",
        "prod/release",
        "us-east-1",
        {"Outputs": {"FollowedModelPackageGroups": {"Value": groups}}},
        True,
        *ROLES,
    )
    following = replace(ENVIRONMENT, stacks=(*ENVIRONMENT.stacks, release))
    assert following.group("rents") == groups.replace("*", "rents")
    assert ENVIRONMENT.group("rents") == "m-prod-rents"


@pytest.mark.usefixtures("account")
def test_all_that_a_version_lacks_is_told() -> None:
    told = refusal("rents", 2)
    assert "its status is PendingManualApproval, not Approved" in told
    assert "s3://artifacts/models/rents/2/ lacks model.tar.gz, data-quality/statistics.json" in told


@pytest.mark.usefixtures("account")
def test_a_version_that_does_not_exist_is_told_with_those_that_do() -> None:
    assert "the group m-prod-rents has no such version (it has 1, 2)" in refusal("rents", 9)


@pytest.mark.usefixtures("account")
def test_another_account_is_not_asked_about_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    assert refusal("rents", 1) == ("prod is account 123456789012, and you are signed in to 999999999999")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(("version", "status"), [("1", 0), ("2", 1)])
def test_the_file_changes_only_for_a_version_that_can_be_served(
    version: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prod.yaml").write_text(CONFIGURED, encoding="utf-8")
    monkeypatch.setattr(promote, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(promote, "synthesize", lambda *_: ENVIRONMENT)
    assert promote.main(["prod", "rents", version]) == status
    changed = (tmp_path / "prod.yaml").read_text("utf-8") != CONFIGURED
    assert changed == (status == 0)


@pytest.mark.usefixtures("account")
def test_a_version_beside_the_one_that_serves_is_checked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before a pull request is merged. One that changes places with it need not be approved any more."""
    monkeypatch.setattr(promote, "ENVIRONMENTS", tmp_path)
    monkeypatch.setattr(promote, "synthesize", lambda *_: ENVIRONMENT)
    text = "use_cases:\n  rents: {model: %d, challenger: {version: %d, traffic_percentage: 0}}\n"
    (tmp_path / "prod.yaml").write_text(text % (1, 2), encoding="utf-8")
    assert promote.main(["prod", "rents", "1"]) == 1
    assert "version 2 of rents cannot be served in prod" in capsys.readouterr().err
    (tmp_path / "prod.yaml").write_text(text % (2, 1), encoding="utf-8")
    assert promote.main(["prod", "rents", "1"]) == 0
    assert (tmp_path / "prod.yaml").read_text("utf-8") == text % (1, 2)


@pytest.mark.parametrize("version", ["latest", "0", "v7", "-1"])
def test_only_a_number_is_a_version(version: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        promote.main(["prod", "rents", version])
    assert "version" in capsys.readouterr().err


def test_the_live_version_of_a_rehearsal_could_be_pinned(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in kept.environment.items():
        monkeypatch.setenv(name, value)
    environment = read_environment(kept.folder / "cdk.out" / "assembly-dev")
    promote.check_version(environment, "house-prices", 1)
    with pytest.raises(promote.NotPromotedError, match="no such version"):
        promote.check_version(environment, "house-prices", 99)
