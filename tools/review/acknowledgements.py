"""Rows of docs/exceptions.md: what the security checks find and somebody has acknowledged."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.review.findings import Finding, Kind

PAGE = "docs/exceptions.md"
_RULE = re.compile(r"^## (.+)$")
_ROW = re.compile(r"^\| (?P<resource>`.+?`) \| (?P<what>.*?) \| (?P<where>.*?) \| (?P<why>.*) \|$")


def page_of_commit(repository: Path, reference: str) -> str:
    """The page at a commit; empty when it had none."""
    command = ["git", "show", f"{reference}:{PAGE}"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False).stdout


def added(before: str, after: str) -> Iterator[Finding]:
    """A finding per acknowledgement that the page did not have."""
    old = set(_rows(before))
    for rule, resource, what, where, why in _rows(after):
        if (rule, resource, what, where, why) not in old:
            is_known = any((rule, resource, what) == row[:3] for row in old)
            words = "with another reason, or in more environments" if is_known else "acknowledged"
            text = f"{words}: {what + ', ' if what else ''}{where}: {why}"
            yield Finding(Kind.ACKNOWLEDGED, PAGE, f"{rule} {resource}", text)


def _rows(page: str) -> Iterator[tuple[str, str, str, str, str]]:
    rule = ""
    for line in page.splitlines():
        if heading := _RULE.match(line):
            rule = heading[1]
        elif row := _ROW.match(line):
            yield rule, row["resource"].strip("`"), row["what"], row["where"], row["why"]
