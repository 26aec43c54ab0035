"""No check of the stacks finds anything that is not acknowledged on one resource, for a good reason."""

import difflib
from pathlib import Path
from unittest import mock

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from config.settings import Settings
from stacks.stage import build_app
from tests.security.acknowledgements import Acknowledgement, Metadata, unacknowledged
from tests.security.conftest import Row
from tests.security.template_tools import VALIDATION, Finding
from tests.stacks.nag import PACKS, NagFinding, nag_findings
from tests.stacks.synthesis import Synthesis

SHORTEST_REASON = 40
MOST_ALIKE = 0.6
# Gone from the constructs once it is acknowledged, so that nothing can be compared with it.
WARNING_OF_CDK = "@aws-cdk/"


@pytest.fixture(scope="module")
def acknowledgements(assemblies: list[Metadata]) -> list[Acknowledgement]:
    return [each for assembly in assemblies for each in assembly.acknowledgements]


@pytest.fixture(scope="module")
def unexplained(settings: Settings) -> list[NagFinding]:
    """What cdk-nag finds when nothing is acknowledged."""
    with mock.patch.object(cdk.Validations, "acknowledge"):
        return list(nag_findings(build_app(settings)))


@pytest.mark.parametrize("pack", PACKS)
def test_cdk_nag_finds_nothing_that_is_not_acknowledged(
    pack: str, syntheses: list[Synthesis], row: Row
) -> None:
    findings = [each for synthesis in syntheses for each in synthesis.nag_findings]
    found = [f"{each.rule} {each.path}" for each in findings if each.pack == pack]
    row(f"cdk-nag: {pack}", f"{len(found)} findings")
    assert found == []


@pytest.mark.waits_for_others
@pytest.mark.parametrize("tool", ["validation", "cfn-lint", "checkov"])
def test_no_tool_finds_anything_in_a_template_that_is_not_acknowledged(
    tool: str, template_findings: dict[str, list[Finding]], assemblies: list[Metadata], row: Row
) -> None:
    found = unacknowledged(template_findings[tool], assemblies)
    name = "CloudFormation's validation" if tool == "validation" else tool
    row(name, f"{len(found)} findings, warnings included")
    assert [f"{each.rule} {each.template.stem} {each.logical_id}: {each.message}" for each in found] == []


def test_cdk_nag_would_find_an_open_bucket() -> None:
    app = cdk.App(analytics_reporting=False)
    s3.CfnBucket(cdk.Stack(app, "Open"), "Bucket")
    assert {each.pack for each in nag_findings(app)} == set(PACKS)


@pytest.mark.waits_for_others
def test_the_tools_for_templates_find_an_open_bucket_or_a_wrong_type(
    all_findings: dict[str, list[Finding]], open_template: Path
) -> None:
    found = {
        tool: {each.rule for each in findings if each.template == open_template}
        for tool, findings in all_findings.items()
    }
    assert {f"{VALIDATION}::W3030", f"{VALIDATION}::SAGEMAKER_1"} <= found["validation"]
    assert f"{VALIDATION}::E3030" in found["cfn-lint"]
    assert "Checkov::CKV_AWS_18" in found["checkov"]


def test_every_acknowledgement_is_about_one_resource(assemblies: list[Metadata]) -> None:
    for assembly in assemblies:
        for each in assembly.acknowledgements:
            assert assembly.is_about_one_resource(each), each


def test_every_acknowledgement_has_a_reason_of_substance(
    acknowledgements: list[Acknowledgement],
    assemblies: list[Metadata],
    unexplained: list[NagFinding],
    row: Row,
) -> None:
    rule_texts = {each.rule: each.description for each in unexplained}
    shipped = assemblies[0].acknowledgements
    row("acknowledgements", f"{len(shipped)}, for {len({each.reason for each in shipped})} reasons")
    for each in acknowledgements:
        assert len(each.reason) >= SHORTEST_REASON, each
        rule_text = rule_texts.get(each.rule, "").lower()
        alike = difflib.SequenceMatcher(None, each.reason.lower(), rule_text).ratio()
        assert alike < MOST_ALIKE, f"{each} repeats the rule: {rule_text}"


@pytest.mark.waits_for_others
def test_no_acknowledgement_outlives_its_finding(
    assemblies: list[Metadata], unexplained: list[NagFinding], template_findings: dict[str, list[Finding]]
) -> None:
    shipped = assemblies[0]
    found = [(each.rule, each.path) for each in unexplained]
    for tool in template_findings.values():
        found += [(each.rule, shipped.paths.get((each.template, each.logical_id), "")) for each in tool]
    stale = [
        each
        for each in shipped.acknowledgements
        if not each.rule.startswith(WARNING_OF_CDK)
        and not any(rule == each.rule and f"{path}/".startswith(f"{each.path}/") for rule, path in found)
    ]
    assert stale == []


def test_synthesis_warns_of_nothing(syntheses: list[Synthesis]) -> None:
    warnings = [
        (construct.node.path, entry.data)
        for synthesis in syntheses
        for construct in synthesis.app.node.find_all()
        for entry in construct.node.metadata
        if entry.type in ("aws:cdk:warning", "aws:cdk:error")
    ]
    assert warnings == []
