"""A rehearsal disturbs no other one, and says so before it does any work."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.kept_rehearsal import REPOSITORY, SAMPLE_APP, Kept
from tools.rehearse.__main__ import main
from tools.rehearse.errors import RehearsalError
from tools.rehearse.folders import empty, only_here


def test_a_second_rehearsal_leaves_the_folder_of_the_first_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with only_here(tmp_path):
        (tmp_path / "local-aws.log").write_text("mine")
        assert main(["--folder", str(tmp_path)]) == 1
    assert "name another folder with --folder" in capsys.readouterr().err
    assert (tmp_path / "local-aws.log").read_text() == "mine"


def test_the_folder_is_free_again_when_a_rehearsal_is_killed(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from tools.rehearse.folders import only_here
with only_here(Path({str(tmp_path)!r})):
    print("here", flush=True)
    sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"here\n"
    with pytest.raises(RehearsalError, match="another rehearsal works in"), only_here(tmp_path):
        pass
    process.kill()
    process.communicate()
    with only_here(tmp_path):
        (tmp_path / "cdk.out").mkdir()
        empty(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".in-use"]


def test_files_of_somebody_else_are_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RehearsalError, match="holds files of somebody else"), only_here(tmp_path):
        pass
    assert (tmp_path / "thesis.txt").exists()


def test_a_busy_port_is_told_before_any_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["--keep", str(port), "--folder", str(tmp_path / "new")]) == 1
    assert f"port {port} is in use; choose another one with --keep PORT" in capsys.readouterr().err
    assert time.monotonic() - started < 2
    assert not (tmp_path / "new").exists()


def test_nobody_else_reads_the_secret(kept: Kept) -> None:
    assert (kept.folder / "environment.sh").stat().st_mode & 0o777 == 0o600


def test_templates_are_made_when_they_are_asked_for(kept: Kept) -> None:
    """Of an assembly that is there already, `cdk diff` would show no edit."""
    assert kept.environment["CDK_APP"] == f"cd {REPOSITORY} && {SAMPLE_APP}"


def test_a_place_that_is_no_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main(["--folder", str(place)]) == 1
        assert "name another folder with --folder" in capsys.readouterr().err
