"""cdk-nag and cfn-lint find nothing; what they would find and is right carries its reason."""

import json
from typing import Any, NamedTuple

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.stacks.cloud import Cloud, Template
from tests.stacks.synthesis import Synthesis, nag_findings

SHORTEST_REASON = 20
# CDK acknowledges its literal zones on the stack by itself.
ACKNOWLEDGED_BY_CDK = "CloudFormation-Validate::W3010"
IGNORED_BY_CFN_LINT = {
    "W3010": "Zones are configured, because looking them up would make synthesis depend on an account.",
}


class Note(NamedTuple):
    """Metadata of a construct."""

    construct: Any
    path: str
    kind: str
    data: Any


@pytest.fixture(scope="module")
def notes(synthesis: Synthesis) -> list[Note]:
    return [
        Note(construct, construct.node.path, entry.type, entry.data)
        for construct in synthesis.shipped_app.node.find_all()
        for entry in construct.node.metadata
    ]


@pytest.fixture(scope="module")
def acknowledged(notes: list[Note]) -> list[Note]:
    kind = "aws:cdk:acknowledged-rules"
    found = [note for note in notes if note.kind == kind and set(note.data) != {ACKNOWLEDGED_BY_CDK}]
    assert found
    return found


def test_cdk_nag_finds_nothing_that_is_not_explained(synthesis: Synthesis) -> None:
    assert list(synthesis.nag_findings) == []


def test_cdk_nag_would_find_an_open_bucket() -> None:
    app = cdk.App(analytics_reporting=False)
    s3.CfnBucket(cdk.Stack(app, "Open"), "Bucket")
    assert "AwsSolutions-S1 Open/Bucket" in nag_findings(app)


def test_every_acknowledgement_is_about_one_resource(acknowledged: list[Note]) -> None:
    for note in acknowledged:
        assert not isinstance(note.construct, cdk.Stack | cdk.Stage | cdk.App), note.path
        assert isinstance(note.construct.node.default_child, cdk.CfnResource), note.path


def test_every_acknowledgement_has_a_reason(acknowledged: list[Note]) -> None:
    for note in acknowledged:
        for rule, reason in note.data.items():
            assert len(reason) >= SHORTEST_REASON, f"{note.path}: {rule}: {reason}"


def test_synthesis_warns_of_nothing(notes: list[Note]) -> None:
    assert [note for note in notes if note.kind in ("aws:cdk:warning", "aws:cdk:error")] == []


def test_cfn_lint_finds_nothing(cloud: Cloud) -> None:
    findings = []
    for template in _different(cloud):
        arguments = ManualArgs(regions=[template.region], ignore_checks=list(IGNORED_BY_CFN_LINT))
        matches = lint(json.dumps(template.body), config=arguments)
        findings += [f"{template.stack}: {match.rule.id} {match.message} {match.path}" for match in matches]
    assert findings == []


def _different(cloud: Cloud) -> list[Template]:
    """One template of those that differ only in the names of environment, account and region.

    Linting takes most of a second for each; equal templates have equal findings.
    """
    different: dict[str, Template] = {}
    for template in cloud.templates:
        text = json.dumps(template.body)
        for name in (f"{template.environment}-", template.account, template.region):
            text = text.replace(name, "")
        text = text.replace(f'"{template.environment}"', "").replace(f" {template.environment}", "")
        if template.resources:
            different.setdefault(text, template)
    return list(different.values())
