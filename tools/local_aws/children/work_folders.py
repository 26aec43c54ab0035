"""Each server has a temporary folder; one that starts later clears up after those that were killed."""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_PREFIX = "local-aws-"
# Between making a lock and taking it nobody else may take it.
_SECONDS_UNTOUCHED = 10


class WorkFolder:
    """Made with it, and locked as long as its server lives."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = os.open(_lock_of(self.path), os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def clear_up_after_dead_servers() -> None:
    """Removes the folders whose server has not lived to do it, and ends what still runs in them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            lock = os.open(_lock_of(folder), os.O_RDWR)
            try:
                if time.time() - os.fstat(lock).st_ctime > _SECONDS_UNTOUCHED:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _end_programs_in(folder)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _lock_of(folder: Path) -> Path:
    return folder / "lock"


def _end_programs_in(folder: Path) -> None:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                os.kill(int(process.name), signal.SIGKILL)
