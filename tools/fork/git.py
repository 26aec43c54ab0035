"""What is asked of git, and why it may refuse."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitError(Exception):
    """A command of git failed; the text is what it said."""


def git(root: Path, *arguments: str, given: str = "", variables: Mapping[str, str] | None = None) -> str:
    """What a command prints; raises GitError."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**os.environ, **(variables or {})},
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise GitError(f"git {arguments[0]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def changed_files(root: Path) -> list[str]:
    """What is not committed; files that git has never known do not count."""
    return [line[3:] for line in git(root, "status", "--porcelain", "--untracked-files=no").splitlines()]
