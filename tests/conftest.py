"""Fixtures of the whole test session: the settings, and the cloud assemblies that they make."""

from typing import TYPE_CHECKING

import pytest

from config.settings import Settings, load_settings

if TYPE_CHECKING:
    from tests.stacks.cloud import Cloud
    from tests.stacks.synthesis import Synthesis


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="write tests/snapshots anew from the templates instead of comparing",
    )


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
