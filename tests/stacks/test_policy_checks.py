"""cdk-nag and cfn-lint find nothing; what they would find and is right carries its reason."""

from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from cfnlint.config import ConfigMixIn
from cfnlint.runner import Runner

from tests.stacks.cloud import Cloud
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
    """In shipped templates, and in those of the variants that depend on a model."""
    linted = [
        template
        for template in cloud.templates
        if template.environment in ("dev", "prod") or template.stack.endswith(("-serving", "-monitoring"))
    ]
    findings = []
    for region in sorted({template.region for template in linted}):
        paths = [str(template.path) for template in linted if template.region == region]
        ignored = list(IGNORED_BY_CFN_LINT)
        findings += Runner(ConfigMixIn([], templates=paths, regions=[region], ignore_checks=ignored)).run()
    assert [str(finding) for finding in findings] == []


def test_cfn_lint_would_find_a_wrong_instance_type(shipped: Cloud, tmp_path: Path) -> None:
    (template,) = (template for template in shipped.templates if template.stack == "dev-house-prices-serving")
    broken = tmp_path / "broken.json"
    broken.write_text(template.path.read_text("utf-8").replace("ml.m5.large", "ml.m5.tiny"), "utf-8")
    findings = list(Runner(ConfigMixIn([], templates=[str(broken)], regions=[template.region])).run())
    assert any("ml.m5.tiny" in str(finding) for finding in findings)
