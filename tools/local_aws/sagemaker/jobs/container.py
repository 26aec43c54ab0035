"""A process that stands for a container: its own folder instead of `/opt/ml`, its output in a log."""

import os
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.local_aws.children.processes import ChildProcesses, end
from tools.local_aws.sagemaker.jobs.machines import Log

CONTAINER_ROOT = "/opt/ml"
_LINES_KEPT = 2_500
# A longer line is cut into several.
_LONGEST_LINE_BYTES = 4096
# More than the longest answer of a function has, which comes in a file.
_LONGEST_TEXT = 16 << 20


def host_path(folder: Path, container_path: str) -> Path:
    """Where a path of the container lies on this machine."""
    return Path(relocated(folder, container_path))


def relocated(folder: Path, value: str) -> str:
    """The value with a leading `/opt/ml` replaced by the folder that stands for it."""
    if value == CONTAINER_ROOT or value.startswith(CONTAINER_ROOT + "/"):
        return str(folder) + value.removeprefix(CONTAINER_ROOT)
    return value


@dataclass
class Container:
    """One run of one command. `stop` may be called from another thread."""

    processes: ChildProcesses
    folder: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Log
    sockets: Sequence[int] = ()
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES_KEPT))
    timed_out: bool = False
    stopped: bool = False
    interrupted: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, limit_seconds: float | None) -> int:
        """Runs to the end and returns the exit status, negative for a signal.

        `timed_out` and `stopped` tell whether the process was ended from here. Raises `OSError` when the
        command cannot be started.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            if self.stopped:
                return 0
            process = self._process = self._start()
        timer = threading.Timer(limit_seconds or 0, self._time_out)
        timer.daemon = True
        if limit_seconds is not None:
            timer.start()
        try:
            self._read_output(process)
            return process.wait()
        finally:
            timer.cancel()
            self.log.flush()
            _cut_links(self.folder)

    def _start(self) -> subprocess.Popen[bytes]:
        variables = {name: relocated(self.folder, value) for name, value in self.environment.items()}
        return self.processes.start(
            [relocated(self.folder, word) for word in self.command],
            environment=variables | {"SAGEMAKER_BASE_DIR": str(self.folder), "TMPDIR": str(self.folder)},
            folder=self.folder,
            output=subprocess.PIPE,
            sockets=self.sockets,
        )

    def _read_output(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout:
            while raw := process.stdout.readline(_LONGEST_LINE_BYTES):
                line = raw.decode(errors="replace").rstrip()
                self.lines.append(line)
                self.log.write(line)

    def _time_out(self) -> None:
        self.timed_out = True
        self._kill()

    def stop(self) -> None:
        """Kills the process, or keeps it from starting."""
        with self._lock:
            self.stopped = True
        self._kill()

    def interrupt(self) -> None:
        """Kills the process as its machine does that is taken away."""
        self.interrupted = True
        self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            end(self._process)


def _cut_links(folder: Path) -> None:
    """Removes links that lead out of the folder: who reads it next is the server, which sees the machine."""
    inside = os.path.realpath(folder)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside):
                path.unlink()


def failure_reason(container: Container, status: int, message: str) -> str:
    """Why a container failed, as a job's `FailureReason` tells it; without a message its last line serves."""
    if status < 0:
        cause = f"the process was killed from outside by signal {-status}"
        return f"AlgorithmError: {cause}, exit code: {128 - status}"
    last_line = next((line for line in reversed(container.lines) if line.strip()), "")
    return f"AlgorithmError: {message or last_line}, exit code: {status}"


def file_text(path: Path) -> str:
    """The text of a file that a container may have written, or its beginning."""
    if not path.is_file():
        return ""
    with path.open(errors="replace") as file:
        return file.read(_LONGEST_TEXT).strip()
