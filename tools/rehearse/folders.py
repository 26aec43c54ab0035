"""The folder of one rehearsal: nobody else's files are deleted, and nobody else's rehearsal is disturbed."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.rehearse.errors import RehearsalError

_LOCK = ".in-use"


@contextmanager
def only_here(folder: Path) -> Iterator[None]:
    """No other rehearsal works in the folder meanwhile; `RehearsalError` if one does already."""
    try:
        _refuse_files_of_others(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RehearsalError(
            f"cannot work in {folder}: {error.strerror}; name another folder with --folder"
        ) from error
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RehearsalError(
                f"another rehearsal works in {folder}; end it, or name another folder with --folder"
            ) from None
        yield


def empty(folder: Path) -> None:
    """Start from nothing but the lock."""
    for path in folder.iterdir():
        if path.name == _LOCK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _refuse_files_of_others(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if names and not names & {_LOCK, "cdk.log"}:
        raise RehearsalError(f"{folder} holds files of somebody else; name an empty folder")
