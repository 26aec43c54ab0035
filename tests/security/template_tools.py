"""Tools that find fault with templates: CloudFormation's validation with our rules, cfn-lint, checkov."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
import jsii
from cfnlint.config import ConfigMixIn
from cfnlint.runner import Runner

CONTROLS = Path(__file__).with_name("sagemaker-controls.guard")
VALIDATION = "CloudFormation-Validate"


class Finding(NamedTuple):
    """A rule that something in a template breaks."""

    rule: str
    template: Path
    logical_id: str
    message: str


@jsii.implements(cdk.IPolicyValidationContext)
class _Context:
    """What CDK would tell the validation of an app; here of any templates. jsii sees properties only."""

    app_construct = account_id = region = property(lambda _: None)

    def __init__(self, templates: Sequence[Path], region: str, account: str) -> None:
        self._stacks = [
            cdk.PolicyValidationStack(
                stack_construct_path=str(template),
                template_path=str(template),
                region=region,
                account_id=account,
            )
            for template in templates
        ]

    @property
    def stack_templates(self) -> list[cdk.PolicyValidationStack]:
        return self._stacks

    @property
    def template_paths(self) -> list[str]:
        return [stack.template_path for stack in self._stacks]


class Validation:
    """CDK's CloudFormationValidatePlugin with its own rules and ours; warnings count as errors do."""

    def __init__(self) -> None:
        rules = cdk.ValidationRuleSource(name=CONTROLS.name, content=CONTROLS.read_text("utf-8"))
        self._plugin = cdk.CloudFormationValidatePlugin(guard_rules=[rules])

    def findings(self, templates: Sequence[Path], *, region: str, account: str) -> list[Finding]:
        """Everything from a warning upwards."""
        report = self._plugin.validate(_Context(templates, region, account))
        return [
            Finding(
                f"{VALIDATION}::{violation.rule_name}",
                Path(str(resource.template_path)),
                resource.resource_logical_id or "",
                violation.description,
            )
            for violation in report.violations
            for resource in violation.violating_resources
        ]


def lint(templates: Sequence[Path], *, region: str) -> list[Finding]:
    """What cfn-lint finds; its rules have the same ids as those of CloudFormation's validation."""
    paths = [str(template) for template in templates]
    return [
        Finding(
            f"{VALIDATION}::{match.rule.id}",
            Path(match.filename),
            str(match.path[1]) if match.path and len(match.path) > 1 else "",
            match.message,
        )
        for match in Runner(ConfigMixIn([], templates=paths, regions=[region])).run()
    ]


class CheckovScan:
    """A scan by checkov, which starts in the background: it takes ten seconds, most of them to start."""

    def __init__(self, templates: Sequence[Path], report: Path) -> None:
        checkov = shutil.which("checkov")
        if checkov is None:
            raise FileNotFoundError("checkov is not installed next to Python; run `make setup`")
        command = [checkov, "--framework", "cloudformation", "--skip-download", "--compact", "--quiet"]
        files = [argument for template in templates for argument in ("--file", str(template))]
        self._report = report
        with report.open("wb") as output:
            self._process = subprocess.Popen([*command, "--output", "json", *files], stdout=output)

    def findings(self) -> list[Finding]:
        """Wait for the end. Raises RuntimeError when checkov could not read a template."""
        self._process.wait()
        report = json.loads(self._report.read_text("utf-8"))
        if report["summary"]["parsing_errors"]:
            raise RuntimeError(f"checkov cannot read {report['results']['parsing_errors']}")
        return list(_checkov_findings(report))


def _checkov_findings(report: dict[str, Any]) -> Iterator[Finding]:
    for check in report["results"]["failed_checks"]:
        logical_id = check["resource"].split(".")[-1]
        yield Finding(
            f"Checkov::{check['check_id']}", Path(check["file_abs_path"]), logical_id, check["check_name"]
        )
