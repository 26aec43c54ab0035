"""The committed templates: what a pull request does to deployed stacks shows as a difference in them.

After an intended change `make snapshots` writes them anew; the difference is then part of the review.
"""

import difflib
import functools
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.stacks.cloud import Cloud
from tests.stacks.readable import page

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
HOW_TO_RENEW = "if the change is intended, run `make snapshots` and commit the result"


@pytest.fixture(scope="module")
def rendered(shipped: Cloud) -> dict[str, str]:
    """The text of every snapshot by its path below tests/snapshots."""
    return {
        f"{template.environment}/{template.short_name}.json": page(template.body)
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


@pytest.mark.parametrize(
    ("resource_type", "path"),
    [
        ("AWS::CloudWatch::Dashboard", ("DashboardBody",)),
        ("AWS::SageMaker::Pipeline", ("PipelineDefinition", "PipelineDefinitionBody")),
        ("AWS::StepFunctions::StateMachine", ("DefinitionString",)),
    ],
)
def test_what_a_service_takes_as_text_of_json_is_committed_as_json(
    rendered: dict[str, str], resource_type: str, path: tuple[str, ...]
) -> None:
    for name, text in rendered.items():
        for logical_id, resource in json.loads(text).get("Resources", {}).items():
            if resource["Type"] == resource_type:
                value = functools.reduce(dict.__getitem__, path, resource["Properties"])
                assert list(value) == ["Fn::ToJsonString"], f"{name}: {logical_id}"


def test_no_hash_of_an_asset_is_committed(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        assert not re.findall("[0-9a-f]{64}", text), name
