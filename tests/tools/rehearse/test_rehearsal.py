"""The whole story in its own process, and then what a person does with the embedded AWS it leaves running."""

import itertools
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.kept_rehearsal import REPOSITORY, Kept
from tools.rehearse.waiting import wait_for

NAME = "dev-house-prices"


def test_the_story_ends_with_metric_predictions_endpoint_and_violations(kept: Kept) -> None:
    end = kept.story[kept.story.index("Success metric") :]
    metric = re.search(r"within_10_percent = (0\.\d+) \(at least 0\.7\)", end)
    assert metric is not None
    assert float(metric[1]) >= 0.7
    assert f"Endpoint         {NAME}" in end
    assert len(re.findall(r"^\s+[\d,]+\s+[\d,]+\s+[+-]\d+\.\d%$", end, re.MULTILINE)) == 3
    assert "none in 100 rows that are like the delivery" in end
    assert "Year_Sold: baseline_drift_check" in end
    assert "Drift alarm      ALARM" in end
    assert re.search(
        r"Live quality     within_10_percent = 0\.\d+ on 200 requests whose outcome was told", end
    )
    assert "the criterion is held" in end
    assert "Retraining       version 2 has learnt from house_prices_later.csv, because of the alarm" in end


def test_the_rule_that_approves_has_looked_and_left_what_may_be_chance_to_people(kept: Kept) -> None:
    states = kept.client("stepfunctions")
    machine = kept.outputs(f"{NAME}-monitoring")["RetrainingStateMachineArn"]
    first = states.list_executions(stateMachineArn=machine)["executions"][-1]["executionArn"]

    def entered() -> list[str] | None:
        events = states.get_execution_history(executionArn=first, maxResults=1000)["events"]
        found = [
            each["stateEnteredEventDetails"]["name"] for each in events if "stateEnteredEventDetails" in each
        ]
        return found if "TellOfVersion" in found else None

    found = wait_for("the decision", entered, 60)
    assert found[found.index("TellOfVersion") - 1] == "IsBetter"
    assert "Approve" not in found


def test_the_first_deployment_has_no_model_and_says_so(kept: Kept) -> None:
    assert f"There is no model yet: {NAME}-serving says EndpointName none" in kept.story


@pytest.mark.parametrize(
    ("persona", "what", "action"),
    [
        ("data engineer", "start the pipeline", "sagemaker:StartPipelineExecution"),
        ("data scientist", "approve version 1", "sagemaker:UpdateModelPackage"),
        ("MLOps engineer", "read the raw delivery", "s3:GetObject"),
    ],
)
def test_each_person_is_refused_what_is_another_persons_to_do(
    kept: Kept, persona: str, what: str, action: str
) -> None:
    told = kept.story[kept.story.index(f"The {persona} tries to {what} and is refused") :]
    assert f"is not authorized to perform: {action}" in told.splitlines()[1]


def test_a_decision_that_starts_no_release_waits_where_an_alarm_sees_it(kept: Kept) -> None:
    told = kept.story[
        kept.story.index("rejects version 1 while nothing starts a release: an alarm says so") :
    ]
    assert "is not authorized to perform: states:StartExecution" in told.splitlines()[1]


def test_the_held_out_tenth_reaches_the_figures(kept: Kept) -> None:
    assert float(_number("within_10_percent = ", kept.story)) >= 0.70
    assert float(_number("median_absolute_percentage_error ", kept.story)) <= 0.060


def _number(label: str, text: str) -> str:
    found = re.search(re.escape(label) + r"([0-9.]+)", text)
    assert found is not None, label
    return found[1]


def test_page_and_pictures_of_the_evaluation_are_kept(kept: Kept) -> None:
    assert "Evaluation of Sale_Price" in (kept.folder / "evaluation.html").read_text("utf-8")
    pictures = {path.name for path in kept.folder.glob("*.png")}
    assert pictures == {
        *("predicted_against_actual.png", "residuals.png", "importance.png", "contributions.png"),
    }


def test_plain_boto3_is_answered_as_aws_would(kept: Kept) -> None:
    stacks = kept.client("cloudformation").describe_stacks()["Stacks"]
    assert {f"{NAME}-serving", "dev-foundation"} <= {stack["StackName"] for stack in stacks}
    versions = kept.client("sagemaker").list_model_packages(ModelPackageGroupName=NAME)
    assert [
        (version["ModelPackageVersion"], version["ModelApprovalStatus"])
        for version in versions["ModelPackageSummaryList"]
    ] == [(2, "PendingManualApproval"), (1, "Approved")]
    endpoint = kept.client("sagemaker").describe_endpoint(EndpointName=NAME)
    assert endpoint["EndpointStatus"] == "InService"
    alarms = kept.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert any("live requests differ" in alarm["AlarmDescription"] for alarm in alarms)


def test_the_endpoint_answers_json_by_feature_name(kept: Kept) -> None:
    house = {"Gr_Liv_Area": 1500, "Year_Built": 1990, "Neighborhood": "North_Ames"}
    schema = _request_schema(kept)
    row = {**dict.fromkeys(schema), **house}
    answer = kept.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=NAME, ContentType="application/json", Accept="application/json", Body=json.dumps([row])
    )
    (prediction,) = json.loads(answer["Body"].read())["predictions"]
    assert 50_000 < prediction < 500_000


def _request_schema(kept: Kept) -> list[str]:
    described = kept.client("sagemaker").describe_pipeline(PipelineName=NAME)
    steps = json.loads(described["PipelineDefinition"])["Steps"]
    arguments = steps[0]["Arguments"]["AppSpecification"]["ContainerArguments"]
    pairs = itertools.pairwise(arguments)
    return [
        name for flag, value in pairs if flag in ("--numeric", "--categorical") for name in value.split(",")
    ]


def test_cdk_diff_shows_no_differences(kept: Kept) -> None:
    """By templates: for a change set the CLI takes defaults of parameters, which a deployment keeps."""
    diff = kept.cdk("diff", "--method=template", "dev/*")
    assert diff.returncode == 0, diff.stdout
    assert "Number of stacks with differences: 0" in diff.stdout


def test_nothing_has_drifted_from_its_template(kept: Kept) -> None:
    cloudformation = kept.client("cloudformation")
    for stack in cloudformation.describe_stacks()["Stacks"]:
        cloudformation.detect_stack_drift(StackName=stack["StackName"])
    after = cloudformation.describe_stacks()["Stacks"]
    assert {stack["DriftInformation"]["StackDriftStatus"] for stack in after} == {"IN_SYNC"}


def test_deploying_again_keeps_the_model_that_approval_has_deployed(kept: Kept, tmp_path: Path) -> None:
    """It is deployed as continuous delivery does: from the assembly, where none of the stacks' code is."""
    _give_what_deploys(kept, tmp_path)
    choice = ("ENVIRONMENT=dev", "ASSEMBLY=cdk.out", "APPROVAL=never")
    deployed = kept.run("make", "--directory", str(tmp_path), "deploy", *choice)
    assert deployed.returncode == 0, deployed.stdout
    (stack,) = kept.client("cloudformation").describe_stacks(StackName=f"{NAME}-serving")["Stacks"]
    assert {"ParameterKey": "ModelVersion", "ParameterValue": "1"} in stack["Parameters"]


def _give_what_deploys(kept: Kept, folder: Path) -> None:
    shutil.copytree(kept.folder / "cdk.out", folder / "cdk.out")
    for name in ("Makefile", "requirements", "tools", "node_modules"):
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / ".venv").mkdir()
    (folder / ".venv/bin").symlink_to(REPOSITORY / ".venv/bin")
    (folder / ".venv/.deploy-ready").touch()


def test_the_cdk_cli_remembers_the_embedded_account_in_the_folder_only(kept: Kept) -> None:
    """In the home of the user it would take another account for this one, and the other way round."""
    known = json.loads((kept.folder / "cdk-home/cache/accounts_partitions.json").read_text("utf-8"))
    assert [place["accountId"] for place in known.values()] == ["111111111111"]
    assert not kept.home_of_the_cdk.exists()


@pytest.mark.breaks_the_rehearsal
def test_an_unknown_resource_type_fails_the_deployment_and_is_named(kept: Kept, tmp_path: Path) -> None:
    assembly = _with_a_resource(kept, tmp_path, {"Type": "AWS::SageMaker::Oracle", "Properties": {}})
    deployed = kept.cdk("deploy", "dev/network", "--exclusively", "--app", str(assembly))
    assert deployed.returncode != 0
    assert "AWS::SageMaker::Oracle" in deployed.stdout


def _with_a_resource(kept: Kept, folder: Path, resource: dict[str, Any]) -> Path:
    """A copy of the assembly whose network template has one more resource."""
    copy = Path(shutil.copytree(kept.folder / "cdk.out", folder / "cdk.out")) / "assembly-dev"
    (template,) = copy.glob("devnetwork*.template.json")
    body = json.loads(template.read_text("utf-8"))
    body["Resources"]["Mystery"] = resource
    template.write_text(json.dumps(body), "utf-8")
    # The CLI publishes a template under its hash, and not at all when that hash is there already.
    assets = copy / template.name.replace(".template.json", ".assets.json")
    files = json.loads(assets.read_text("utf-8"))["files"]
    (old_hash,) = [key for key, file in files.items() if file["source"]["path"] == template.name]
    for path in (assets, copy / "manifest.json"):
        path.write_text(path.read_text("utf-8").replace(old_hash, "0" * 64), "utf-8")
    return copy
