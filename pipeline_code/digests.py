"""SHA-256 of files, written as S3 tells the checksum of an object: in base64.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

DELIVERY_FILE = "delivery.json"
"""Beside the test part: the digest of the delivery that it is from."""


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return _told(hashlib.file_digest(file, "sha256").digest())


def digest_of_folder(folder: Path) -> str:
    """Of the names and contents of all its files, so that another file or name is another digest."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{digest_of_file(folder / name)} {name}\n" for name in names]
    return _told(hashlib.sha256("".join(lines).encode()).digest())


def _told(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
