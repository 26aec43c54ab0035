"""The diagrams of docs/architecture.md are those of the templates."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.diagrams.assembly import DiagramError, fullest_environment, read_stacks
from tools.diagrams.drawings import draw
from tools.diagrams.page import PAGE, with_diagrams

if TYPE_CHECKING:
    from tests.stacks.synthesis import Synthesis

Diagrams = dict[str, str]


@pytest.fixture(scope="module")
def drawn(sample_synthesis: "Synthesis") -> Diagrams:
    return draw(read_stacks(sample_synthesis.folder, "dev"))


def test_the_diagrams_are_drawn_from_the_templates(
    shipped_synthesis: "Synthesis", request: pytest.FixtureRequest
) -> None:
    stacks = read_stacks(shipped_synthesis.folder, fullest_environment(shipped_synthesis.folder))
    page = with_diagrams(PAGE.read_text("utf-8"), draw(stacks))
    if request.config.getoption("--update-snapshots"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, "run `make snapshots`"


def test_the_environment_with_the_most_stacks_is_drawn(tmp_path: Path) -> None:
    for environment, stacks in {"a": 1, "b": 3, "c": 2, "d": 3}.items():
        (tmp_path / f"assembly-{environment}").mkdir()
        for number in range(stacks):
            (tmp_path / f"assembly-{environment}" / f"{number}.template.json").touch()
    assert fullest_environment(tmp_path) == "b"


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


def test_an_environment_that_was_not_synthesized_is_named(sample_synthesis: "Synthesis") -> None:
    with pytest.raises(DiagramError, match="no environment staging; run `make synth` first"):
        read_stacks(sample_synthesis.folder, "staging")


def _nodes(diagram: str) -> set[str]:
    return set(re.findall(r"^    ([\w-]+)[\[({]", diagram, re.MULTILINE))
