"""The libraries of AWS's XGBoost image that its Spark image lacks, in one file for jobs that run there.

Both have the same Python. Nothing is fetched or built, and all steps count and round with the same code.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from importlib.metadata import files
from pathlib import Path

from job import Arguments, base_dir

FILE = "libraries.tar"
NAMES = ("numpy", "pyarrow")
_OF_DEVELOPERS = {"tests", "include", "__pycache__", ".."}


def main(argv: Sequence[str]) -> None:
    """Write <base>/processing/output/libraries/libraries.tar."""
    Arguments(prog="libraries").parse_args(list(argv))
    folder = base_dir() / "processing" / "output" / "libraries"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / FILE, "w") as archive:
        for installed, name in _installed():
            archive.add(installed, name, recursive=False)


def unpack(source: Path, target: Path) -> None:
    with tarfile.open(source / FILE) as archive:
        archive.extractall(target, filter="data")


def _installed() -> Iterator[tuple[Path, str]]:
    for library in NAMES:
        for file in files(library) or ():
            if not _OF_DEVELOPERS & {*file.parts}:
                yield Path(str(file.locate())), str(file)
