"""The committed templates: what a pull request does to deployed stacks shows as a difference in them.

After an intended change `make snapshots` writes them anew; the difference is then part of the review.
"""

import difflib
import json
import shutil
from pathlib import Path

import pytest

from tests.stacks.cloud import Cloud
from tests.stacks.readable import readable

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
HOW_TO_RENEW = "if the change is intended, run `make snapshots` and commit the result"


@pytest.fixture(scope="module")
def rendered(shipped: Cloud) -> dict[str, str]:
    """The text of every snapshot by its path below tests/snapshots."""
    return {
        f"{template.environment}/{template.short_name}.json": (
            json.dumps(readable(template.body), indent=2, ensure_ascii=False) + "\n"
        )
        for template in shipped.templates
    }


@pytest.fixture(scope="module")
def committed(rendered: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    """The snapshots on disk, written anew first when --update-snapshots is given."""
    if request.config.getoption("--update-snapshots"):
        shutil.rmtree(SNAPSHOTS, ignore_errors=True)
        for name, text in rendered.items():
            (SNAPSHOTS / name).parent.mkdir(parents=True, exist_ok=True)
            (SNAPSHOTS / name).write_text(text, "utf-8")
    return {
        path.relative_to(SNAPSHOTS).as_posix(): path.read_text("utf-8")
        for path in SNAPSHOTS.rglob("*")
        if path.is_file()
    }


def test_every_stack_has_a_snapshot_and_every_snapshot_a_stack(
    rendered: dict[str, str], committed: dict[str, str]
) -> None:
    assert sorted(committed) == sorted(rendered), HOW_TO_RENEW


def test_every_template_is_as_it_was_committed(rendered: dict[str, str], committed: dict[str, str]) -> None:
    differences = [
        line
        for name in sorted(rendered.keys() & committed.keys())
        for line in difflib.unified_diff(
            committed[name].splitlines(),
            rendered[name].splitlines(),
            f"committed {name}",
            f"synthesized {name}",
            lineterm="",
        )
    ]
    if differences:
        pytest.fail("\n".join([*differences, HOW_TO_RENEW]), pytrace=False)


def test_embedded_json_is_opened_and_hashes_are_replaced(sample: Cloud) -> None:
    training = readable(sample.stack("dev-house-prices-training").body)["Resources"]["Pipeline"]
    definition = training["Properties"]["PipelineDefinition"]["PipelineDefinitionBody"]
    release = readable(sample.stack("dev-release").body)["Resources"]["Release"]
    monitoring = readable(sample.stack("dev-house-prices-monitoring").body)["Resources"]
    (dashboard,) = (body for body in monitoring.values() if body["Type"] == "AWS::CloudWatch::Dashboard")
    assert release["Properties"]["DefinitionString"]["StartAt"] == "DescribeVersion"
    assert len(dashboard["Properties"]["DashboardBody"]["widgets"]) == 4
    code = definition["Steps"][0]["Arguments"]["AppSpecification"]["ContainerEntrypoint"][1]
    assert code == "/opt/ml/processing/input/code/<asset>.zip"


def test_what_cloudformation_fills_in_is_readable_inside_embedded_json() -> None:
    pieces = ['{"b":"', {"Ref": "Data"}, '/raw","a":["', {"Fn::GetAtt": ["Key", "Arn"]}, '"]}']
    assert readable({"Fn::Join": ["", pieces]}) == {"a": ["${Key.Arn}"], "b": "${Data}/raw"}


def test_a_string_that_only_looks_like_json_stays_as_it_is() -> None:
    template = '{"ModelPackageArn":<arn>}'
    assert readable(template) == template
