"""What a training has left: model.tar.gz, which holds a model."""

from __future__ import annotations

import gzip
import posixpath
import tarfile
from collections.abc import Callable
from pathlib import Path

from model import FILES, Model
from tabular import DataError


def load_archive(archive: Path, folder: Path) -> Model:
    """Unpack model.tar.gz into the folder and load it; raises DataError when it is missing or not a model."""
    # Only the files that a model consists of.
    unpack(archive, folder, FILES.__contains__)
    return Model.load(folder)


def unpack(archive: Path, folder: Path, is_wanted: Callable[[str], bool] = lambda _: True) -> None:
    """Write the archive's files into the folder and never elsewhere; raises DataError when it is none."""
    if not archive.is_file():
        raise DataError(f"{archive} does not exist; training must have written it")
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                name, content = posixpath.normpath(member.name), tar.extractfile(member)
                if content and is_wanted(name) and not name.startswith(("/", "..")):
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(content.read())
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, KeyError) as error:
        raise DataError(f"{archive.name} cannot be unpacked: {error}") from error
