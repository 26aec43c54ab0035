"""What a tutorial has its reader type works on a rehearsal, and prints what stands below it."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from config.mistakes.errors import ConfigurationError
from config.settings import load_settings
from tests.docs.pages import (
    DOCS,
    REPOSITORY,
    TUTORIALS,
    blocks,
    in_words_of_the_sample,
    outputs,
    session,
)
from tests.kept_rehearsal import Kept

SHOWN = {
    "dev": r'StackName="([\w-]+)-foundation"',
    "config/environments/dev.yaml": r"(config/environments/[\w-]+\.yaml)",
    "111111111111": r":(\d{12}):",
    "us-east-1": r"arn:aws:sagemaker:([a-z0-9-]+):",
}
"""Where a tutorial shows what it calls things, by what the sample calls them."""
PERSONAS = ("data-engineer", "data-scientist", "mlops-engineer", "platform-engineer")
IN_PYTHON = [page for page in TUTORIALS if session(page.read_text("utf-8"), with_changes=False)]


@pytest.mark.parametrize("page", IN_PYTHON, ids=lambda page: page.stem)
def test_what_is_typed_prints_what_stands_below_it(page: Path, kept: Kept) -> None:
    typed = session(in_words_of_the_sample(page.read_text("utf-8"), SHOWN), with_changes=False)
    printed = list(outputs(typed, {**os.environ, **kept.environment}))
    assert len(printed) == len(typed)
    for block, output in zip(typed, printed, strict=True):
        assert block.is_printed_by(output), f"{block.content}\nprints\n{output}\nnot\n{block.printed}"


def test_mistakes_are_told_as_the_platform_engineer_reads_them(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "tests" / "sample", tmp_path / "config")
    file = tmp_path / "config" / "environments" / "dev.yaml"
    text = file.read_text("utf-8").replace("region: us-east-1", "region: us-est-1")
    file.write_text(text.replace("max: 2}", "max: 2, mx: 3}", 1), "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_settings(tmp_path / "config")
    page = in_words_of_the_sample((DOCS / "tutorials" / "platform-engineer.md").read_text("utf-8"), SHOWN)
    (shown,) = [block for block in blocks(page) if "did you mean" in block.content]
    assert replace(shown, printed=shown.content).is_printed_by(str(refused.value))


def test_every_persona_has_a_tutorial() -> None:
    assert {page.stem for page in TUTORIALS} == set(PERSONAS)


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_every_tutorial_shows_a_result_or_says_what_its_steps_print(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "make local-aws" in text
    assert "![" in text or all(block.printed for block in blocks(text) if "print(" in block.content)


def test_a_block_that_prints_something_else_is_noticed(tmp_path: Path) -> None:
    (block,) = blocks("```python\nprint(1)\n```\n\n```text\none … three\n```\n")
    assert block.is_printed_by("one two three\n")
    assert not block.is_printed_by("one two")
    assert [each.changes for each in blocks("<!-- changes the rehearsal -->\n```python\n1\n```")] == [True]


def test_docs_has_a_page_for_every_line_of_its_index() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    nested = {"decisions", "tutorials"}
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md") if page.parent.name not in nested}
    assert {page for page in pages if f"]({page})" not in index} == {"index.md"}
