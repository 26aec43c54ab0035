"""`python -m tools.review`: what it reads, writes, and ends with."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.security.differences import DIFFERENCES
from tests.tools.review.small import BUCKET, TODAY, template
from tools.review.__main__ import CODE, main
from tools.review.findings import Verdict
from tools.review.outcome import review
from tools.review.readable import page
from tools.review.stacks import SNAPSHOTS, ReviewError, Stack, of_commit, of_folder, of_templates

if TYPE_CHECKING:
    from tests.stacks.cloud import Cloud
    from tests.stacks.synthesis import Synthesis

ROOT = Path(__file__).parents[3]


def test_every_folder_that_stacks_upload_from_is_looked_at() -> None:
    text = "".join(file.read_text("utf-8") for file in (ROOT / "stacks").rglob("*.py"))
    uploaded = {name for name in re.findall(r'/ "(\w+)"', text) if (ROOT / name).is_dir()}
    assert {"pipeline_code", "image"} < uploaded <= set(CODE)


def snapshots(folder: Path, **resources: object) -> Path:
    (folder / "dev").mkdir(parents=True)
    (folder / "dev" / "data.json").write_text(page(template(**resources)), "utf-8")  # type: ignore[arg-type]
    return folder


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        ({"Data": BUCKET}, Verdict.NONE),
        ({"Data": BUCKET, "More": BUCKET}, Verdict.NOTABLE),
        ({}, Verdict.DESTRUCTIVE),
    ],
)
def test_it_ends_with_the_verdict_and_writes_comment_and_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], after: dict[str, object], verdict: Verdict
) -> None:
    folders = [snapshots(tmp_path / "before", Data=BUCKET), snapshots(tmp_path / "after", **after)]
    ended = main(["--folders", *map(str, folders), "--output", str(tmp_path / "out")])
    assert ended == verdict.value
    assert (tmp_path / "out" / "comment.md").read_text("utf-8") in capsys.readouterr().out
    assert (tmp_path / "out" / "review.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_commit_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--base", "no-such-branch", "--output", str(tmp_path)]) == Verdict.DESTRUCTIVE.value
    assert "no-such-branch" in capsys.readouterr().err


def test_a_folder_without_templates_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="neither snapshots nor a cloud assembly"):
        of_folder(tmp_path)


def committed(folder: Path) -> None:
    """All that a folder holds, as a repository's first commit."""
    alone = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "--quiet"], ["add", "."], [*alone, "commit", "--quiet", "--message", "one"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


def test_a_commit_is_read_without_checking_it_out(tmp_path: Path) -> None:
    snapshots(tmp_path / SNAPSHOTS, Data=BUCKET)
    committed(tmp_path)
    shutil.rmtree(tmp_path / SNAPSHOTS)
    assert [*of_commit(tmp_path, "HEAD")["dev/data"].resources] == ["Data"]


def test_what_a_stack_holds_for_one_use_case_is_put_back_into_it(tmp_path: Path) -> None:
    snapshots(tmp_path, Data=BUCKET)
    part = {"Resources": {"OfHouses": {"Type": "AWS::SNS::Topic"}}}
    (tmp_path / "dev" / "data-houses.json").write_text(json.dumps(part), "utf-8")
    (stack,) = of_folder(tmp_path).values()
    assert [*stack.resources] == ["Data", "OfHouses"]


def test_snapshots_and_the_assembly_that_they_show_are_equal(shipped_synthesis: "Synthesis") -> None:
    shown, synthesized = of_folder(ROOT / SNAPSHOTS), of_folder(shipped_synthesis.folder)
    assert shown.keys() == synthesized.keys()
    assert review(shown, synthesized, today=TODAY).rows == []


def test_termination_protection_that_an_assembly_loses_is_told() -> None:
    before, after = (Stack("dev", "data", template(), is_protected=each) for each in (True, False))
    (row,) = review({"dev/data": before}, {"dev/data": after}, today=TODAY).rows
    assert row.text == "termination protection: on → off"


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.name)
def test_what_the_cdk_cli_calls_destructive_is_destructive(difference, sample: "Cloud") -> None:  # type: ignore[no-untyped-def]
    """That the CDK CLI calls it so, tests/security/test_differences.py asks it."""
    template_of = {each.stack: each for each in sample.templates}[f"dev-{difference.stack}"]
    changed = json.loads(json.dumps(template_of.body))
    difference.change(changed)
    found = review(
        of_templates("dev", {difference.stack: template_of.body}),
        of_templates("dev", {difference.stack: changed}),
        today=TODAY,
    )
    assert (found.verdict is Verdict.DESTRUCTIVE) == ("destructive" in difference.kinds)
