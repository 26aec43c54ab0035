"""Tools that find fault with templates: CloudFormation's validation with our rules, cfn-lint, checkov."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
import jsii

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


class _Scan:
    """A tool in a process of its own: it works while others do, and most of its time it starts."""

    def __init__(self, report: Path, tool: str, *arguments: str) -> None:
        program = shutil.which(tool)
        if program is None:
            raise FileNotFoundError(f"{tool} is not installed next to Python; run `make setup`")
        self._report = report
        with report.open("wb") as output:
            self._process = subprocess.Popen([program, *arguments], stdout=output)

    def answer(self) -> Any:
        """What it has written, at its end."""
        self._process.wait()
        return json.loads(self._report.read_text("utf-8"))


class LintScan(_Scan):
    """cfn-lint in one region; its rules have the same ids as those of CloudFormation's validation."""

    def __init__(self, templates: Sequence[Path], report: Path, *, region: str) -> None:
        files = [str(template) for template in templates]
        super().__init__(report, "cfn-lint", "--format", "json", "--regions", region, "--", *files)

    def findings(self) -> list[Finding]:
        """Wait for the end."""
        return [
            Finding(
                f"{VALIDATION}::{match['Rule']['Id']}",
                Path(match["Filename"]),
                _logical_id(match["Location"]["Path"]),
                match["Message"],
            )
            for match in self.answer()
        ]


def _logical_id(path: list[str | int] | None) -> str:
    return str(path[1]) if path and len(path) > 1 else ""


class CheckovScan(_Scan):
    """checkov, which has a virtual environment of its own."""

    def __init__(self, templates: Sequence[Path], report: Path) -> None:
        files = [argument for template in templates for argument in ("--file", str(template))]
        options = ("--framework", "cloudformation", "--skip-download", "--compact", "--quiet")
        super().__init__(report, "checkov", *options, "--output", "json", *files)

    def findings(self) -> list[Finding]:
        """Wait for the end. Raises RuntimeError when checkov could not read a template."""
        report = self.answer()
        if report["summary"]["parsing_errors"]:
            raise RuntimeError(f"checkov cannot read {report['results']['parsing_errors']}")
        return [
            Finding(
                f"Checkov::{check['check_id']}",
                Path(check["file_abs_path"]),
                check["resource"].split(".")[-1],
                check["check_name"],
            )
            for check in report["results"]["failed_checks"]
        ]
