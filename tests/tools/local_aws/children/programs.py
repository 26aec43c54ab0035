"""Small programs that try what a container cannot, and looking for what is left of them."""

import os
import sys
import uuid
from pathlib import Path

from tests.tools.local_aws.aws import eventually
from tools.local_aws.children.processes import ChildProcesses

SLEEPER = "import sys, time; time.sleep(600)  # {mark}"
LEADER = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleeper!r}]{session})"
IN_A_SESSION = ", start_new_session=True"


def leader(mark: str, *, session: bool, ends: bool) -> list[str]:
    """A program that starts a sleeper, in a session of its own or not, and ends before it or waits."""
    program = LEADER.format(sleeper=SLEEPER.format(mark=mark), session=IN_A_SESSION if session else "")
    return [sys.executable, "-c", program if ends else f"{program}.wait()"]


def new_mark() -> str:
    return uuid.uuid4().hex


def alive(mark: str) -> set[int]:
    """The processes of this machine with the mark on their command line."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith(mark.encode()) for word in words):
            found.add(int(process.name))
    return found


def wait_for_sleeper(mark: str) -> None:
    assert eventually(lambda: alive(mark))


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home)}


def output_of(processes: ChildProcesses, work: Path, program: str, **variables: str) -> tuple[int, str]:
    """Exit status and output of a Python program whose folder is `work/job`."""
    home, folder = work / "home", work / "job"
    for path in (home, folder):
        path.mkdir(exist_ok=True)
    with (work / "output").open("wb") as output:
        process = processes.start(
            [sys.executable, "-c", program],
            environment=environment(home) | variables,
            folder=folder,
            output=output,
        )
        status = process.wait(30)
    return status, (work / "output").read_text()
