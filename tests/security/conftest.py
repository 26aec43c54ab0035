"""The security gate: what its tests find out, as one table at the end of the session.

A test adds a line to the table with the `row` fixture: `row("IAM cases", "212 of 212")`, before it asserts.
The line tells what was found, and whether the test that wrote it passed.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.security.acknowledgements import Metadata
    from tests.security.template_tools import Finding, Validation
    from tests.stacks.cloud import Cloud, Template
    from tests.stacks.synthesis import Synthesis

ROW = "security gate: "
Row = Callable[[str, str], None]
_VARIED = ("network", "-serving", "-monitoring")


@pytest.fixture
def row(record_property: Callable[[str, object], None]) -> Row:
    """Adds a line to the table of the security gate."""

    def add(what: str, result: str) -> None:
        record_property(f"{ROW}{what}", result)

    return add


@pytest.fixture(scope="session")
def validation() -> "Validation":
    """CloudFormation's validation with our rules; it takes seconds to start."""
    from tests.security.template_tools import Validation

    return Validation()


@pytest.fixture(scope="session")
def assemblies(synthesis: "Synthesis") -> list["Metadata"]:
    """The metadata of the shipped environments, and of their variants."""
    from tests.security.acknowledgements import Metadata

    return [Metadata(synthesis.shipped_folder), Metadata(synthesis.variants_folder)]


@pytest.fixture(scope="session")
def template_findings(
    cloud: "Cloud", validation: "Validation", tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list["Finding"]]:
    """What each tool finds in the templates, acknowledged or not.

    In those that ship, and in those of the variants that differ from them.
    """
    from tests.security.template_tools import CheckovScan, lint

    templates = [each for each in cloud.templates if _ships(each) or each.short_name.endswith(_VARIED)]
    scan = CheckovScan(
        [template.path for template in templates], tmp_path_factory.mktemp("checkov") / "report.json"
    )
    found: dict[str, list[Finding]] = {"validation": [], "cfn-lint": []}
    for place in sorted({(template.region, template.account) for template in templates}):
        paths = [each.path for each in templates if (each.region, each.account) == place]
        region, account = place
        found["validation"] += validation.findings(paths, region=region, account=account)
        found["cfn-lint"] += lint(paths, region=region)
    return {**found, "checkov": scan.findings()}


def _ships(template: "Template") -> bool:
    return template.environment in ("dev", "prod")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, when tests of the gate ran."""
    lines = list(_lines(terminalreporter))
    if not lines:
        return
    terminalreporter.section("security gate")
    width = max(len(what) for _, what, _ in lines)
    for verdict, what, result in lines:
        terminalreporter.write_line(f"{verdict}  {what:{width}}  {result}")


def _lines(terminalreporter: pytest.TerminalReporter) -> Iterator[tuple[str, str, str]]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, result in report.user_properties:
                if name.startswith(ROW):
                    yield outcome, name.removeprefix(ROW), str(result)
