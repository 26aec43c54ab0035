"""app.py as the CDK CLI runs it: the same bytes every time, and nothing from a broken configuration."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from config.settings import Settings
from tools.synthesized import read_environment

ROOT = Path(__file__).parent.parent
PARTS = ("app.py", "cdk.json", "config", "data", "stacks", "notebooks", "pipeline_code", "studio_scripts")


class Synthesized(NamedTuple):
    """A run of app.py and what it wrote."""

    process: subprocess.CompletedProcess[str]
    outdir: Path


def run_app(tree: Path, outdir: Path, **context: str) -> subprocess.CompletedProcess[str]:
    """Run app.py of a tree as the CDK CLI does, without anything of this machine's AWS settings."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "CDK_", "PYTHONDONTWRITEBYTECODE"))
    }
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=tree,
        env={**environment, "CDK_OUTDIR": str(outdir), "CDK_CONTEXT_JSON": json.dumps(context)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    """The files that synthesis needs, in a folder that a test may spoil."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, tree / part)
    return tree


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    outdir = tmp_path_factory.mktemp("synthesized") / "out"
    return Synthesized(run_app(ROOT, outdir), outdir)


def test_synthesis_prints_nothing(synthesized: Synthesized) -> None:
    process = synthesized.process
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")


def test_two_syntheses_are_byte_identical(
    synthesized: Synthesized, copied_tree: Path, tmp_path: Path
) -> None:
    """Also from two places: a copy of the repository somewhere else synthesizes the same."""
    process = run_app(copied_tree, tmp_path / "second")
    assert process.returncode == 0, process.stderr
    one, other = content(synthesized.outdir), content(tmp_path / "second")
    assert one
    assert [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)] == []


def test_five_mistakes_in_two_files_are_five_lines_and_no_template(copied_tree: Path, tmp_path: Path) -> None:
    for folder in ("environments", "use_cases"):
        shutil.rmtree(copied_tree / "config" / folder)
        shutil.copytree(ROOT / "tests" / "sample" / folder, copied_tree / "config" / folder)
    _replace(copied_tree / "config/environments/dev.yaml", 'account: "111111111111"', 'account: "11111"')
    _replace(copied_tree / "config/environments/dev.yaml", "region: us-east-1", "region: us-eest-1")
    _replace(copied_tree / "config/environments/dev.yaml", "min: 1, max: 2", "min: 3, max: 2")
    _replace(copied_tree / "config/use_cases/house-prices.yaml", "problem: regression", "problem: guessing")
    _replace(copied_tree / "config/use_cases/house-prices.yaml", "algorithm: xgboost", "algoritm: xgboost")
    process = run_app(copied_tree, tmp_path / "out")
    lines = process.stderr.splitlines()
    assert process.returncode == 1
    assert process.stdout == ""
    assert not (tmp_path / "out").exists()
    assert "Traceback" not in process.stderr
    assert {line.split(":")[0] for line in lines} == {
        "config/environments/dev.yaml",
        "config/use_cases/house-prices.yaml",
    }, process.stderr
    assert all("; allowed: " in line and "; change: " in line for line in lines), process.stderr
    assert len(lines) == 5, process.stderr


def test_what_is_larger_than_aws_takes_leaves_nothing_to_deploy(copied_tree: Path, tmp_path: Path) -> None:
    _replace(copied_tree / "stacks/limits.py", "MOST_BYTES = 1_000_000", "MOST_BYTES = 10_000")
    process = run_app(copied_tree, tmp_path / "out")
    assert process.returncode == 1
    assert "is more than AWS takes; allowed: at most 10,000 bytes" in process.stderr
    assert "Traceback" not in process.stderr
    assert [*(tmp_path / "out").rglob("*.template.json")]
    assert [*(tmp_path / "out").rglob("manifest.json")] == []
    with pytest.raises(SystemExit, match="There is no environment dev; there are none"):
        read_environment(tmp_path / "out" / "assembly-dev")


def test_one_environment_is_synthesized_with_the_same_bytes(
    synthesized: Synthesized, settings: Settings, tmp_path: Path
) -> None:
    name = settings.environments[0].name
    process = run_app(ROOT, tmp_path / "one", **{"mlops:environment": name})
    assert process.returncode == 0, process.stderr
    folder = f"assembly-{name}"
    assert content(tmp_path / "one" / folder) == content(synthesized.outdir / folder)
    assert {path.name for path in (tmp_path / "one").glob("assembly-*")} == {folder}


def test_one_that_is_not_configured_is_not_synthesized_and_those_that_are_are_named(
    settings: Settings, tmp_path: Path
) -> None:
    process = run_app(ROOT, tmp_path / "one", **{"mlops:environment": "nowhere"})
    assert process.returncode == 1
    assert process.stderr.startswith('--context: mlops:environment: "nowhere": is not configured; allowed: ')
    assert all(each.name in process.stderr for each in settings.environments)
    name = settings.environments[0].name
    process = run_app(ROOT, tmp_path / "one", **{"mlops:environment": name, "mlops:use-case": "nothing"})
    assert process.returncode == 1
    assert process.stderr.startswith('--context: mlops:use-case: "nothing": is not configured; allowed: ')


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old} in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")
