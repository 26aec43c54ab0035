"""The machines of a training job that has several: a folder for each, and the streams of their logs."""

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

_PROGRAM = Path(__file__).with_name("side_by_side.py")


class Log(Protocol):
    """Where lines of a container go."""

    def write(self, line: str) -> None:
        """Adds a line."""

    def flush(self) -> None:
        """Sends what is there."""


def names_of(count: int) -> list[str]:
    """Addresses, because programs resolve the names of their hosts; one machine is called as every one is."""
    return ["localhost"] if count == 1 else [f"127.0.0.{number}" for number in range(1, count + 1)]


def folders_of(folder: Path, count: int) -> list[Path]:
    """The first machine has the job's own folder."""
    return [folder, *(folder / "machines" / str(number) for number in range(2, count + 1))]


def furnish(folder: Path, count: int) -> None:
    """Gives every machine what the first one has, as `FullyReplicated` says."""
    for other in folders_of(folder, count)[1:]:
        shutil.copytree(folder, other, ignore=shutil.ignore_patterns("machines"))


def gather(folder: Path, count: int) -> None:
    """Puts together what they leave: models and outputs of all, and the reason of who failed."""
    for other in folders_of(folder, count)[1:]:
        for left in ("model", "output", "checkpoints"):
            if (other / left).is_dir():
                shutil.copytree(other / left, folder / left, dirs_exist_ok=True)


def together(command: Sequence[str], folder: Path, count: int) -> list[str]:
    """The command that runs it on all machines."""
    if count == 1:
        return list(command)
    folders = map(str, folders_of(folder, count))
    return [sys.executable, str(_PROGRAM), *folders, "--", *command]


class Streams:
    """Sorts the lines of several machines into a stream for each."""

    def __init__(self, stream: Callable[[str], Log], count: int) -> None:
        self._streams = {name: stream(name) for name in (f"algo-{number}" for number in range(1, count + 1))}

    def write(self, line: str) -> None:
        name, tab, rest = line.partition("\t")
        if tab and name in self._streams:
            self._streams[name].write(rest)
        else:
            self._streams["algo-1"].write(line)

    def flush(self) -> None:
        for stream in self._streams.values():
            stream.flush()
