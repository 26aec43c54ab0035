"""Environment and use case of a rehearsal come from what was synthesized: no name is known to the code."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tools.rehearse.assembly import Assembly
from tools.rehearse.choice import Wanted, choose, copy_that_deploys_what_is_approved
from tools.rehearse.errors import NotThereError, RehearsalError
from tools.rehearse.samples import SAMPLES, Sample

ROOT = Path(__file__).resolve().parents[3]
PLACE = "aws://111111111111/us-east-1"
BOATS = Sample("boats", "boats.csv", "Price", "boats", "Year", "2010", "boats of 2010")
CARS = Sample("cars", "cars.csv", "Price", "cars", "Year", "2010", "cars of 2010")
KNOWN = {sample.use_case: sample for sample in (BOATS, CARS)}


def assembly(environment: str, *stacks: str, places: tuple[str, ...] = (PLACE,), **models: str) -> Assembly:
    """An environment whose use cases have these models."""
    templates: dict[str, dict[str, Any]] = {f"{environment}-{stack}": {} for stack in stacks}
    for use_case, model in models.items():
        parameters: dict[str, Any] = {"ModelVersion": {}} if model == "latest-approved" else {}
        templates[f"{environment}-{use_case}-training"] = {}
        resources = {} if model == "none" else {"Model": {"Type": "AWS::SageMaker::Model"}}
        templates[f"{environment}-{use_case}-serving"] = {"Parameters": parameters, "Resources": resources}
    return Assembly(environment, environment, "m1", Path(environment), frozenset(places), templates)


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (Wanted(), "live-cars"),
        (Wanted(environment="early"), "early-boats"),
        (Wanted(use_case="boats"), "early-boats"),
        (Wanted("live", "cars"), "live-cars"),
    ],
)
def test_it_is_the_first_that_is_wanted_but_rather_one_that_suits_an_empty_account(
    wanted: Wanted, name: str
) -> None:
    early = assembly("early", boats="latest-approved", planes="7")
    choice = choose([early, assembly("live", cars="latest-approved", boats="none")], KNOWN, wanted)
    assert choice.name == name
    assert choice.suits_an_empty_account == (name == "live-cars")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(use_case="planes"), "no sample for planes: describe one in tools/rehearse/samples.py"),
        (Wanted("live", "planes"), r"live with planes .* there are: early \(planes\); live \(none\)"),
        (Wanted("late"), "late with any use case was not synthesized"),
    ],
)
def test_what_cannot_be_rehearsed_is_told_with_what_there_is(wanted: Wanted, words: str) -> None:
    with pytest.raises(NotThereError, match=words):
        choose([assembly("early", planes="none"), assembly("live")], KNOWN, wanted)


def test_what_an_environment_has_left_out_is_known() -> None:
    assert assembly("early", "network", "studio").left_out == ["catalog", "delivery"]


def test_an_environment_in_two_regions_is_refused_by_name() -> None:
    two = assembly("early", places=(PLACE, "aws://111111111111/us-west-2"))
    with pytest.raises(RehearsalError, match="stacks of early are not all in one account and region"):
        _ = two.place


def test_the_network_that_exists_is_read_from_its_record() -> None:
    network = {"vpc_id": "vpc-1"}
    record = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": json.dumps(network)}}
    there = assembly("early", "network")
    there.templates["early-network"]["Resources"] = {"Vpc": {"Type": "AWS::EC2::VPC"}}
    assert there.existing_network is None
    there.templates["early-network"]["Resources"] = {"Network": record}
    assert there.existing_network == network


def test_the_copy_says_latest_approved_and_is_otherwise_the_same(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(ROOT / "tests" / "sample", repository / "config")
    (repository / "app.py").write_text("")
    (repository / "stacks").mkdir()
    copy_that_deploys_what_is_approved(repository, tmp_path / "copy", "prod")
    changed, committed = (
        (folder / "config/environments/prod.yaml").read_text("utf-8").splitlines()
        for folder in (tmp_path / "copy", repository)
    )
    (line,) = [line for line, before in zip(changed, committed, strict=True) if line != before]
    assert line.strip().startswith("model: latest-approved #")
    assert (tmp_path / "copy" / "stacks").is_symlink()


def test_every_sample_has_its_file_its_target_and_rows_that_differ() -> None:
    for sample in SAMPLES.values():
        rows = sample.drifted_rows()
        assert rows
        assert sample.target in rows[0]
