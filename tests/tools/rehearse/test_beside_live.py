"""After a release every execution of the pipeline measures the live version, too."""

import json

import pytest

from tests.kept_rehearsal import Kept
from tools.rehearse.people import Person
from tools.rehearse.pipeline import run_pipeline

pytestmark = pytest.mark.changes_the_rehearsal

NAME = "dev-house-prices"


def test_the_same_delivery_makes_a_version_that_differs_in_nothing_from_the_live_one(
    kept: Kept, people: dict[str, Person]
) -> None:
    scientist, outputs = people["data scientist"], kept.outputs("dev-foundation")
    sagemaker = scientist.client("sagemaker")
    registered = sagemaker.list_model_packages(ModelPackageGroupName=NAME, SortOrder="Ascending")
    before = [each["ModelPackageArn"] for each in registered["ModelPackageSummaryList"]]
    first = sagemaker.describe_model_package(ModelPackageName=before[0])["CustomerMetadataProperties"]
    assert first["BesideLive"] == "nothing is live"
    version = kept.outputs(f"{NAME}-serving")["DeployedModelVersion"]
    (live,) = [arn for arn in before if arn.endswith(f"/{version}")]
    learnt_from = sagemaker.describe_model_package(ModelPackageName=live)["CustomerMetadataProperties"][
        "InputData"
    ]

    execution = run_pipeline(scientist, NAME, {"InputData": learnt_from}, print)

    place = f"executions/house-prices/{execution.split('/')[-1]}"
    key = f"{place}/evaluation/comparison.json"
    body = scientist.client("s3").get_object(Bucket=outputs["ArtifactsBucketName"], Key=key)["Body"].read()
    comparison = json.loads(body)
    assert (comparison["version"], comparison["is_worse"]) == (version, "no")
    assert comparison["value"] == comparison["live_value"]
    now = sagemaker.list_model_packages(ModelPackageGroupName=NAME)["ModelPackageSummaryList"]
    (second,) = [each["ModelPackageArn"] for each in now if each["ModelPackageArn"] not in before]
    said = sagemaker.describe_model_package(ModelPackageName=second)["CustomerMetadataProperties"]
    assert said["BesideLive"] == comparison["told"]
    assert said["RegisterIfWorse"] == "no"
    assert said["DriftFromLive"] == f"no difference from the baselines of the live version {version}"
    kept.client("sagemaker").delete_model_package(ModelPackageName=second)
