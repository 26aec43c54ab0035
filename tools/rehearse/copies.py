"""Copies of this repository in which something is otherwise than committed."""

import re
import shutil
from collections.abc import Collection
from pathlib import Path

_MODEL = re.compile(r"\bmodel:\s*[\w-]+")
_OUTPUT = ("cdk.out", "rehearsal", ".git")


def copy_repository(repository: Path, copy: Path, own: Collection[str] = ("config",)) -> None:
    """A copy whose own folders can be changed; all others are links."""
    copy.mkdir()
    for path in repository.iterdir():
        # app.py is copied, because Python looks for modules where a script really is.
        if path.name in own:
            shutil.copytree(path, copy / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.name == "app.py":
            shutil.copy(path, copy)
        elif path.name not in _OUTPUT:
            (copy / path.name).symlink_to(path)


def copy_that_deploys_what_is_approved(repository: Path, copy: Path, environment: str) -> None:
    """A copy of the repository in which one environment says `model: latest-approved`."""
    copy_repository(repository, copy)
    file = copy / "config" / "environments" / f"{environment}.yaml"
    file.write_text(_MODEL.sub("model: latest-approved", file.read_text("utf-8")), "utf-8")
