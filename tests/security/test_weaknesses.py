"""Every weakness that somebody could bring in unseen is noticed by a promise, and not by a snapshot alone."""

import subprocess
from pathlib import Path

import pytest

from tests.security.conftest import Row
from tests.security.promise import hold, is_noticed
from tests.security.weak_files import ROOT, WEAK_FILES, WeakFile
from tests.security.weaknesses import WEAKNESSES
from tests.stacks.synthesis import Synthesis


def test_every_weakness_is_noticed_without_a_snapshot(sample_synthesis: Synthesis, row: Row) -> None:
    for promise in {each.rejected_by for each in WEAKNESSES if callable(each.rejected_by)}:
        hold(promise, sample_synthesis)
    unnoticed = [each.name for each in WEAKNESSES if not is_noticed(each, sample_synthesis)]
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
