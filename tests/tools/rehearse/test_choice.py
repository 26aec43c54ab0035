"""Environment and use case of a rehearsal come from what was synthesized: no name is known to the code."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tools.rehearse import samples
from tools.rehearse.assembly import Assembly
from tools.rehearse.choice import Wanted, choose
from tools.rehearse.copies import copy_that_deploys_what_is_approved
from tools.rehearse.errors import NotThereError, RehearsalError
from tools.rehearse.samples import Sample

ROOT = Path(__file__).resolve().parents[3]
PLACE = "aws://111111111111/us-east-1"
KNOWN = ("boats", "cars")


def assembly(environment: str, *stacks: str, places: tuple[str, ...] = (PLACE,), **models: str) -> Assembly:
    """An environment whose use cases have these models."""
    templates: dict[str, dict[str, Any]] = {f"{environment}-{stack}": {} for stack in stacks}
    for use_case, model in models.items():
        parameters: dict[str, Any] = {"ModelVersion": {}} if model == "latest-approved" else {}
        sample = {"File": f"{use_case}.csv", "Target": "Price", "Column": "Year", "Value": "2010"}
        known = {"Metadata": {"Sample": sample}} if use_case in KNOWN else {}
        templates[f"{environment}-{use_case}-training"] = known
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
    choice = choose([early, assembly("live", cars="latest-approved", boats="none")], wanted)
    assert choice.name == name
    assert choice.suits_an_empty_account == (name == "live-cars")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted(use_case="planes"), "no sample for planes: name its file as `sample` in config/use_cases"),
        (Wanted("live", "planes"), r"live with planes .* there are: early \(planes\); live \(none\)"),
        (Wanted("late"), "late with any use case was not synthesized"),
    ],
)
def test_what_cannot_be_rehearsed_is_told_with_what_there_is(wanted: Wanted, words: str) -> None:
    with pytest.raises(NotThereError, match=words):
        choose([assembly("early", planes="none"), assembly("live")], wanted)


def test_what_an_environment_has_left_out_is_known() -> None:
    assert assembly("early", "network", "studio").left_out == ["catalog", "delivery"]


def test_the_stacks_of_use_cases_that_are_not_rehearsed_are_left_out() -> None:
    kinds = ("catalog", "training", "serving")
    stacks = [f"{use_case}-{kind}" for use_case in ("boats", "boats-abroad") for kind in kinds]
    there = assembly("early", "network", *stacks)
    assert there.stacks_for(["boats"]) == {
        "early-network": "early/network",
        **{f"early-boats-{kind}": f"early/boats-{kind}" for kind in kinds},
    }
    assert set(there.stacks_for(["boats-abroad"])) == {
        "early-network",
        *(f"early-boats-abroad-{kind}" for kind in kinds),
    }
    assert set(there.stacks_for(there.use_cases)) == set(there.templates)


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


def test_all_use_cases_of_the_environment_that_have_a_sample_are_told_of() -> None:
    early = assembly("early", boats="latest-approved", planes="7", cars="none")
    names = [choice.name for choice in choose([early], Wanted()).all_of_its_environment]
    assert names == ["early-boats", "early-cars"]


@pytest.mark.parametrize(
    ("metadata", "later"),
    [({"Value": "2010"}, ["2010"] * 20), ({"AtLeast": "2009"}, ["2009"] * 20 + ["2010"] * 20)],
)
def test_what_comes_later_and_what_is_kept_back_is_not_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metadata: dict[str, str], later: list[str]
) -> None:
    lines = [f"{year},{row}" for year in (2007, 2008, 2009, 2010) for row in range(20)]
    (tmp_path / "boats.csv").write_text("\n".join(["Year,Price", *lines]))
    monkeypatch.setattr(samples, "DATA_FOLDER", tmp_path)
    sample = Sample.of("boats", {"File": "boats.csv", "Target": "Price", "Column": "Year", **metadata})
    assert [row["Year"] for row in sample.drifted_rows()] == later
    kept_back = [f"{row['Year']},{row['Price']}" for row in sample.kept_back_rows()]
    delivered = sample.delivery().decode().splitlines()[1:]
    assert len(kept_back) == (80 - len(later)) // 10
    asked = {f"{row['Year']},{row['Price']}" for row in sample.drifted_rows()}
    assert {*delivered, *kept_back, *asked} == set(lines)
    assert len(delivered) + len(kept_back) + len(asked) == len(lines)


def test_a_sample_without_rows_that_come_later_says_what_to_correct() -> None:
    sample = Sample("cars", "used_cars.csv", "Price", "Cadillac", "yes")
    with pytest.raises(RehearsalError, match=r"0 of 804 rows .* Cadillac yes: .* sample.later of cars"):
        sample.delivery()
