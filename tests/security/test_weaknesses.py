"""Every weakness that somebody could bring in unseen is noticed by a promise, and not by a snapshot alone."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from pathlib import Path

import pytest

from tests.promises.test_monitoring import monitors_of
from tests.promises.test_studio import domains_of
from tests.security.broken_templates import Mistake
from tests.security.conftest import Row
from tests.security.test_broken_templates import with_mistake
from tests.security.weak_files import ROOT, WEAK_FILES, WeakFile
from tests.security.weaknesses import WEAKNESSES
from tests.stacks.cloud import Cloud
from tests.stacks.network.test_vpc_endpoints import gates_of
from tests.stacks.synthesis import Synthesis


def test_every_weakness_is_noticed_without_a_snapshot(sample_synthesis: Synthesis, row: Row) -> None:
    for promise in {each.rejected_by for each in WEAKNESSES if callable(each.rejected_by)}:
        _hold(promise, sample_synthesis)
    unnoticed = [each.name for each in WEAKNESSES if not _is_noticed(each, sample_synthesis)]
    row("weaknesses noticed without a snapshot", f"{len(WEAKNESSES) - len(unnoticed)}/{len(WEAKNESSES)}")
    assert unnoticed == []
    assert len({each.name for each in WEAKNESSES}) == len(WEAKNESSES) >= 100


@pytest.mark.parametrize("weak", WEAK_FILES, ids=lambda weak: weak.name)
def test_every_weak_file_is_noticed(weak: WeakFile, tmp_path: Path) -> None:
    text = (ROOT / weak.path).read_text("utf-8")
    assert weak.old in text
    file = tmp_path / Path(weak.path).name
    file.write_text(text, "utf-8")
    weak.noticed_by(file)
    file.write_text(text.replace(weak.old, weak.new), "utf-8")
    with pytest.raises((AssertionError, KeyError, subprocess.CalledProcessError)):
        weak.noticed_by(file)


def _is_noticed(weakness: Mistake, synthesis: Synthesis) -> bool:
    assert callable(weakness.rejected_by)
    weak = with_mistake(synthesis.cloud, weakness)
    others = [each for each in synthesis.cloud.templates if each.stack != weak.stack]
    try:
        _hold(weakness.rejected_by, replace(synthesis, cloud=Cloud([*others, weak])))
    # A promise about something that is not even there ends with whatever Python makes of it.
    except Exception:
        return True
    return False


def _hold(promise: Callable[..., None], synthesis: Synthesis) -> None:
    """Raise AssertionError if it does not."""
    environments = {each.name: each for each in synthesis.settings.environments}
    made: dict[str, Callable[[], object]] = {
        "cloud": lambda: synthesis.cloud,
        "sample": lambda: synthesis.cloud,
        "synthesis": lambda: synthesis,
        "environments": lambda: environments,
        "domains": lambda: list(domains_of(synthesis.cloud, environments)),
        "gates": lambda: gates_of(synthesis.cloud, "dev"),
        "monitors": lambda: monitors_of(synthesis.cloud),
    }
    promise(**{name: made[name]() for name in signature(promise).parameters})
