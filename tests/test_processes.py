"""`make test` runs in several processes, and what takes long to make is made in one of them only."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import os, pathlib, pytest

@pytest.mark.xdist_group("shared")
@pytest.mark.parametrize("number", range(10))
def test_which_process(number):
    pathlib.Path(f"process-{os.getpid()}").touch()
"""


def test_tests_of_one_group_run_in_one_process(tmp_path: Path) -> None:
    """The pinned pytest and xdist agree on how a group is told.

    https://github.com/pytest-dev/pytest-xdist/blob/v3.8.0/src/xdist/remote.py
    """
    for name in ("test_first.py", "test_second.py"):
        (tmp_path / name).write_text(TESTS, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )

    assert len(list(tmp_path.glob("process-*"))) == 1
