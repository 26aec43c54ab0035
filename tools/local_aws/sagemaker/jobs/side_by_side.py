"""Runs the machines of one training job beside one another, in one network: a program of its own.

Usage: `python side_by_side.py <folder>... -- <program> <argument>...`, with a folder for each machine. Where
the kernel lets it, a machine finds its folder at /opt/ml. Each line of its output begins with `algo-<n>` and
a tab. When one fails the others are ended, and this ends as it did. Needs nothing but Python's library.
"""

import ctypes
import os
import subprocess
import sys
import threading
from contextlib import suppress
from functools import partial

_LIBC = ctypes.CDLL(None, use_errno=True)
_NEW_MOUNTS, _BIND = 0x00020000, 0x1000


def _move_in(folder: str) -> None:
    """Puts the folder at /opt/ml, for this process alone."""
    if _LIBC.unshare(_NEW_MOUNTS) == 0:
        _LIBC.mount(folder.encode(), b"/opt/ml", None, ctypes.c_ulong(_BIND), None)


def _start(folder: str, first: str, command: list[str]) -> subprocess.Popen[str]:
    own = {name: value.replace(first, folder) for name, value in os.environ.items()}
    return subprocess.Popen(
        [word.replace(first, folder) for word in command],
        cwd=folder,
        env=own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=partial(_move_in, folder),
    )


def _tell(name: str, machine: subprocess.Popen[str]) -> None:
    assert machine.stdout is not None
    for line in machine.stdout:
        print(f"{name}\t{line}", end="", flush=True)


def main(folders: list[str], command: list[str]) -> int:
    machines = [_start(folder, folders[0], command) for folder in folders]
    tellers = [
        threading.Thread(target=_tell, args=(f"algo-{number}", machine), daemon=True)
        for number, machine in enumerate(machines, 1)
    ]
    for teller in tellers:
        teller.start()
    while (statuses := [machine.poll() for machine in machines]).count(None):
        if failed := [status for status in statuses if status]:
            return _end(machines, failed[0])
        with suppress(subprocess.TimeoutExpired):
            machines[statuses.index(None)].wait(0.2)
    for teller in tellers:
        teller.join()
    return next((status for status in statuses if status), 0)


def _end(machines: list[subprocess.Popen[str]], status: int) -> int:
    for machine in machines:
        machine.kill()
        machine.wait()
    return status if status > 0 else 128 - status


if __name__ == "__main__":
    cut = sys.argv.index("--")
    sys.exit(main(sys.argv[1:cut], sys.argv[cut + 1 :]))
