"""What a job has started ends with it, with the server, and with a server that was killed."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.local_aws.aws import eventually
from tests.tools.local_aws.children.programs import alive, environment, leader, new_mark, wait_for_sleeper
from tools.local_aws.children import confinement
from tools.local_aws.children.processes import ChildProcesses, end
from tools.local_aws.children.work_folders import WorkFolder, clear_up_after_dead_servers

KILLED = """
import os, sys
from pathlib import Path
from tools.local_aws.children.processes import ChildProcesses
folder = Path(sys.argv[1])
ChildProcesses(folder).start(sys.argv[2:], environment=dict(os.environ), folder=folder)
sys.stdin.read()
"""


@pytest.fixture(params=["with namespaces", "without"])
def processes(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ChildProcesses]:
    """On a machine with namespaces, and on one that refuses them."""
    if request.param == "without":
        program = Path(confinement.__file__).read_text("utf-8")
        refusing = program.replace("apart = _is_possible()", "apart = False")
        assert refusing != program
        path = tmp_path / "refusing.py"
        path.write_text(refusing, "utf-8")
        monkeypatch.setattr("tools.local_aws.children.processes._CONFINEMENT", path)
    children = ChildProcesses(tmp_path)
    yield children
    children.stop_all()


@pytest.mark.parametrize("session", [False, True])
def test_what_a_program_leaves_behind_ends_with_it(
    processes: ChildProcesses, tmp_path: Path, session: bool
) -> None:
    mark = new_mark()
    process = processes.start(
        leader(mark, session=session, ends=True),
        environment=environment(tmp_path),
        folder=tmp_path,
        output=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.read()  # a child that held the pipe would keep this from ending
    assert process.wait(10) == 0
    assert alive(mark) == set()


@pytest.mark.parametrize("session", [False, True])
def test_children_and_grandchildren_end_with_the_server(
    processes: ChildProcesses, tmp_path: Path, session: bool
) -> None:
    mark = new_mark()
    command = leader(mark, session=session, ends=False)
    process = processes.start(command, environment=environment(tmp_path), folder=tmp_path)
    wait_for_sleeper(mark)
    processes.stop_all()
    assert process.poll() is not None
    assert alive(mark) == set()


def test_a_program_that_is_ended_takes_all_with_it(processes: ChildProcesses, tmp_path: Path) -> None:
    mark = new_mark()
    command = leader(mark, session=True, ends=False)
    process = processes.start(command, environment=environment(tmp_path), folder=tmp_path)
    wait_for_sleeper(mark)
    end(process)
    assert alive(mark) == set()


def test_nothing_survives_a_server_that_is_killed(tmp_path: Path) -> None:
    mark = new_mark()
    server = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), *leader(mark, session=True, ends=False)],
        cwd=Path(__file__).parents[4],
        stdin=subprocess.PIPE,
        env=environment(tmp_path),
    )
    wait_for_sleeper(mark)
    server.kill()
    server.communicate()
    assert eventually(lambda: not alive(mark))


@pytest.mark.parametrize(("program", "status"), [("raise SystemExit(7)", 7), ("os.kill(os.getpid(), 9)", -9)])
def test_a_program_ends_as_it_would_elsewhere(
    processes: ChildProcesses, tmp_path: Path, program: str, status: int
) -> None:
    command = [sys.executable, "-c", f"import os; {program}"]
    process = processes.start(command, environment=environment(tmp_path), folder=tmp_path)
    assert process.wait(10) == status


def test_a_stopped_server_starts_nothing(processes: ChildProcesses, tmp_path: Path) -> None:
    processes.stop_all()
    with pytest.raises(RuntimeError, match="is stopping"):
        processes.start([sys.executable, "-c", ""], environment={}, folder=tmp_path)


def test_a_program_that_does_not_exist_says_so(processes: ChildProcesses, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        processes.start(["/no-such-program"], environment={}, folder=tmp_path)


def test_the_folder_of_a_dead_server_is_removed_with_its_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living, dead = WorkFolder(), WorkFolder()
    (dead.path / "object").write_text("data")
    os.close(dead._lock)
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], cwd=dead.path)
    clear_up_after_dead_servers()
    assert dead.path.exists()  # it might just be starting
    later = time.time() + 60
    monkeypatch.setattr("tools.local_aws.children.work_folders.time.time", lambda: later)
    clear_up_after_dead_servers()
    assert list(tmp_path.iterdir()) == [living.path]
    assert sleeper.wait(10) == -9
    living.remove()
    assert list(tmp_path.iterdir()) == []
