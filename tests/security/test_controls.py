"""AWS Security Hub's 25 controls for SageMaker hold; what breaks one is caught; a waived one says why."""

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.security.acknowledgements import Metadata, unacknowledged
from tests.security.conftest import Row
from tests.security.controls import BREACHES, broken, compliant
from tests.security.template_tools import CONTROLS, VALIDATION, Finding, Validation

ALL_CONTROLS = set(range(1, 26))
PREFIX = f"{VALIDATION}::SAGEMAKER_"


@pytest.fixture(scope="module")
def caught(validation: Validation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Which rules each fixture breaks; they are validated together, because that takes no longer than one."""
    folder = tmp_path_factory.mktemp("controls")
    templates = {"compliant": compliant()} | {str(control): broken(control) for control in BREACHES}
    for name, template in templates.items():
        (folder / f"{name}.json").write_text(json.dumps(template), "utf-8")
    paths = [folder / f"{name}.json" for name in templates]
    found: dict[str, set[str]] = defaultdict(set)
    for finding in validation.findings(paths, region="us-east-1", account="111111111111"):
        found[finding.template.stem].add(finding.rule)
    return found


def test_there_is_a_rule_and_a_breach_for_every_control() -> None:
    rules = re.findall(r"^rule SAGEMAKER_(\d+) ", CONTROLS.read_text("utf-8"), flags=re.MULTILINE)
    assert sorted(int(rule) for rule in rules) == sorted(ALL_CONTROLS)
    assert set(BREACHES) == ALL_CONTROLS


def test_a_template_that_fulfils_all_controls_has_no_finding_at_all(caught: dict[str, set[str]]) -> None:
    assert caught["compliant"] == set()


@pytest.mark.parametrize("control", BREACHES)
def test_what_breaks_a_control_is_caught_by_its_rule_alone(control: int, caught: dict[str, set[str]]) -> None:
    assert {rule for rule in caught[str(control)] if rule.startswith(PREFIX)} == {f"{PREFIX}{control}"}


@pytest.mark.waits_for_others
def test_every_control_holds_or_is_waived_with_a_reason(
    template_findings: dict[str, list[Finding]], assemblies: list[Metadata], row: Row
) -> None:
    found = [each for each in template_findings["validation"] if each.rule.startswith(PREFIX)]
    broken_controls = {each.rule.removeprefix(PREFIX) for each in unacknowledged(found, assemblies)}
    row("Security Hub controls for SageMaker", f"{len(ALL_CONTROLS) - len(broken_controls)}/25")
    waivers = {
        (int(each.rule.removeprefix(PREFIX)), each.reason)
        for each in assemblies[0].acknowledgements
        if each.rule.startswith(PREFIX)
    }
    for control, reason in sorted(waivers):
        row(f"  waived: SageMaker.{control}", reason)
    assert broken_controls == set()


def test_the_rules_are_not_a_copy_of_their_names(validation: Validation, tmp_path: Path) -> None:
    """A finding says in words what is wrong, not how the rule is written."""
    template = tmp_path / "template.json"
    template.write_text(json.dumps(broken(5)), "utf-8")
    (finding,) = validation.findings([template], region="us-east-1", account="111111111111")
    assert "SageMaker.5: a model's containers must be isolated from the network" in finding.message
