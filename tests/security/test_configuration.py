"""Mistakes in the configuration never reach a template."""

from pathlib import Path

from tests.config.catalogue import not_refused
from tests.config.test_catalogue_of_mistakes import MISTAKES
from tests.security.conftest import Row

README = Path(__file__).parents[2] / "README.md"
WHAT = "configuration mistakes refused"


def test_every_mistake_of_the_catalogue_is_refused_before_synthesis(row: Row, tmp_path: Path) -> None:
    failures = {mistake.number: not_refused(mistake, tmp_path / mistake.number) for mistake in MISTAKES}
    made = [mistake for mistake in MISTAKES if mistake.can_be_made]
    refused = [mistake for mistake in made if not failures[mistake.number]]
    result = f"{len(refused)} of {len(made)}; {len(MISTAKES) - len(made)} more cannot be made at all"
    row(WHAT, result)
    assert [line for lines in failures.values() for line in lines] == []
    assert result in next(line for line in README.read_text("utf-8").splitlines() if WHAT in line)
