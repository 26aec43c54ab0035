"""Fixtures of the whole test session: configurations, and the cloud assemblies that they make.

Two kinds of tests look at templates. **Promises** (tests/promises, and the checks of tests/security) take
`cloud`: they run over whatever is configured, once for `config/` and once for the sample with its variants.
**Tests of the parts** (tests/stacks) take `sample`: they know the frozen configuration in tests/sample
by name.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from config.settings import Environment, Settings, UseCase, load_settings
from tests.kept_rehearsal import STORY_TIMEOUT_SECONDS, Kept, Told, keep_rehearsal
from tools.rehearse.waiting import wait_for

if TYPE_CHECKING:
    from tests.stacks.cloud import Cloud
    from tests.stacks.synthesis import Synthesis

# Thousands of tests, and what they import, stay: to look through them for garbage takes a tenth of the time.
gc.disable()
gc.set_threshold(50_000, 20, 100)

# How long something takes is no failure: this machine may be doing other things.
hypothesis_settings.register_profile("timeless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("timeless")

SAMPLE = Path(__file__).parent / "sample"
SHARED = {
    "kept": "rehearsal",
    "local_aws": "embedded AWS",
    "shipped_synthesis": "templates",
    "sample_synthesis": "templates",
    "synthesis": "templates",
    "shown": "templates",
}
"""What takes long to make, and who shares it."""
MARKED = {
    "puts_the_rehearsal_back": 1,
    "changes_the_rehearsal": 2,
    "breaks_the_rehearsal": 3,
    "waits_for_others": 10,
}
PLACES = {"rehearsal": 0, "embedded AWS": 4, "templates": 5}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="write what is made from the templates anew instead of comparing: tests/snapshots, pages, lists",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process has much to do when others are done.

    Tests on the kept rehearsal come first, and what breaks it last of them; then what shares something else
    that takes long to make; then what the rehearsal has told, which another process keeps; then the others,
    those of tools before those of scripts and configuration, which are short; what waits for others is last.

    In three processes (`make test`) those that share what takes long to make stay together.
    """
    items.sort(key=_place)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def _place(item: pytest.Item) -> int:
    for marker, place in MARKED.items():
        if item.get_closest_marker(marker):
            return place
    if "told" in _fixtures(item):
        return 6
    of_folders = {"tools": 7, "pipeline_code": 8}
    folder = item.path.relative_to(item.config.rootpath).parts[1]
    return PLACES.get(_group(item), of_folders.get(folder, 9))


def _group(item: pytest.Item) -> str:
    for shared in SHARED:
        if shared in _fixtures(item):
            return SHARED[shared]
    return item.path.as_posix()


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The configuration as it is committed."""
    return load_settings()


@pytest.fixture(scope="session")
def sample_settings() -> Settings:
    """The frozen configuration that tests of the parts know by name: `dev` and `prod` with house prices."""
    return load_settings(SAMPLE)


@pytest.fixture(scope="session")
def shipped_synthesis(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> "Synthesis":
    # Imported here, because starting CDK takes seconds that the tests of scripts and tools need not wait.
    from tests.stacks.synthesis import synthesize

    return synthesize(settings, tmp_path_factory.mktemp("shipped"), is_complete=False)


@pytest.fixture(scope="session")
def sample_synthesis(sample_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> "Synthesis":
    from tests.stacks.synthesis import synthesize, with_variants

    return synthesize(with_variants(sample_settings), tmp_path_factory.mktemp("sample"), is_complete=True)


@pytest.fixture(scope="session", params=["shipped", "sample"])
def synthesis(request: pytest.FixtureRequest) -> "Synthesis":
    """What a promise is about: what `config/` makes, then the sample and its variants."""
    found: Synthesis = request.getfixturevalue(f"{request.param}_synthesis")
    return found


@pytest.fixture(scope="session")
def cloud(synthesis: "Synthesis") -> "Cloud":
    """The templates that a promise is about."""
    return synthesis.cloud


@pytest.fixture(scope="session")
def environments(synthesis: "Synthesis") -> dict[str, Environment]:
    """The configuration of these templates, by environment."""
    return {environment.name: environment for environment in synthesis.settings.environments}


@pytest.fixture(scope="session")
def use_cases(synthesis: "Synthesis") -> dict[str, UseCase]:
    """The use cases of these templates, by name."""
    return synthesis.settings.use_cases


@pytest.fixture(scope="session")
def shipped(shipped_synthesis: "Synthesis") -> "Cloud":
    """The templates of the environments in config/environments."""
    return shipped_synthesis.cloud


@pytest.fixture(scope="session")
def sample(sample_synthesis: "Synthesis") -> "Cloud":
    """The templates of the sample and its variants."""
    return sample_synthesis.cloud


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A rehearsal that has told its story: one for the whole session, because it takes a minute."""
    with keep_rehearsal(tmp_path_factory.mktemp("rehearsal") / "run") as rehearsal:
        rehearsal.write(_shared(tmp_path_factory))
        yield rehearsal


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What the rehearsal has told, which another process of this session may keep."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        kept: Kept = request.getfixturevalue("kept")
        return kept
    file = _shared(tmp_path_factory)
    wait_for("the rehearsal of another process", lambda: file.is_file() or None, 2 * STORY_TIMEOUT_SECONDS)
    return Told.read(file)


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Below the folder of all processes of the session, where there are several."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "told.json"
