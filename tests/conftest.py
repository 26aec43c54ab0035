"""Fixtures of the whole test session: the settings, and the cloud assemblies that they make."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from config.settings import Settings, load_settings
from tests.kept_rehearsal import Kept, keep_rehearsal

if TYPE_CHECKING:
    from tests.stacks.cloud import Cloud
    from tests.stacks.synthesis import Synthesis


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="write tests/snapshots anew from the templates instead of comparing",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on the kept rehearsal come last; of those first the ones that change it, then what breaks it."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.get_closest_marker("breaks_the_rehearsal"):
        return 3
    if item.get_closest_marker("changes_the_rehearsal"):
        return 2
    return 1 if "kept" in getattr(item, "fixturenames", ()) else 0


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The configuration as it is committed."""
    return load_settings()


@pytest.fixture(scope="session")
def synthesis(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> "Synthesis":
    """Every environment as it is committed, and the variants that the promises must hold for as well."""
    # Imported here, because starting CDK takes seconds that the tests of scripts and tools need not wait.
    from tests.stacks.synthesis import synthesize

    return synthesize(settings, tmp_path_factory.mktemp("assemblies"))


@pytest.fixture(scope="session")
def shipped(synthesis: "Synthesis") -> "Cloud":
    """The templates of the environments in config/environments."""
    return synthesis.shipped


@pytest.fixture(scope="session")
def cloud(synthesis: "Synthesis") -> "Cloud":
    """The templates of all environments and variants: what a promise is about."""
    return synthesis.everything


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A rehearsal that has told its story: one for the whole session, because it takes a minute."""
    with keep_rehearsal(tmp_path_factory.mktemp("rehearsal") / "run") as rehearsal:
        yield rehearsal
