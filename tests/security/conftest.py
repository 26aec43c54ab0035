"""The security gate: what its tests find out, as one table at the end of the session.

A test adds a line to the table with the `row` fixture: `row("IAM cases", "212 of 212")`, before it asserts. The
line tells what was found, and whether the test that wrote it passed.
"""

from collections.abc import Callable, Iterator

import pytest

ROW = "security gate: "
Row = Callable[[str, str], None]


@pytest.fixture
def row(record_property: Callable[[str, object], None]) -> Row:
    """Adds a line to the table of the security gate."""

    def add(what: str, result: str) -> None:
        record_property(f"{ROW}{what}", result)

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, when tests of the gate ran."""
    lines = list(_lines(terminalreporter))
    if not lines:
        return
    terminalreporter.section("security gate")
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    for what, result, verdict in lines:
        terminalreporter.write_line(f"{what:{widths[0]}}  {result:{widths[1]}}  {verdict}")


def _lines(terminalreporter: pytest.TerminalReporter) -> Iterator[tuple[str, str, str]]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, result in report.user_properties:
                if name.startswith(ROW):
                    yield name.removeprefix(ROW), str(result), outcome
