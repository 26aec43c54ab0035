"""docs/approvals.yaml: what is destroyed on purpose, why, and until when that may be merged."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.review.findings import Finding, Verdict
from tools.review.stacks import ReviewError

FILE = Path("docs/approvals.yaml")
_KEYS = {"what", "why", "until"}
_LONGEST = datetime.timedelta(days=90)


@dataclass(frozen=True)
class Approval:
    """One entry; `what` is a finding's `what`, to the letter."""

    what: str
    why: str
    until: datetime.date


@dataclass(frozen=True)
class Approved:
    """Findings that destroy something, by whether an entry approves; and entries that approve nothing."""

    approved: dict[Finding, Approval]
    missing: tuple[Finding, ...]
    expired: tuple[Approval, ...]
    idle: tuple[Approval, ...]


def read_approvals(path: Path, today: datetime.date) -> list[Approval]:
    """The entries; ReviewError names the one that is wrong."""
    try:
        content = yaml.safe_load(path.read_text("utf-8")) if path.exists() else []
    except yaml.YAMLError as error:
        raise ReviewError(f"{path} is no YAML: {error}") from error
    if not isinstance(content or [], list):
        raise ReviewError(f"{path} is a list of entries")
    return [_approval(path, number, entry, today) for number, entry in enumerate(content or [], start=1)]


def _approval(path: Path, number: int, entry: object, today: datetime.date) -> Approval:
    if not isinstance(entry, dict) or entry.keys() != _KEYS:
        raise ReviewError(f"{path}, entry {number}: it has {', '.join(sorted(_KEYS))}, and nothing else")
    texts = [entry["what"], entry["why"]]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ReviewError(f"{path}, entry {number}: what and why are sentences")
    if type(entry["until"]) is not datetime.date:
        raise ReviewError(f"{path}, entry {number}: until is a day, such as 2026-12-31")
    if entry["until"] > today + _LONGEST:
        # The same may be destroyed again later, by somebody who has not asked.
        raise ReviewError(
            f"{path}, entry {number}: until is {entry['until']}, and may be {today + _LONGEST} at the latest"
        )
    return Approval(entry["what"], entry["why"], entry["until"])


def approve(findings: Iterable[Finding], approvals: list[Approval], today: datetime.date) -> Approved:
    """Which findings are approved today."""
    destructive = [finding for finding in findings if finding.kind.verdict is Verdict.DESTRUCTIVE]
    valid = {approval.what: approval for approval in approvals if approval.until >= today}
    named = {finding.what for finding in destructive}
    return Approved(
        approved={finding: valid[finding.what] for finding in destructive if finding.what in valid},
        missing=tuple(finding for finding in destructive if finding.what not in valid),
        expired=tuple(each for each in approvals if each.until < today and each.what in named),
        idle=tuple(each for each in approvals if each.what not in named),
    )
