"""Programs that run on behalf of jobs, endpoints and apps; all of them end with the server."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_CONFINEMENT = Path(__file__).with_name("confinement.py")
_SECONDS_TO_END = 5


class ChildProcesses:
    """Starts programs below one work folder and knows which of them run."""

    def __init__(self, work_folder: Path) -> None:
        self._work_folder = work_folder
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        output: int | IO[bytes] = subprocess.DEVNULL,
        sockets: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Starts a program apart from this machine, its standard output and error both going to `output`.

        `sockets` are file descriptors that it takes over. The thread that starts it must outlive it. Raises
        `RuntimeError` when the embedded AWS is already stopping, `OSError` when it cannot be started.
        """
        if shutil.which(command[0], path=environment.get("PATH", os.defpath)) is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), command[0])
        # Python's own start takes half as long without its site packages.
        confined = [sys.executable, "-I", "-S", str(_CONFINEMENT), str(self._work_folder), str(folder)]
        with self._lock:
            if self._stopped:
                raise RuntimeError("The embedded AWS is stopping: no new process is started.")
            self._running = {process for process in self._running if process.poll() is None}
            process = subprocess.Popen(
                [*confined, *command],
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=sockets,
            )
            self._running.add(process)
            return process

    def stop_all(self) -> None:
        """Ends every program with all its descendants, and refuses to start another one."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()
            # All of them in that time together: whoever stops the server does not wait for each.
            deadline = time.monotonic() + _SECONDS_TO_END
            for process in self._running:
                end(process, deadline - time.monotonic())


def end(process: subprocess.Popen[bytes], seconds: float = _SECONDS_TO_END) -> None:
    """Ends a program of `ChildProcesses` with all its descendants: by force after so many seconds."""
    process.terminate()
    try:
        process.wait(max(seconds, 0))
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
