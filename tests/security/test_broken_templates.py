"""Every template that somebody broke is rejected before it is deployed."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from tests.security.broken_templates import MISTAKES, Mistake
from tests.security.conftest import Row
from tests.security.promise import hold, is_noticed, with_mistake
from tests.security.template_tools import VALIDATION, Validation
from tests.stacks.cloud import Cloud, Template
from tests.stacks.synthesis import Synthesis

COUNT = 49


@pytest.fixture(scope="module")
def broken(sample: Cloud) -> dict[str, Template]:
    """The template of each mistake, with the mistake in it."""
    return {mistake.name: with_mistake(sample, mistake) for mistake in MISTAKES}


@pytest.fixture(scope="module")
def rules(
    broken: dict[str, Template],
    sample: Cloud,
    validation: Validation,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, set[str]]:
    """The rules that each broken template breaks and the correct one does not."""
    folder = tmp_path_factory.mktemp("broken")
    paths = {}
    for number, (name, template) in enumerate(broken.items()):
        paths[name] = folder / f"{number}.json"
        paths[name].write_text(json.dumps(template.body), "utf-8")
    correct = {template.path for template in broken.values()}
    found: dict[Path, set[str]] = defaultdict(set)
    place = next((each.region, each.account) for each in broken.values())
    for finding in validation.findings([*paths.values(), *correct], region=place[0], account=place[1]):
        found[finding.template].add(finding.rule.removeprefix(f"{VALIDATION}::"))
    return {name: found[paths[name]] - found[broken[name].path] for name in broken}


def test_every_broken_template_is_rejected(
    rules: dict[str, set[str]], sample_synthesis: Synthesis, row: Row
) -> None:
    for promise in {each.rejected_by for each in MISTAKES if not isinstance(each.rejected_by, str)}:
        hold(promise, sample_synthesis)
    accepted = [each.name for each in MISTAKES if not _is_rejected(each, rules, sample_synthesis)]
    row("broken templates rejected", f"{len(MISTAKES) - len(accepted)}/{len(MISTAKES)}")
    assert accepted == []
    assert len({each.name for each in MISTAKES}) == COUNT


def _is_rejected(mistake: Mistake, rules: dict[str, set[str]], synthesis: Synthesis) -> bool:
    if isinstance(mistake.rejected_by, str):
        return mistake.rejected_by in rules[mistake.name]
    return is_noticed(mistake, synthesis)
