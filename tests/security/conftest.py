"""The security gate: what its tests find out, as one table at the end of the session.

A test adds a line to the table with the `row` fixture: `row("IAM cases", "212 of 212")`, before it asserts.
The line tells what was found, and whether the test that wrote it passed.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.security.acknowledgements import Metadata
    from tests.security.differences import Answers
    from tests.security.template_tools import CheckovScan, Finding, Validation
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
def checkov_scan(templates: "list[Template]", tmp_path_factory: pytest.TempPathFactory) -> "CheckovScan":
    """A scan of the templates, in a process of its own."""
    from tests.security.template_tools import CheckovScan

    return CheckovScan([each.path for each in templates], tmp_path_factory.mktemp("checkov") / "report.json")


@pytest.fixture(scope="session")
def cdk_answers(sample: "Cloud", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Answers]":
    """What `cdk diff` says about changes, in processes of their own."""
    from tests.security.differences import ask_cdk

    with ThreadPoolExecutor(max_workers=1) as pool:
        yield ask_cdk(sample, tmp_path_factory.mktemp("differences"), pool)
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session", autouse=True)
def _start_early(request: pytest.FixtureRequest) -> None:
    """Start other processes before the first test, when a test needs them: it then need not wait for them."""
    needed = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    for name in ("checkov_scan", "cdk_answers"):
        if name in needed:
            request.getfixturevalue(name)


@pytest.fixture(scope="session")
def template_findings(
    templates: "list[Template]", validation: "Validation", checkov_scan: "CheckovScan"
) -> dict[str, list["Finding"]]:
    """What each tool finds in the templates, acknowledged or not."""
    from tests.security.template_tools import lint

    found: dict[str, list[Finding]] = {"validation": [], "cfn-lint": []}
    for region, account in sorted({(each.region, each.account) for each in templates}):
        paths = [each.path for each in templates if (each.region, each.account) == (region, account)]
        found["validation"] += validation.findings(paths, region=region, account=account)
        found["cfn-lint"] += lint(paths, region=region)
    return {**found, "checkov": checkov_scan.findings()}


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
