"""The committed templates: what a pull request does to deployed stacks shows as a difference in them.

After an intended change `make snapshots` writes them anew; the difference is then part of the review. What a
stack holds for one of several use cases is a file of its own, so an added use case adds files.

Besides what ships there are those of the environment with every way to serve, tests/environments/matrix.yaml.
"""

import difflib
import functools
import json
import re
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.cloud import Template
from tests.stacks.synthesis import MATRIX, Synthesis, synthesized
from tools.review.readable import page

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
SNAPSHOTS_OF_MATRIX = Path(__file__).parent.parent / "matrix_snapshots"
HOW_TO_RENEW = "if the change is intended, run `make snapshots` and commit the result"


@dataclass(frozen=True)
class Shown:
    """Templates that are committed, and where."""

    folder: Path
    templates: Sequence[Template]
    use_cases: Collection[str]


@pytest.fixture(scope="module", params=["shipped", "matrix"])
def shown(request: pytest.FixtureRequest) -> Shown:
    if request.param == "shipped":
        synthesis: Synthesis = request.getfixturevalue("shipped_synthesis")
        return Shown(SNAPSHOTS, synthesis.cloud.templates, synthesis.settings.use_cases)
    synthesis = request.getfixturevalue("sample_synthesis")
    templates = [each for each in synthesis.cloud.templates if each.environment == MATRIX.stem]
    return Shown(SNAPSHOTS_OF_MATRIX, templates, synthesis.settings.use_cases)


@pytest.fixture(scope="module")
def rendered(shown: Shown) -> dict[str, str]:
    """The text of every snapshot by its path below their folder."""
    return {
        name: page(content)
        for template in shown.templates
        for name, content in _contents(template, shown.use_cases).items()
    }


def _contents(template: Template, use_cases: Collection[str]) -> dict[str, Any]:
    """A template by the paths of its snapshots: what belongs to one use case apart from the rest."""
    paths = _construct_paths(template)
    shared: dict[str, Any] = {**template.body, "Resources": {}}
    contents = {f"{template.environment}/{template.short_name}.json": shared}
    for logical_id, resource in template.section("Resources").items():
        use_case = _use_case(paths[logical_id], use_cases)
        if use_case:
            name = f"{template.environment}/{template.short_name}-{use_case}.json"
            contents.setdefault(name, {"Resources": {}})["Resources"][logical_id] = resource
        else:
            shared["Resources"][logical_id] = resource
    return contents


def _construct_paths(template: Template) -> dict[str, str]:
    """Each construct's path below its stack, by logical id. Tags cannot tell: some resources take none."""
    file = template.path.with_name(template.path.name.replace(".template.json", ".metadata.json"))
    return {
        entry["data"]: path.split("/", 3)[-1]
        for path, entries in json.loads(file.read_bytes()).items()
        for entry in entries
        if entry["type"] == "aws:cdk:logicalId"
    }


def _use_case(path: str, use_cases: Collection[str]) -> str:
    """The use case that a part of the path is called after, also at its end; empty when there is none."""
    parts = path.split("/")
    named = [name for name in use_cases if any(f"-{part}".endswith(f"-{name}") for part in parts)]
    return max(named, key=len, default="")


@pytest.fixture(scope="module")
def committed(shown: Shown, rendered: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    """The snapshots on disk, written anew first when --update-snapshots is given."""
    if request.config.getoption("--update-snapshots"):
        shutil.rmtree(shown.folder, ignore_errors=True)
        for name, text in rendered.items():
            (shown.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (shown.folder / name).write_text(text, "utf-8")
    return {
        path.relative_to(shown.folder).as_posix(): path.read_text("utf-8")
        for path in shown.folder.rglob("*")
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


def test_every_resource_is_in_one_snapshot(rendered: dict[str, str], shown: Shown) -> None:
    found = [
        (name.split("/")[0], logical_id)
        for name, text in rendered.items()
        for logical_id in json.loads(text)["Resources"]
    ]
    deployed = [
        (template.environment, resource.logical_id)
        for template in shown.templates
        for resource in template.resources
    ]
    assert sorted(found) == sorted(deployed)


def test_a_second_synthesis_of_the_matrix_writes_the_same_bytes(
    sample_synthesis: Synthesis, tmp_path: Path
) -> None:
    matrix = next(each for each in sample_synthesis.settings.environments if each.name == MATRIX.stem)
    synthesized(sample_synthesis.settings, tmp_path, matrix)
    first, second = (
        {path.name: path.read_bytes() for path in (folder / f"assembly-{MATRIX.stem}").iterdir()}
        for folder in (sample_synthesis.folder, tmp_path)
    )
    assert first == second


def test_an_added_use_case_adds_snapshots_and_changes_none(tmp_path: Path) -> None:
    before = _contents(_catalog_of(tmp_path, "prices"), ["prices"])
    after = _contents(_catalog_of(tmp_path, "prices", "house-prices"), ["prices", "house-prices"])
    assert before.items() <= after.items()
    assert after == {
        "dev/catalog.json": {"Resources": {"Database": {}}},
        "dev/catalog-prices.json": {"Resources": {"pricesTable": {}, "Rule-prices": {}}},
        "dev/catalog-house-prices.json": {"Resources": {"house-pricesTable": {}, "Rule-house-prices": {}}},
    }


def _catalog_of(folder: Path, *use_cases: str) -> Template:
    paths = {"Database": "Database"}
    for use_case in use_cases:
        paths |= {f"{use_case}Table": f"{use_case}/Table", f"Rule-{use_case}": f"Rule-{use_case}/Resource"}
    metadata = {
        f"/dev/catalog/{path}": [{"type": "aws:cdk:logicalId", "data": logical_id}]
        for logical_id, path in paths.items()
    }
    (folder / "catalog.metadata.json").write_text(json.dumps(metadata), "utf-8")
    return Template(
        environment="dev",
        account="111111111111",
        region="us-east-1",
        stack="dev-catalog",
        short_name="catalog",
        path=folder / "catalog.template.json",
        body={"Resources": {logical_id: {} for logical_id in paths}},
        waits_for=(),
        termination_protection=False,
    )


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
