"""The security gate: what its tests find out, as one table at the end of the session.

A test adds a line to the table with the `row` fixture: `row("IAM cases", "212 of 212")`, before it asserts.
The line tells what was found, and whether the test that wrote it passed.
"""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.security.acknowledgements import Metadata
    from tests.security.differences import Answers
    from tests.security.template_tools import CheckovScan, Finding, LintScan, Validation
    from tests.stacks.cloud import Cloud, Template
    from tests.stacks.synthesis import Synthesis

ROW = "security gate: "
Row = Callable[[str, str], None]
_VARIED = ("network", "shared", "-serving", "-monitoring", "exported-prices-training")


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
def syntheses(shipped_synthesis: "Synthesis", sample_synthesis: "Synthesis") -> "list[Synthesis]":
    """What ships, and the sample with its variants: nothing must be found in either."""
    return [shipped_synthesis, sample_synthesis]


@pytest.fixture(scope="session")
def assemblies(syntheses: "list[Synthesis]") -> "list[Metadata]":
    """The metadata of what ships, and of the sample."""
    from tests.security.acknowledgements import Metadata

    return [Metadata(synthesis.folder) for synthesis in syntheses]


@pytest.fixture(scope="session")
def templates(shipped: "Cloud", sample: "Cloud") -> "list[Template]":
    """The templates that ship, and those of the sample that differ; the same text is checked once."""
    varied = [each for each in sample.templates if _is_varied(each)]
    distinct: dict[tuple[str, str, bytes], Template] = {}
    for each in (*shipped.templates, *varied):
        distinct.setdefault((each.account, each.region, each.path.read_bytes()), each)
    return list(distinct.values())


@pytest.fixture(scope="session")
def open_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with an open bucket and a wrong type: each tool must find something in it."""
    from tests.security.controls import broken

    template = tmp_path_factory.mktemp("open") / "open.json"
    body = broken(control=1)
    body["Resources"]["Notebook"]["Properties"]["InstanceType"] = "ml.t3.tiny"
    body["Resources"]["Bucket"] = {"Type": "AWS::S3::Bucket"}
    template.write_text(json.dumps(body), "utf-8")
    return template


@pytest.fixture(scope="session")
def scans(
    templates: "list[Template]", open_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> "dict[str, list[CheckovScan | LintScan]]":
    """Scans of the templates, and of the open one, by tool."""
    from tests.security.template_tools import CheckovScan, LintScan

    reports = tmp_path_factory.mktemp("scans")
    by_region: dict[str, list[Path]] = {templates[0].region: [open_template]}
    for each in templates:
        by_region.setdefault(each.region, []).append(each.path)
    return {
        "checkov": [
            CheckovScan([path for paths in by_region.values() for path in paths], reports / "checkov.json")
        ],
        "cfn-lint": [
            LintScan(paths, reports / f"{region}.json", region=region) for region, paths in by_region.items()
        ],
    }


@pytest.fixture(scope="session")
def cdk_answers(sample: "Cloud", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Answers]":
    """What `cdk diff` says about changes, in processes of their own."""
    from tests.security.differences import ask_cdk

    with ThreadPoolExecutor(max_workers=1) as pool:
        yield ask_cdk(sample, tmp_path_factory.mktemp("differences"), pool)
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session", autouse=True)
def _start_early(request: pytest.FixtureRequest) -> None:
    """Start other processes before the first test, when a test needs them: it then need not wait for them.

    Not where no templates are made: another process has those tests.
    """
    fixtures = {item.nodeid: getattr(item, "fixturenames", ()) for item in request.session.items}
    first, _, _ = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")
    if {"synthesis", "sample_synthesis"} & set(fixtures[first]):
        for name in ("scans", "cdk_answers"):
            if any(name in names for names in fixtures.values()):
                request.getfixturevalue(name)


@pytest.fixture(scope="session")
def all_findings(
    templates: "list[Template]",
    open_template: Path,
    validation: "Validation",
    scans: "dict[str, list[CheckovScan | LintScan]]",
) -> dict[str, list["Finding"]]:
    """What each tool finds in the templates, and in the open one."""
    by_place: dict[tuple[str, str], list[Path]] = {
        (templates[0].region, templates[0].account): [open_template]
    }
    for each in templates:
        by_place.setdefault((each.region, each.account), []).append(each.path)
    validated = [
        finding
        for (region, account), paths in by_place.items()
        for finding in validation.findings(paths, region=region, account=account)
    ]
    scanned = {tool: [found for scan in begun for found in scan.findings()] for tool, begun in scans.items()}
    return {"validation": validated, **scanned}


@pytest.fixture(scope="session")
def template_findings(
    all_findings: dict[str, list["Finding"]], open_template: Path
) -> dict[str, list["Finding"]]:
    """What each tool finds in the templates, acknowledged or not."""
    return {
        tool: [each for each in findings if each.template != open_template]
        for tool, findings in all_findings.items()
    }


def _is_varied(template: "Template") -> bool:
    return template.environment in ("dev", "prod") or template.short_name.endswith(_VARIED)


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
