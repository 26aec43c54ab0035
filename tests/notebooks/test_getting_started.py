"""The notebook, run from top to bottom against the embedded AWS with a data scientist's credentials."""

import json
import os
import re
from itertools import takewhile
from typing import Any

import pytest

from tests.kept_rehearsal import Kept
from tools.notebook.execution import (
    Account,
    data_scientist,
    deliver_the_others,
    execute,
    may_be_engineer,
    read_notebook,
)

pytestmark = pytest.mark.changes_the_rehearsal

PIPELINE = "dev-house-prices"
REFUSED_CELL = "refusal"
PICTURES = {
    *("price-distribution", "price-against-living-area", "price-by-neighborhood", "missing-values"),
    *("steps", "comparison", "evaluation", "predictions", "drift"),
}

Cells = dict[str, Any]


@pytest.fixture(scope="module")
def account(kept: Kept) -> Account:
    return Account({**os.environ, **kept.environment}, kept.client, "dev")


@pytest.fixture(scope="module")
def delivery(kept: Kept, account: Account) -> str:
    return deliver_the_others(account, kept.sample)


@pytest.fixture(scope="module")
def alone(account: Account, delivery: str) -> Cells:
    """The cells of somebody who is a data scientist and nothing else."""
    return _run(data_scientist(account, PIPELINE, delivery))


@pytest.fixture(scope="module")
def both(account: Account, delivery: str, alone: Cells, tmp_path_factory: pytest.TempPathFactory) -> Cells:
    """The cells of a data scientist who may act as MLOps engineer, after somebody else has run it.

    Without those that try something by code, where they act as data scientists only.
    """
    engineer = may_be_engineer(account, tmp_path_factory.mktemp("profiles"))
    return _run(data_scientist(account, PIPELINE, delivery) | engineer, until="by-code-md")


@pytest.fixture(scope="module")
def registered(alone: Cells, kept: Kept) -> dict[str, Any]:
    """The version that the second half has registered."""
    sagemaker = kept.client("sagemaker")
    (number,) = re.findall(r"^Version (\d+) is ", _printed(alone, "register-by-code"))
    versions = sagemaker.list_model_packages(ModelPackageGroupName=PIPELINE)["ModelPackageSummaryList"]
    (arn,) = (each["ModelPackageArn"] for each in versions if each["ModelPackageVersion"] == int(number))
    version: dict[str, Any] = sagemaker.describe_model_package(ModelPackageName=arn)
    return version


@pytest.fixture(scope="module")
def training(registered: dict[str, Any], kept: Kept) -> dict[str, Any]:
    """The training job of the second half."""
    name = registered["CustomerMetadataProperties"]["TrainingJob"]
    job: dict[str, Any] = kept.client("sagemaker").describe_training_job(TrainingJobName=name)
    return job


@pytest.fixture(scope="module")
def evaluation(training: dict[str, Any], kept: Kept) -> dict[str, Any]:
    """The processing job of the second half."""
    name = f"{training['TrainingJobName']}-evaluate"
    job: dict[str, Any] = kept.client("sagemaker").describe_processing_job(ProcessingJobName=name)
    return job


def _run(variables: dict[str, str], until: str = "") -> Cells:
    notebook = read_notebook()
    notebook.cells = list(takewhile(lambda cell: cell["id"] != until, notebook.cells))
    return {cell["id"]: cell for cell in execute(notebook, variables).cells}


def _printed(cells: Cells, cell_id: str) -> str:
    outputs = cells[cell_id]["outputs"]
    streams = [output["text"] for output in outputs if output["output_type"] == "stream"]
    return "".join(streams + [output.get("data", {}).get("text/plain", "") for output in outputs])


def _outputs(cells: Cells, output_type: str) -> dict[str, Any]:
    return {
        cell_id: output
        for cell_id, cell in cells.items()
        for output in cell.get("outputs", [])
        if output["output_type"] == output_type
    }


def test_no_cell_fails_except_the_approval_by_a_data_scientist(alone: Cells, both: Cells) -> None:
    for cells in (alone, both):
        errors = _outputs(cells, "error")
        assert set(errors) == {REFUSED_CELL}
        assert "is not authorized to perform: sagemaker:UpdateModelPackage" in errors[REFUSED_CELL]["evalue"]
        assert "explicit deny" in errors[REFUSED_CELL]["evalue"]


def test_no_cell_warns(alone: Cells, both: Cells) -> None:
    outputs = [
        output for cells in (alone, both) for cell in cells.values() for output in cell.get("outputs", [])
    ]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []


def test_it_acts_as_the_data_scientist(alone: Cells) -> None:
    assert re.search(r"assumed-role/dev-foundation-DataScientistRole", _printed(alone, "who"))


def test_it_shows_all_houses_of_the_newest_delivery(alone: Cells) -> None:
    assert "2830 houses: 1980 train, 572 validation, 278 test" in _printed(alone, "data")


def test_it_watches_every_step_of_the_execution_that_it_starts(alone: Cells, kept: Kept) -> None:
    pipeline = kept.client("sagemaker").describe_pipeline(PipelineName=PIPELINE)
    steps = json.loads(pipeline["PipelineDefinition"])["Steps"]
    registering = [step for each in steps for step in each["Arguments"].get("IfSteps", [])]
    ended = re.findall(r"^(\w+) +(\w+) +\d+\.\d s$", _printed(alone, "run"), re.MULTILINE)
    assert {status for _, status in ended} == {"Succeeded"}
    assert {name for name, _ in ended} == {step["Name"] for step in [*steps, *registering]}
    assert "Register" in {name for name, _ in ended}


def test_it_compares_the_execution_with_the_one_before(alone: Cells) -> None:
    table = _printed(alone, "compare")
    assert re.search(r"before +\w+ +house_prices_later.csv, 278 test houses", table)
    assert re.search(r"after +\w+ +until_2009.csv, 255 test houses", table)
    row = re.search(r"within_10_percent +(0\.\d+) +(0\.\d+) +(-?0\.\d+) +0\.\d+", table)
    assert row is not None
    before, after, difference = (float(number) for number in row.groups())
    assert min(before, after) >= 0.7
    assert after - before == pytest.approx(difference, abs=0.002)


def test_a_data_scientist_is_told_who_approves(alone: Cells) -> None:
    said = _printed(alone, "approval")
    assert "Somebody with the MLOps engineer's role has to decide" in said
    assert "Version 3 is PendingManualApproval" in said
    assert "version 1" in _printed(alone, "serving")


def test_a_data_scientist_is_told_who_may_read_recorded_requests(alone: Cells) -> None:
    assert "Your role may not read recorded requests: ask the MLOps engineer" in _printed(alone, "drift")


def test_who_may_act_as_mlops_engineer_approves_and_the_version_serves(both: Cells) -> None:
    assert "Version 5 is Approved" in _printed(both, "approval")
    assert "Endpoint dev-house-prices is InService with version 5" in _printed(both, "serving")


def test_a_second_run_on_the_same_delivery_reuses_what_was_trained(both: Cells) -> None:
    train = re.search(r"^Train +Succeeded +(\d+\.\d) s$", _printed(both, "run"), re.MULTILINE)
    assert train is not None
    assert float(train[1]) < 1


def test_the_endpoint_answers_close_to_the_sale_prices(both: Cells) -> None:
    differences = [abs(float(found)) for found in re.findall(r"([+-]\d+\.\d)%", _printed(both, "invocation"))]
    assert len(differences) == 12
    assert sorted(differences)[6] < 10


def test_the_monitor_says_what_has_drifted(both: Cells) -> None:
    assert re.search(r"^Report of \d{4}-\d\d-\d\d \d\d:00$", _printed(both, "monitoring"), re.MULTILINE)
    assert re.search(r"^Year_Sold: .*exceeds threshold: 0.1$", _printed(both, "monitoring"), re.MULTILINE)


def test_by_code_one_hyperparameter_is_changed(alone: Cells, training: dict[str, Any]) -> None:
    changed = re.findall(r"^(\w+) +(\S+) +instead of (\S+)$", _printed(alone, "by-code"), re.MULTILINE)
    assert [(name, int(mine) - int(theirs)) for name, mine, theirs in changed] == [("max_depth", 1)]
    assert training["HyperParameters"]["max_depth"] == changed[0][1]


def test_by_code_the_own_model_is_evaluated_as_the_pipelines_but_not_beside_what_serves(
    training: dict[str, Any], evaluation: dict[str, Any]
) -> None:
    inputs = {each["InputName"]: each["S3Input"]["S3Uri"] for each in evaluation["ProcessingInputs"]}
    assert set(inputs) == {"code", "model", "validation", "test"}
    assert inputs["model"] == training["ModelArtifacts"]["S3ModelArtifacts"]
    application = evaluation["AppSpecification"]
    assert application["ImageUri"] == training["AlgorithmSpecification"]["TrainingImage"]
    assert application["ContainerArguments"] == ["--metric", "within_10_percent"]


def test_by_code_results_lie_with_the_data_scientists(
    training: dict[str, Any], evaluation: dict[str, Any]
) -> None:
    outputs = [each["S3Output"]["S3Uri"] for each in evaluation["ProcessingOutputConfig"]["Outputs"]]
    results = [training["ModelArtifacts"]["S3ModelArtifacts"], *outputs]
    places = {tuple(uri.split("/")[3:5]) for uri in results}
    assert places == {("data-science", training["TrainingJobName"])}


def test_what_is_registered_by_code_waits_and_says_that_no_pipeline_made_it(
    alone: Cells, registered: dict[str, Any]
) -> None:
    assert registered["ModelApprovalStatus"] == "PendingManualApproval"
    assert registered["CustomerMetadataProperties"]["PipelineExecutionId"] == "none"
    assert "Version 4 is PendingManualApproval" in _printed(alone, "register-by-code")


def test_every_picture_is_drawn(both: Cells) -> None:
    drawn = {
        cell_id
        for cell_id, cell in both.items()
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    }
    assert drawn == PICTURES
