"""The diagrams of docs/architecture.md and the figures of docs/costs.md are those of the templates."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.diagrams.assembly import DiagramError, read_stacks
from tools.diagrams.drawings import draw
from tools.diagrams.page import PAGE, with_diagrams
from tools.review import costs_page
from tools.review.stacks import of_folder

if TYPE_CHECKING:
    from tests.stacks.synthesis import Synthesis

Diagrams = dict[str, str]


@pytest.fixture(scope="module")
def drawn(sample_synthesis: "Synthesis") -> Diagrams:
    return draw(read_stacks(sample_synthesis.folder))


def test_the_diagrams_are_drawn_from_the_templates(
    shipped_synthesis: "Synthesis", request: pytest.FixtureRequest
) -> None:
    page = with_diagrams(PAGE.read_text("utf-8"), draw(read_stacks(shipped_synthesis.folder)))
    if request.config.getoption("--update-snapshots"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "run `make snapshots`"


def test_the_costs_are_those_of_the_templates(
    shipped_synthesis: "Synthesis", request: pytest.FixtureRequest
) -> None:
    written = costs_page.PAGE.read_text("utf-8")
    page = costs_page.with_costs(written, of_folder(shipped_synthesis.folder))
    if request.config.getoption("--update-snapshots"):
        costs_page.PAGE.write_text(page, "utf-8")
    assert costs_page.PAGE.read_text("utf-8") == page, "run `make snapshots`"


def test_every_stack_step_and_state_is_in_a_diagram(drawn: Diagrams) -> None:
    assert {"foundation", "network", "release"} <= _nodes(drawn["stacks"])
    assert {"Preprocess", "Train", "Evaluate", "CheckMetric", "Register"} <= _nodes(drawn["pipeline"])
    assert {"DescribeVersion", "UpdateServing", "UpdateMonitoring"} <= _nodes(drawn["release"])


def test_every_arrow_connects_two_nodes(drawn: Diagrams) -> None:
    for diagram in drawn.values():
        arrows = re.findall(r"^    ([\w-]+).* (?:-->|-\.->)(?:\|.*\|)? ([\w-]+)$", diagram, re.MULTILINE)
        assert arrows
        assert {node for arrow in arrows for node in arrow} <= _nodes(diagram)


def test_a_page_with_other_diagrams_is_refused(drawn: Diagrams) -> None:
    page = (
        "<!-- diagram: stacks -->\n<!-- end of diagram -->\n<!-- diagram: other -->\n<!-- end of diagram -->"
    )
    with pytest.raises(DiagramError, match=r"the page has the diagrams \['other', 'stacks'\]"):
        with_diagrams(page, drawn)


def test_without_a_synthesis_nothing_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(DiagramError, match="has no environment"):
        read_stacks(tmp_path)


def _nodes(diagram: str) -> set[str]:
    return set(re.findall(r"^    ([\w-]+)[\[({]", diagram, re.MULTILINE))
