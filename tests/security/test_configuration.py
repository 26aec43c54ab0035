"""Mistakes in the configuration never reach a template."""

from pathlib import Path

from tests.config.catalogue import is_refused
from tests.config.test_catalogue_of_mistakes import MISTAKES
from tests.security.conftest import Row


def test_every_mistake_of_the_catalogue_is_refused_before_synthesis(row: Row, tmp_path: Path) -> None:
    refused = [mistake for mistake in MISTAKES if is_refused(mistake, tmp_path / mistake.number)]
    row("configuration mistakes refused", f"{len(refused)} of {len(MISTAKES)}")
    assert refused == list(MISTAKES)
